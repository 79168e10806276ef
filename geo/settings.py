"""Settings, all from the environment, with defaults that are safe on a developer's machine."""

import os
from pathlib import Path
from typing import Any

from geo import drivers, environment

# GDAL reads this once, when it is first loaded.
os.environ["OGR_SKIP"] = drivers.skipped()

import pyogrio
import shapely

BASE_DIR = environment.PROJECT
ADDRESS = environment.site_address()
IS_PRODUCTION = ADDRESS.is_production
STATE_DIR = environment.state_folder()


def _carried_library(module: Any, pattern: str) -> str | None:
    """Path of a C library inside a wheel: newer than the system's, and closed to the network."""
    folder = Path(module.__file__).parent
    found = sorted(folder.with_name(f"{folder.name}.libs").glob(pattern))
    return str(found[0]) if found else None


if _gdal := _carried_library(pyogrio, "libgdal*.so*"):
    GDAL_LIBRARY_PATH = _gdal
if _geos := _carried_library(shapely, "libgeos_c*.so*"):
    GEOS_LIBRARY_PATH = _geos

SECRET_KEY = environment.secret("secret_key")
DEBUG = False
ALLOWED_HOSTS = [ADDRESS.host] if IS_PRODUCTION else [*environment.LOCAL_HOSTS, ADDRESS.host]
CSRF_TRUSTED_ORIGINS = [ADDRESS.url]

INSTALLED_APPS = [
    "geo.apps.GeoConfig",
    "geo.accounts.apps.AccountsConfig",
    "planning.apps.PlanningConfig",
    "reports.apps.ReportsConfig",
    "layers.apps.LayersConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "geo.apps.StaticConfig",
    "django.contrib.gis",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Before the check against forgery, which reads the body.
    "geo.body_limit.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "geo.viewer.ViewerMiddleware",
    "geo.error_pages.ErrorMiddleware",
]
ROOT_URLCONF = "geo.urls"
WSGI_APPLICATION = "geo.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "geo.page.page",
            ],
        },
    },
]

# ---- database: one alias, the role by process ----
DB_ROLE = os.environ.get("CIVICGRID_DB_ROLE", "web")
if DB_ROLE not in {"owner", "web"}:
    raise environment.ConfigurationError(
        f"CIVICGRID_DB_ROLE is {DB_ROLE!r}; it is either owner or web"
    )
DATABASES = {
    "default": {
        # A gather costs a tile seven times its work (16 ms against 2.2 ms).
        **environment.database(
            "owner" if DB_ROLE == "owner" else "web",
            {"options": "-c max_parallel_workers_per_gather=0"} if DB_ROLE == "web" else {},
        ),
        # A new backend pays about 20 ms for loading PostGIS: keep it.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": os.environ.get("CIVICGRID_TEST_DATABASE")},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- people ----
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ---- mail: through the city's server; without one, into files that a developer can read ----
if _mail := environment.mail():
    vars().update(_mail)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = STATE_DIR / "mail"
SENDS_MAIL = bool(_mail) or not IS_PRODUCTION
DEFAULT_FROM_EMAIL = os.environ.get("CIVICGRID_MAIL_FROM", f"no-reply@{ADDRESS.host}")
# A step that is taken back within this time is never mailed.
MAIL_DELAY_S = int(os.environ.get("CIVICGRID_MAIL_DELAY", "120"))

# ---- other servers and folders whose data is kept fresh; see docs/staying-fresh.md ----
SYNC_FOLDER = os.environ.get("CIVICGRID_SYNC", "")
# 1, or networks such as 10.1.0.0/16: what may be reached besides the public internet.
SYNC_PRIVATE = os.environ.get("CIVICGRID_SYNC_PRIVATE", "")

# ---- language and time ----
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "geo/locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# ---- files: all from this host ----
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [
    (f"vendor/{name}", path)
    for name, path in (
        ("maplibre-gl", BASE_DIR / "node_modules/maplibre-gl/dist"),
        ("inter", BASE_DIR / "node_modules/@fontsource-variable/inter"),
        ("lucide", BASE_DIR / "node_modules/lucide-static"),
    )
    if path.is_dir()
]

# ---- security ----
SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_FAILURE_VIEW = "geo.views.forgery"
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
# One proxy in front, named by the city; without it, nobody's header is believed.
TRUSTED_PROXIES = [
    p.strip() for p in os.environ.get("CIVICGRID_TRUSTED_PROXIES", "").split(",") if p.strip()
]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = ["layers.uploads.MemoryUploads"]
# The most that an administrator may send at once to be imported.
UPLOAD_MOST_BYTES = int(os.environ.get("CIVICGRID_UPLOAD_MOST_BYTES", "1000000000"))
# How many reports one address may send in ten minutes; a city behind one gateway wants more.
REPORT_TRIES = int(os.environ.get("CIVICGRID_REPORT_TRIES", "30"))

# The most that one file of places may be, also unpacked: read in streams, so disk is the measure.
IMPORT_MOST_BYTES = int(os.environ.get("CIVICGRID_IMPORT_MOST_BYTES", "4000000000"))

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "layers.errors.rest_exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"receipts": {"()": "geo.log.WithoutReceipts"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["receipts"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    # The GDAL that rasterio carries has no such drivers as some that OGR_SKIP names, and says so.
    "loggers": {"rasterio._env": {"level": "ERROR"}},
}

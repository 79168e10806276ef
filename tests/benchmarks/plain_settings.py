"""The site's settings, without what stands around its views."""

from geo.settings import *  # noqa: F403 - all of them but these

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.benchmarks.plain_site"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}

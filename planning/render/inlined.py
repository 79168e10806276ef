"""What a standalone page carries with it: the map's script, its styles and the font, inlined."""

import base64
import re
from functools import cache
from pathlib import Path

from django.conf import settings

from layers.errors import NotFound

STYLE_SHEET = Path(__file__).parent / "assets" / "page.css"
LEAFLET = Path("node_modules/leaflet/dist")
FONT = Path("node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")

# The page may not ask any host for anything, wherever it is opened.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:"
)
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
NO_PREFIX = "L.Control.Attribution.prototype.options.prefix = false;"


@cache
def head() -> str:
    """Return what stands in the page's head: policy, styles and scripts.

    Raises
    ------
    NotFound
        When the map's scripts are not installed.
    """
    styles = f"{_font_face()}\n{_leaflet_styles()}\n{STYLE_SHEET.read_text()}"
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">{VIEWPORT}'
        f"<style>{styles}</style><script>{_leaflet_script()}\n{NO_PREFIX}</script>"
    )


def without_addresses(page: str) -> str:
    """Drop the links to their makers that libraries write into their output."""
    return re.sub(r"https?://leafletjs\.com", "", page)


def _asset(path: Path) -> bytes:
    full: Path = settings.BASE_DIR / path
    if not full.is_file():
        message = f"{path} is missing. Run script/server once, or npm ci, then try again."
        raise NotFound(message)
    return full.read_bytes()


def _in_base64(path: Path) -> str:
    return base64.b64encode(_asset(path)).decode()


def _font_face() -> str:
    return (
        '@font-face { font-family: "Inter Variable"; font-weight: 100 900; '
        f"src: url(data:font/woff2;base64,{_in_base64(FONT)}) format('woff2'); }}"
    )


def _leaflet_styles() -> str:
    styles = _asset(LEAFLET / "leaflet.css").decode()
    styles = re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)
    for name in ("layers.png", "layers-2x.png", "marker-icon.png"):
        picture = f"data:image/png;base64,{_in_base64(LEAFLET / 'images' / name)}"
        styles = styles.replace(f"url(images/{name})", f"url({picture})")
    return styles


def _leaflet_script() -> str:
    script = _asset(LEAFLET / "leaflet.js").decode()
    return script.replace("//# sourceMappingURL=leaflet.js.map", "")

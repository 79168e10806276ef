"""Makes small pictures of standalone maps, as ``manage.py study … --output FILE.html`` writes them.

``.venv/bin/python -m tests.browser.map_pictures FOLDER FILE.html…`` writes ``FOLDER/FILE.png``.
"""

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SEEN_PX = {"width": 1280, "height": 800}
PANEL_PX = 384
PANEL_COLOURS, MAP_COLOURS = 96, 96
STILL_MS = 1500
"""After this, a map of some thousand cells is drawn."""


def main(folder: Path, pages: list[Path]) -> None:
    """Open each page as a desktop shows it, and keep what is seen with few colours."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for path in pages:
            page = chromium.new_page(viewport=SEEN_PX)
            page.goto(path.resolve().as_uri())
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(STILL_MS)
            seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            _few_colours(seen).save(folder / f"{path.stem}.png", optimize=True)
            page.close()
        chromium.close()


def _few_colours(seen: Image.Image) -> Image.Image:
    """Keep the colours of the panel and of the map apart: a legend's are few beside a ground's."""
    panel = seen.crop((0, 0, PANEL_PX, seen.height)).quantize(PANEL_COLOURS, kmeans=2)
    ground = seen.crop((PANEL_PX, 0, *seen.size)).quantize(MAP_COLOURS, kmeans=2)
    both = Image.new("P", (1, 1))
    both.putpalette((panel.getpalette() or []) + (ground.getpalette() or []))
    return seen.quantize(palette=both, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])

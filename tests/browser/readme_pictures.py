"""Makes the README's pictures small, out of those that the long run leaves.

``script/test --slow tests/browser/test_accessibility.py`` takes them;
``.venv/bin/python -m tests.browser.readme_pictures`` writes the chosen ones to ``docs/pictures``.
"""

import os
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
TAKEN = Path(os.environ.get("CIVICGRID_PICTURES", ROOT / ".state/pictures"))
CHOSEN = {
    "home-light": "home.en.1280.light",
    "home-dark": "home.en.1280.dark",
    "report-on-a-phone": "report-kind.en.390.light",
    "public-page": "public-overdue.en.390.light",
}
COLOURS = 128
HIGHEST_PX = 844


def main() -> None:
    """Write each chosen picture with few colours, cut to the height of a phone."""
    for name, taken in CHOSEN.items():
        with Image.open(TAKEN / f"{taken}.png") as picture:
            cut = picture.convert("RGB").crop(
                (0, 0, picture.width, min(picture.height, HIGHEST_PX))
            )
        few = cut.quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(ROOT / f"docs/pictures/{name}.png", optimize=True)


if __name__ == "__main__":
    main()

"""Excel files as Excel writes them: texts that are shared, moments as styled numbers of days."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones
DAY_AND_TIME = 22
"""The number of a built-in format: a day and a time."""

Cell = str | float | datetime | None


def workbook(rows: Sequence[Sequence[Cell]], empty_rows: int = 0) -> bytes:
    """Return a workbook of an empty sheet and one that holds the rows below some empty ones."""
    texts: dict[str, int] = {}
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(cell, texts) for cell in row)}</row>'
        for number, row in enumerate(rows, empty_rows + 1)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _parts(lines, texts).items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return out.getvalue()


def _cell(cell: Cell, texts: dict[str, int]) -> str:
    match cell:
        case None | "":
            return "<c/>"
        case datetime():
            days = (cell - FIRST_DAY).total_seconds() / 86_400
            return f'<c s="1"><v>{days!r}</v></c>'
        case str():
            return f'<c t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>'
        case _:
            return f"<c><v>{cell!r}</v></c>"


def _parts(lines: str, texts: dict[str, int]) -> dict[str, str]:
    shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    sheets = {"xl/worksheets/sheet1.xml": "", "xl/worksheets/sheet2.xml": lines}
    kinds = {"workbook": "sheet.main", "styles": "styles", "sharedStrings": "sharedStrings"}
    overrides = [(f"xl/{name}.xml", kind) for name, kind in kinds.items()]
    overrides += [(name, "worksheet") for name in sheets]
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{SHEET}.{kind}+xml"/>'
        for name, kind in overrides
    )
    related = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            [
                ("worksheet", "worksheets/sheet1.xml"),
                ("worksheet", "worksheets/sheet2.xml"),
                ("styles", "styles.xml"),
                ("sharedStrings", "sharedStrings.xml"),
            ],
            1,
        )
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Notes" sheetId="1" '
            'r:id="r1"/><sheet name="Reports" sheetId="2" r:id="r2"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'
        ),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/>'
            '</fills><borders count="1"><border/></borders><cellXfs count="2"><xf numFmtId="0"/>'
            f'<xf numFmtId="{DAY_AND_TIME}" applyNumberFormat="1"/></cellXfs></styleSheet>'
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        **{
            name: f'<worksheet xmlns="{MAIN}"><sheetData>{content}</sheetData></worksheet>'
            for name, content in sheets.items()
        },
    }

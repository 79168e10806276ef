"""Long SQL statements, kept in files beside the code that runs them."""

from functools import cache
from pathlib import Path


@cache
def statement(package_file: str, name: str) -> str:
    """Return the text of ``sql/<name>.sql`` next to the module whose ``__file__`` is given."""
    return (Path(package_file).parent / "sql" / f"{name}.sql").read_text()

"""Keys of other servers: they stand in the environment, never in the file of a source."""

import os

from layers.toml import Table


def secret(table: Table, name: str) -> str:
    """Return the value of the environment variable that ``name`` gives; empty where none is given.

    Raises
    ------
    InvalidInput
        When the variable is not set.
    """
    variable = table.text(name, "")
    if not variable:
        return ""
    value = os.environ.get(variable, "")
    if not value:
        raise table.wrong(
            f"has {name} = {variable!r}; set that environment variable to the key itself"
        )
    return value

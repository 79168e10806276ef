"""PostgreSQL's programs on this machine."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")


@dataclass(frozen=True, order=True)
class Postgres:
    """One installed release that has PostGIS.

    Parameters
    ----------
    major : int
        Its major version; data folders of different majors are incompatible.
    programs : Path
        The folder of `initdb`, `pg_ctl` and `psql`.
    """

    major: int
    programs: Path

    def program(self, name: str) -> Path:
        """Return the path of one of its programs."""
        return self.programs / name


def installed() -> list[Postgres]:
    """Return every release with PostGIS, newest first: Debian's folders, else `pg_config`'s."""
    found = set()
    for programs in Path("/usr/lib/postgresql").glob("*/bin"):
        share = Path("/usr/share/postgresql") / programs.parent.name
        if (programs / "initdb").exists() and _is_complete(share):
            found.add(Postgres(int(programs.parent.name), programs))
    if not found and (config := shutil.which("pg_config")):
        programs, share, version = (
            subprocess.run([config, option], capture_output=True, text=True, check=True).stdout
            for option in ("--bindir", "--sharedir", "--version")
        )
        major = re.search(r"\d+", version)
        folder = Path(programs.strip())
        if major and (folder / "initdb").exists() and _is_complete(Path(share.strip())):
            found.add(Postgres(int(major[0]), folder))
    return sorted(found, reverse=True)


def _is_complete(share: Path) -> bool:
    return all((share / "extension" / f"{name}.control").exists() for name in EXTENSIONS)

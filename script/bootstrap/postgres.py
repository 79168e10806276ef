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
    found = {
        Postgres(int(programs.parent.name), programs)
        for programs in Path("/usr/lib/postgresql").glob("*/bin")
        if _is_complete(programs, Path("/usr/share/postgresql") / programs.parent.name)
    }
    if not found and (config := shutil.which("pg_config")):
        programs, share = (Path(_ask(config, name)) for name in ("--bindir", "--sharedir"))
        major = re.search(r"\d+", _ask(config, "--version"))
        if major and _is_complete(programs, share):
            found.add(Postgres(int(major[0]), programs))
    return sorted(found, reverse=True)


def _ask(config: str, option: str) -> str:
    done = subprocess.run([config, option], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _is_complete(programs: Path, share: Path) -> bool:
    return (programs / "initdb").exists() and all(
        (share / "extension" / f"{name}.control").exists() for name in EXTENSIONS
    )

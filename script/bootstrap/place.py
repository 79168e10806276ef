"""Where this clone keeps its things."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Place:
    """The folders of one clone, used by one operating system user.

    Parameters
    ----------
    root : Path
        The clone.
    state : Path
        Secrets, logs, caches and (without root) the cluster; never committed.
    uid : int
        Who uses the clone: two users of one folder share nothing but the code.
    """

    root: Path
    state: Path
    uid: int

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits that differ between clones and between users."""
        return hashlib.sha256(f"{self.uid}:{self.root}".encode()).hexdigest()[:12]

    @property
    def logs(self) -> Path:
        """What the steps and the processes wrote."""
        return self.state / "log"

    @property
    def secrets(self) -> Path:
        """Generated keys and passwords."""
        return self.state / "secrets"

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter that has the project's packages."""
        return self.venv / "bin" / "python"

    @property
    def cluster(self) -> Path:
        """Data of the private cluster: root's own home is closed to the user that serves it."""
        if self.uid == 0:
            return Path("/var/lib/civicgrid") / self.key
        return self.state / "cluster"

    @property
    def socket(self) -> Path:
        """Folder of the cluster's socket: its path must stay below 108 bytes."""
        return Path("/tmp") / f"civicgrid-{self.key}"  # noqa: S108 - made 0700, owner checked

    def prepare(self) -> None:
        """Make the folders that everything else writes to."""
        for folder in (self.state, self.logs, self.secrets):
            folder.mkdir(parents=True, exist_ok=True)
        self.state.chmod(0o700)
        self.secrets.chmod(0o700)


def here() -> Place:
    """Return the place of the clone that this file lies in; `CIVICGRID_STATE` moves its state."""
    state = Path(os.environ.get("CIVICGRID_STATE") or ROOT / ".state")
    return Place(ROOT, state if state.is_absolute() else ROOT / state, os.getuid())

import shutil
import subprocess
from pathlib import Path

import pytest
from bootstrap.place import ROOT


@pytest.mark.parametrize("script", ["server", "test", "database", "lock"])
def test_without_python_an_administrator_is_told_the_command(tmp_path: Path, script: str):
    for name in ("dirname", "id"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    bash = str(shutil.which("bash"))
    done = subprocess.run(
        [bash, ROOT / "script" / script],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "Python 3.11 or newer is missing: ask an administrator for "
        "`apt-get install python3 python3-venv` and run this again.\n"
    )


def test_help_is_there_without_any_set_up(tmp_path: Path):
    shutil.copytree(ROOT / "script", tmp_path / "script")
    for script in ("server", "test", "database", "lock"):
        done = subprocess.run(
            [tmp_path / "script" / script, "--help"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0
        assert f"script/{script}" in done.stdout
    assert not (tmp_path / ".state").exists()

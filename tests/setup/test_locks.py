import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bootstrap.locks import pins, problems, without_addresses
from bootstrap.place import ROOT

Edit = Callable[[str], str]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "package-lock.json", tmp_path)
    return tmp_path


def test_the_lock_files_hold_hashes_and_no_address():
    assert problems(ROOT) == []


def test_the_service_and_the_checks_use_the_same_versions():
    base, dev = (pins((ROOT / f"requirements/{name}.txt").read_text()) for name in ("base", "dev"))
    assert len(base) > 30
    assert base <= dev


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        (
            "requirements/base.txt",
            lambda text: "--index-url https://packages.example/simple\n" + text,
            "requirements/base.txt names an address",
        ),
        (
            "requirements/dev.txt",
            lambda text: text + "left-pad==1.0\n",
            "requirements/dev.txt: left-pad==1.0 has no pin with a hash",
        ),
        (
            "requirements/node.txt",
            lambda text: text.replace("==", ">="),
            "has no pin with a hash",
        ),
        (
            "requirements/base.txt",
            lambda text: text.replace("\ndjango==", "\ndjango==9.", 1),
            "requirements/dev.txt does not hold django==9.",
        ),
        (
            "package-lock.json",
            lambda text: text.replace('"lockfileVersion"', '"u": "https://x", "lockfileVersion"'),
            "package-lock.json names an address",
        ),
        (
            "package-lock.json",
            lambda text: text.replace('"integrity"', '"checked"', 1),
            "package-lock.json: node_modules/",
        ),
    ],
)
def test_it_finds_what_should_not_be_in_them(copy: Path, name: str, edit: Edit, said: str):
    path = copy / name
    path.write_text(edit(path.read_text()))
    assert any(said in problem for problem in problems(copy))


def test_npm_s_addresses_are_stripped_and_all_else_is_kept():
    lock = {
        "packages": {
            "node_modules/map": {
                "version": "1.0.0",
                "resolved": "https://registry.example/map.tgz",
                "integrity": "sha512-x",
                "funding": [{"url": "https://example.org/give"}],
                "bin": {"map": "bin/map"},
            }
        }
    }
    stripped = without_addresses(lock)
    assert "://" not in json.dumps(stripped)
    assert stripped == {
        "packages": {
            "node_modules/map": {
                "version": "1.0.0",
                "integrity": "sha512-x",
                "bin": {"map": "bin/map"},
            }
        }
    }

"""Files in a folder: new and changed ones are imported by the command that fits their name."""

import hashlib
import shlex
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, TypedDict

from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError

from layers.errors import CivicError
from layers.sync.kinds import Outcome, Work
from layers.toml import Table

FILE = "{file}"
IMPORTERS = "import_"
"""How the names of the commands begin that a rule may run."""
MOST_TOLD = 2_000


class Seen(TypedDict):
    """A file as it was the last time: its digest, why it failed, whether it ever came in."""

    digest: str
    error: str
    is_here: bool


@dataclass(frozen=True)
class Rule:
    """Which files, and the words of the command that imports one of them."""

    match: str
    words: tuple[str, ...]

    def command(self, file: Path, folder: Path) -> list[str]:
        """Return the command's words for a file; what else names a file does so from `folder`."""
        return [
            word.replace(FILE, str(file)) if FILE in word else _from(folder, word)
            for word in self.words
        ]


@dataclass(frozen=True)
class FromFolder:
    """A folder whose files are imported."""

    folder: Path
    rules: tuple[Rule, ...]
    beside: Path
    """The folder of the source's own file: mappings are named from there."""

    def bring(self, work: Work) -> Outcome:
        """Import what is new or changed, each file all or nothing.

        What failed is said each time, and tried again when the file or its command changes.
        """
        if not self.folder.is_dir():
            message = f"{work.name}: {self.folder} is no folder. Make it, or name another."
            raise CivicError(message)
        before: dict[str, Seen] = work.memory.get("files", {})
        found = self._files()
        now: dict[str, Seen] = {}
        outcome = Outcome(came=len(found), memory={"files": now})
        for position, (file, rule) in enumerate(found):
            name = file.relative_to(self.folder).as_posix()
            work.progress(position / len(found), f"Importing {name}"[:200])
            words = rule.command(file, self.beside)
            earlier = before.get(name, {"digest": "", "error": "", "is_here": False})
            if earlier["digest"] != (digest := _digest(words)) or work.from_the_start:
                now[name] = _imported(name, words, digest, earlier, outcome)
                again = ""
            else:
                now[name] = earlier
                outcome.unchanged += not earlier["error"]
                again = "; it has not changed since"
            if error := now[name]["error"]:
                outcome.left_out += 1
                outcome.notes.append(f"{name} was not imported: {error}{again}")
        gone = sorted(set(before) - set(now))
        outcome.vanished = len(gone)
        outcome.notes += [
            f"{name} is no more in the folder; what it brought stays" for name in gone
        ]
        return outcome

    def _files(self) -> list[tuple[Path, Rule]]:
        """Return the files that some rule fits, in the order of the rules, each with its first."""
        inside = self.folder.resolve()
        found: dict[Path, Rule] = {}
        for rule in self.rules:
            for path in sorted(self.folder.glob(rule.match)):
                if path.is_file() and path.resolve().is_relative_to(inside):
                    found.setdefault(path, rule)
        return list(found.items())


def _imported(
    name: str, words: Sequence[str], digest: str, earlier: Seen, outcome: Outcome
) -> Seen:
    """Import a file; return what the next run must know of it."""
    said = StringIO()
    try:
        with redirect_stderr(StringIO()):
            call_command(*words, stdout=said)
    except (CommandError, CivicError) as error:
        return {**earlier, "digest": digest, "error": str(error)}
    outcome.added += not earlier["is_here"]
    outcome.changed += earlier["is_here"]
    outcome.notes.append(f"{name}:")
    outcome.notes += [f"  {line}" for line in said.getvalue()[:MOST_TOLD].splitlines()]
    return {"digest": digest, "error": "", "is_here": True}


def _digest(words: Sequence[str]) -> str:
    """Return the digest of a command and of every file that it names."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\0")
        if (path := Path(word)).is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _from(folder: Path, word: str) -> str:
    """Return a word, as a path where a file of that name lies in the folder."""
    path = folder / word
    return str(path) if path.is_file() else word


def read_folder(table: Table, beside: Path) -> FromFolder:
    """Read a source of the kind ``folder``."""
    folder = beside / Path(table.text("folder")).expanduser()
    rules = []
    for entry in table.tables("files"):
        rule = Rule(entry.text("match"), _words(entry))
        entry.end()
        rules.append(rule)
    if not rules:
        raise table.wrong("needs at least one [[files]] with match and command")
    return FromFolder(folder, tuple(rules), beside)


def _words(entry: Table) -> tuple[str, ...]:
    """Read a command line: that of an import, with ``{file}`` where the file stands."""
    line = entry.text("command")
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise entry.wrong(f"has a command that cannot be read ({error}): {line}") from error
    known = sorted(name for name in get_commands() if name.startswith(IMPORTERS))
    if not words or words[0] not in known:
        raise entry.wrong(f"has the command {line!r}; it must begin with one of {', '.join(known)}")
    if not any(FILE in word for word in words):
        raise entry.wrong(f"has the command {line!r}; put {FILE} where the file's path belongs")
    _check_options(entry, words)
    return tuple(words)


def _check_options(entry: Table, words: Sequence[str]) -> None:
    """Refuse options that the command does not have, before any file came."""
    command = load_command_class(get_commands()[words[0]], words[0])
    parser: Any = command.create_parser("manage.py", words[0])
    parser.called_from_command_line = False
    try:
        with redirect_stderr(StringIO()):
            parser.parse_args([word.replace(FILE, "file") for word in words[1:]])
    except CommandError as error:
        raise entry.wrong(f"has a command that is not understood: {error}") from error

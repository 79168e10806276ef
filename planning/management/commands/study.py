"""``manage.py study METHOD``: asks a study from the shell and waits for its answer."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.urls import reverse

from layers import jobs
from layers.access import Viewer
from layers.commands import CivicCommand, watched
from layers.errors import InvalidInput
from planning import runs, studies
from planning.methods import Method, methods
from planning.models import Run
from planning.parameters import Parameter
from planning.render.folium_map import standalone_page
from planning.render.sheet import sheet_of

SHELL = Viewer(roles=frozenset({"administrator"}))
"""Whoever has a shell on the server may do what an administrator may."""
INTERRUPTED = 130
FILTERS = {
    "family": "cat",
    "category": "category",
    "phase": "phase",
    "since": "since",
    "until": "until",
}
"""Name of the option: name of the filter."""


TAKEN_OVER = "The run was ended from elsewhere. Run the study again."


class Command(CivicCommand):
    """Run a study in the foreground."""

    help = "Runs a study and stores its result as a layer; --list says which methods there are."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the method, its parameters and what the source is narrowed to."""
        parser.add_argument("method", nargs="?", help="one of those that --list names")
        parser.add_argument("--list", action="store_true", help="list methods and parameters")
        parser.add_argument(
            "--param",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="set a parameter of the method; may be given again",
        )
        parser.add_argument(
            "--source",
            default="",
            metavar="SLUG",
            help="count the things of this layer instead, such as assets-street-light",
        )
        parser.add_argument("--family", default="", help="reports of one family: roads, water, …")
        parser.add_argument("--category", default="", help="reports of one category, by its code")
        parser.add_argument("--phase", default="", help="reports of one phase: new, open, …")
        parser.add_argument("--since", default="", metavar="DATE", help="first day, YYYY-MM-DD")
        parser.add_argument("--until", default="", metavar="DATE", help="last day, included")
        parser.add_argument("--title", default="", help="what the result layer is called")
        parser.add_argument(
            "--output", type=Path, metavar="FILE.html", help="write the map as one page, too"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """List, or run and print what was found."""
        if options["list"]:
            self.stdout.write("\n".join(_catalogue()))
            return
        if not options["method"]:
            message = "Which method? `manage.py study --list` names them."
            raise InvalidInput(message, field="method")
        _check_output(options["output"])
        asked = {name: options[option] for option, name in FILTERS.items() if options[option]}
        study = studies.create(
            options["method"],
            SHELL,
            source=options["source"],
            parameters=_pairs(options["param"]),
            filters=asked,
            title=options["title"],
        )
        run = _execute(runs.prepare(study, SHELL))
        if run.state == Run.State.CANCELLED:
            raise CommandError(jobs.STOPPED, returncode=INTERRUPTED)
        if run.state != Run.State.SUCCEEDED or run.result is None:
            raise CommandError(run.error or TAKEN_OVER)
        self.stdout.write("\n".join(_answer(run)))
        if options["output"]:
            options["output"].write_text(standalone_page(sheet_of(run, SHELL)))
            self.stdout.write(f"map: {options['output']}")


def _check_output(path: Path | None) -> None:
    """Refuse a file that cannot be written before the work, not after it."""
    if path and not path.parent.is_dir():
        message = f"There is no folder {str(path.parent)!r} for --output; make it first."
        raise InvalidInput(message, field="output")


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, is_pair, value = text.partition("=")
        if not is_pair:
            message = f"--param is {text!r}; give it as name=value, such as cell_m=200."
            raise InvalidInput(message, field="param")
        pairs[name] = value
    return pairs


def _execute(run: Run) -> Run:
    """Run it under a progress bar; an interrupt stops it cleanly."""
    with watched() as show:
        ended = runs.execute(run.pk, show)
    return ended or run


def _catalogue() -> Iterator[str]:
    for method in methods():
        yield f"{method.slug}: {method.question}"
        yield f"    {method.description}"
        for parameter in method.parameters:
            yield f"    --param {parameter.name}={parameter.default}  {_meaning(parameter)}"
        if names := _options_of(method):
            yield f"    {' '.join(names)}"
        yield ""


def _meaning(parameter: Parameter) -> str:
    return f"{parameter.title}: {parameter.allowed()}. {parameter.help}"


def _options_of(method: Method[Any]) -> list[str]:
    taken = {parameter.name for parameter in method.filters}
    of_things = ["--source"] if method.read_points else []
    return of_things + [f"--{option}" for option, name in FILTERS.items() if name in taken]


def _answer(run: Run) -> Iterator[str]:
    yield run.finding_in_words
    yield ""
    for name, value in run.summary.items():
        yield f"{name.replace('_', ' ')}: {_figure(value)}"
    seconds = ", ".join(f"{step} {spent:.2f} s" for step, spent in run.timings.items())
    yield f"time: {seconds}"
    yield f"fingerprint of the data: {run.fingerprint}"
    if run.result:
        yield f"layer: {run.result.slug}"
        yield f"tiles: {reverse('tile_json', args=[run.result.slug])}"


def _figure(value: Any) -> str:
    match value:
        case float():
            return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
        case Mapping():
            return ", ".join(f"{name} {_figure(part)}" for name, part in value.items()) or "none"
        case list():
            return ", ".join(map(_figure, value))
        case None:
            return "not defined"
        case int():
            return f"{value:,}"
        case _:
            return str(value)

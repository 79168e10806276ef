"""The methods that a study may use: each one pure function and one registration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext

from layers.errors import InvalidInput, NotFound
from planning.material import Points, Source
from planning.parameters import Parameter, Value, Values, parse_all
from planning.progress import Progress
from planning.results import Outcome
from planning.sources import check_filters, filters_of, point_layer

S = TypeVar("S", bound=Source)


@dataclass(frozen=True)
class Method(Generic[S]):
    """A question that can be asked of a source.

    `read` brings the source (it takes the filters), `run` answers: a pure function of the source,
    the parsed parameters and a callback for progress and cancel.
    """

    slug: str
    title: str
    question: str
    description: str
    source: str
    """Slug of the layer that is read, where no other is asked for."""
    reference: str
    parameters: tuple[Parameter, ...]
    read: Callable[[Mapping[str, str]], S]
    run: Callable[[S, Values, Progress], Outcome]
    read_points: Callable[[str], Points] | None = None
    """Reads a layer of things by its slug, where the method can be asked of any points."""

    @property
    def filters(self) -> tuple[Parameter, ...]:
        """What the source can be narrowed to."""
        return filters_of(self.source)

    def parse(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """Return a typed value for each parameter.

        Raises
        ------
        InvalidInput
            For a value or a name that is not allowed.
        """
        return parse_all(self.parameters, given)

    def parse_filters(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """Return the filters that are set.

        Raises
        ------
        InvalidInput
            For a value or a name that is not allowed.
        """
        parsed = {name: value for name, value in parse_all(self.filters, given).items() if value}
        check_filters(parsed)
        return parsed

    def check_source(self, slug: str, filters: Mapping[str, Value]) -> None:
        """Refuse a source that this method cannot be asked of, or not with these filters.

        Raises
        ------
        InvalidInput
            When the method reads another layer, the layer holds no things, or filters are set
            that only its own source has.
        """
        if slug == self.source:
            return
        if self.read_points is None:
            message = gettext("“%(method)s” studies “%(own)s” and nothing else, so not “%(slug)s”.")
            named = {"method": gettext(self.title), "own": self.source, "slug": slug}
            raise InvalidInput(message % named, field="source")
        layer = point_layer(slug)
        if filters:
            message = gettext("“%(title)s” cannot be narrowed; leave this empty.")
            raise InvalidInput(message % {"title": layer.title}, field=next(iter(filters)))

    def bring(self, slug: str, filters: Mapping[str, str]) -> S | Points:
        """Read what a study is about.

        Raises
        ------
        InvalidInput
            When there is nothing to study, or the layer is not there any more.
        """
        if slug != self.source and self.read_points:
            return self.read_points(slug)
        return self.read(filters)

    def explain(self, error: ValueError) -> InvalidInput:
        """Translate a kernel's refusal (``name=value: remedy``) into the form's words."""
        text = str(error)
        for parameter in self.parameters:
            for mark in (f"{parameter.name}=", f"{parameter.name}: "):
                if text.startswith(mark):
                    said = text.removeprefix(mark)
                    return InvalidInput(f"{gettext(parameter.title)} {said}.", field=parameter.name)
        return InvalidInput(f"{gettext(self.title)}: {text}.")


_methods: dict[str, Method[Any]] = {}


def register(method: Method[Any]) -> None:
    """Add a method; its slug is its name in addresses, in the shell and in stored runs."""
    if method.slug in _methods:
        message = f"The method {method.slug!r} is registered twice."
        raise ValueError(message)
    _methods[method.slug] = method


def methods() -> list[Method[Any]]:
    """Return every method, in the order of registration."""
    return list(_methods.values())


def method_of(slug: str) -> Method[Any]:
    """Return the method of this slug.

    Raises
    ------
    NotFound
        When there is none; names those that there are.
    """
    if slug not in _methods:
        message = f"There is no method {slug!r}; there are {', '.join(_methods)}."
        raise NotFound(message)
    return _methods[slug]

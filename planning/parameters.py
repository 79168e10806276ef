"""What a method or a source may be asked with: parameters as data.

Forms, the shell and machine interfaces all render and parse from these.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from layers.errors import InvalidInput

Value: TypeAlias = float | int | bool | str
"""What JSON can hold and a kernel can take; a date is its ISO text, nothing is ``""``."""
Values: TypeAlias = Mapping[str, Any]

TRUE_WORDS = {"true", "yes", "on", "1"}
FALSE_WORDS = {"false", "no", "off", "0"}


@dataclass(frozen=True)
class Choice:
    """One of the values that may be chosen, and its name."""

    value: str
    title: str


@dataclass(frozen=True)
class Parameter:
    """One thing that may be set. A value left empty means the default."""

    name: str
    title: str
    type: Literal["number", "integer", "choice", "boolean", "date"]
    default: Value
    help: str = ""
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[Choice, ...] = ()

    def parse(self, given: Any) -> Value:
        """Return the typed value of what a form, a shell or JSON brought.

        Raises
        ------
        InvalidInput
            Names the parameter, the value and what is allowed.
        """
        if given is None or given == "":
            return self.default
        match self.type:
            case "number" | "integer":
                return self._number(given)
            case "choice":
                return self._choice(given)
            case "boolean":
                return self._boolean(given)
            case "date":
                return self._date(given)

    def allowed(self) -> str:
        """Say in words which values are taken."""
        match self.type:
            case "number":
                return _("a number from %(least)s to %(most)s") % self._limits()
            case "integer":
                return _("a whole number from %(least)s to %(most)s") % self._limits()
            case "choice":
                named = ", ".join(choice.value for choice in self.choices)
                return _("one of %(choices)s") % {"choices": named}
            case "boolean":
                return _("yes or no")
            case "date":
                return _("a date such as 2026-03-31")

    def _limits(self) -> dict[str, str]:
        """Return the least and the most that is taken; the unit stands behind the most."""
        least, most = (
            number_format(f"{limit:.15g}", use_l10n=True, force_grouping=True)
            for limit in (self.min or 0, self.max or 0)
        )
        return {"least": least, "most": f"{most} {self.unit}".strip()}

    def _refuse(self, given: Any) -> InvalidInput:
        message = _("%(title)s is “%(value)s”; give %(allowed)s.")
        values = {"title": _(self.title), "value": given, "allowed": self.allowed()}
        return InvalidInput(message % values, field=self.name)

    def _number(self, given: Any) -> Value:
        try:
            number = float(given)
        except (TypeError, ValueError):
            raise self._refuse(given) from None
        least, most = self.min, self.max
        fits = (least is None or number >= least) and (most is None or number <= most)
        if isinstance(given, bool) or not math.isfinite(number) or not fits:
            raise self._refuse(given)
        if self.type == "number":
            return number
        if number != int(number):
            raise self._refuse(given)
        return int(number)

    def _choice(self, given: Any) -> str:
        if given not in {choice.value for choice in self.choices}:
            raise self._refuse(given)
        return str(given)

    def _boolean(self, given: Any) -> bool:
        word = str(given).casefold()
        if word not in TRUE_WORDS | FALSE_WORDS:
            raise self._refuse(given)
        return word in TRUE_WORDS

    def _date(self, given: Any) -> str:
        try:
            return date.fromisoformat(str(given)).isoformat()
        except ValueError:
            raise self._refuse(given) from None


def parse_all(parameters: Iterable[Parameter], given: Mapping[str, Any]) -> dict[str, Value]:
    """Return a value for each parameter: the given one, else its default.

    Raises
    ------
    InvalidInput
        For a value that is not allowed, and for a name that no parameter has.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            names = ", ".join(known) or _("nothing")
            message = _("There is no parameter “%(name)s” here; what can be set is: %(names)s.")
            raise InvalidInput(message % {"name": name, "names": names}, field=name)
    return {name: parameter.parse(given.get(name)) for name, parameter in known.items()}

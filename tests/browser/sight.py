"""A page in a state, as something that can be walked to."""

from dataclasses import dataclass

from tests.browser import acts
from tests.browser.acts import Act


@dataclass(frozen=True)
class Sight:
    """A page in a state: where it is, who opens it, and what is done there first."""

    address: str
    role: str = ""
    act: Act = acts.look

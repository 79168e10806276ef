"""Pages in a language that brackets every word of ours: what stands outside is not translatable."""

import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from django.test import Client
from django.utils import dates, translation

from geo import words
from reports.identifiers import follow_token, in_halves
from reports.intake import submit
from reports.models import Follower
from reports.submission import Contact, NewReport
from tests.database.conftest import WEST_POINT
from tests.database.test_public_page import bring_to_done

BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
LETTERS = re.compile(r"[^\W\d_]{2,}")
BRACKETING = "eo"
"""Any language that Django knows and we do not speak; Django's own words come in it."""

DATA = (
    "CivicGrid",
    "English",
    "Esperanto",
    "Testville",
    "Long Street",
    "West Lane",
    "West ward",
    "East ward",
    "Roads west",
    "Works",
    "a@b.de",
    "Deep hole",
    "We filled it with asphalt.",
    "MB",
    "/api/v1/privacy/",
    "Pasvorto",  # Django's own word for a password
)


def bracketed(text: words.Text) -> words.Text:
    """Return a translation that shows where it begins and ends."""
    if isinstance(text, tuple):
        return (f"⟦{text[0]}⟧", f"⟦{text[1]}⟧")
    return f"⟦{text}⟧"


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory):
    """Catalogues of the bracketing language, compiled where Django looks for them."""
    root = tmp_path_factory.mktemp("locale")
    folder = root / BRACKETING / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for domain, found in words.collect().items():
        catalog = Catalog(locale=BRACKETING)
        for word in found:
            catalog.add(word.text, bracketed(word.text), context=word.context)
        with (folder / f"{domain}.mo").open("wb") as file:
            write_mo(file, catalog)
    return root


@pytest.fixture
def marked_client(settings, catalogues) -> Iterator[Client]:
    """A visitor who reads the bracketing language."""
    settings.LOCALE_PATHS = [catalogues]
    settings.LANGUAGES = [("en", "English"), (BRACKETING, "Esperanto")]
    yield Client(headers={"Accept-Language": BRACKETING})
    translation.deactivate()


class Said(HTMLParser):
    """Collects what people see or hear of a page."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")
    SILENT = ("script", "style")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in self.SILENT
        self.texts += [value for name, value in attrs if name in self.SPOKEN and value]

    def handle_endtag(self, _tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def outside(text: str, data: tuple[str, ...]) -> str:
    """Return what of a text stands outside of brackets and is no data."""
    before = None
    while before != text:
        before, text = text, BRACKETED.sub("", text)
    for known in data:
        text = text.replace(known, "")
    return text


def calendar() -> Iterator[str]:
    """Yield the names of months and days, which are Django's to translate."""
    with translation.override(BRACKETING):
        for names in (dates.MONTHS, dates.WEEKDAYS, dates.MONTHS_3):
            for name in map(str, names.values()):
                yield from (name, name.title())


def unmarked(html: str, *data: str) -> list[str]:
    """Return what a page says that no translator could change."""
    said = Said()
    said.feed(html)
    known = tuple(sorted((*DATA, *data, *calendar()), key=len, reverse=True))
    # A link may stand amid what is translated as one, so brackets are looked for in the whole.
    lines = outside("\0".join(said.texts), known).split("\0")
    return [" ".join(found) for line in lines if (found := LETTERS.findall(line))]


def look(client: Client, path: str, *data: str) -> list[str]:
    """Open a page and return what it says past the translators."""
    response = client.get(path)
    assert response.status_code in (200, 404), path
    assert "⟦" in response.content.decode(), path
    return unmarked(response.content.decode(), *data)


def test_what_visitors_see(marked_client, people):
    new = NewReport("pothole", WEST_POINT, "Deep hole", Contact(email="a@b.de"), wants_mail=True)
    answer = submit(new)
    bring_to_done(answer.public_id, people.viewer("roads_west"))
    told = (in_halves(answer.public_id), f"testserver/r/{answer.receipt}/")
    follower = follow_token(Follower.objects.get().key)
    pages = (
        "/",
        f"/?selected={answer.public_id}",
        "/?near=0.005,0.005&cat=water",
        f"/reports/{answer.public_id}/",
        f"/r/{answer.receipt}/",
        f"/r/{answer.receipt}/?sent=1",
        f"/follow/{follower}/",
        f"/follow/{follower}/stop/",
        "/report/",
        "/privacy/",
        "/sign-in/",
        "/nothing-is-here/",
        "/reports/no-such-report/",
    )
    assert {page: left for page in pages if (left := look(marked_client, page, *told))} == {}


def test_what_is_seen_before_a_report_is_sent(marked_client, small_city):
    typed = {"lon": "0.0051", "lat": "0.0052", "description": "Deep hole", "check": "1"}
    kind = {"family": "roads", "category": "pothole", "asked": "pothole"}
    for more in (kind, {"family": "crime", "category": "theft"}, {}):
        page = marked_client.post("/report/", typed | {"client_uuid": str(uuid.uuid4())} | more)
        assert unmarked(page.content.decode()) == []


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        ("roads_west", ("/crew/", "/crew/?queue=done")),
        ("planner", ("/planning/",)),
    ],
)
def test_what_staff_see(marked_client, people, who, pages):
    answer = submit(NewReport("pothole", WEST_POINT, "Deep hole"))
    marked_client.force_login(getattr(people, who))
    own = (f"/crew/{answer.public_id}/",) if who == "roads_west" else ()
    email = getattr(people, who).email
    for page in (*pages, *own):
        response = marked_client.get(page)
        assert response.status_code == 200, page
        number = in_halves(answer.public_id)
        assert unmarked(response.content.decode(), email, number) == [], page


def test_a_word_outside_of_brackets_is_found(catalogues):
    html = '<p title="Hint">⟦Known %(n)s ⟦inner⟧⟧ Long Street 12</p><b>Left</b><script>no</script>'
    assert unmarked(html) == ["Hint", "Left"]

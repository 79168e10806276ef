"""One family of errors, said in the language of each edge."""

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError
from django.http import Http404
from rest_framework import exceptions as rest

from layers import errors
from layers.commands import CivicCommand
from layers.errors import InvalidInput, as_civic_error, problem

FAMILY = [
    (errors.InvalidInput, 422, 2),
    (errors.NotAllowed, 403, 3),
    (errors.SignInNeeded, 401, 3),
    (errors.NotFound, 404, 4),
    (errors.Conflict, 409, 5),
    (errors.TooMany, 429, 6),
]


@pytest.mark.parametrize(("kind", "status", "exit_code"), FAMILY)
def test_each_kind_has_its_status_and_its_exit_code(kind, status, exit_code):
    class Failing(CivicCommand):
        def handle(self, **_options):
            raise kind("The bridge is closed. Take the ferry.")

    assert problem(kind("x"))["status"] == status
    with pytest.raises(CommandError, match="Take the ferry") as said:
        Failing().execute(
            force_color=False, no_color=True, stdout=None, stderr=None, skip_checks=True
        )
    assert said.value.returncode == exit_code


def test_a_problem_document_names_the_field():
    body = problem(InvalidInput("cat is 'dragon'", field="cat"))
    assert body == {
        "type": "about:blank",
        "title": "Something needs another look",
        "status": 422,
        "detail": "cat is 'dragon'",
        "errors": [{"field": "cat", "detail": "cat is 'dragon'"}],
    }


class NoteForm(forms.Form):
    note = forms.CharField(required=False)


@pytest.mark.parametrize(
    ("field", "place"), [("note", "note"), ("point", "__all__"), (None, "__all__")]
)
def test_a_form_shows_an_error_at_its_field_or_above(field, place):
    form = NoteForm({"note": ""})
    errors.add_to_form(form, InvalidInput("Say why.", field=field))
    assert form.errors == {place: ["Say why."]}


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Http404(), 404),
        (PermissionDenied(), 403),
        (rest.PermissionDenied(), 403),
        (rest.NotAuthenticated(), 401),
        (rest.ParseError(), 422),
        (rest.MethodNotAllowed("PUT"), 405),
        (rest.UnsupportedMediaType("text/xml"), 415),
    ],
)
def test_refusals_of_the_frameworks_join_the_family(refusal, status):
    translated = as_civic_error(refusal)
    assert translated is not None
    assert int(translated.status) == status
    assert translated.message


def test_a_fault_of_ours_is_not_dressed_up_as_a_refusal():
    assert as_civic_error(ZeroDivisionError()) is None
    assert errors.rest_exception_handler(ZeroDivisionError(), {}) is None


# ---- at the edges ----


def test_people_get_a_page_and_programs_a_problem_document(client, small_city):
    page = client.get("/reports/0000000000/")
    machine = client.get("/tiles/nothing.json")
    asked = client.get("/reports/0000000000/", headers={"Accept": "application/json"})
    assert (page.status_code, machine.status_code, asked.status_code) == (404, 404, 404)
    assert page["Content-Type"].startswith("text/html")
    assert machine["Content-Type"] == asked["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/nowhere/", "/crew/0000000000/nowhere/"])
def test_an_address_without_a_page_says_so(client, small_city, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "There is no page at this address" in response.content.decode()


def test_what_a_person_typed_is_shown_as_text(client, small_city):
    text = client.get("/crew/<script>alert(1)</script>/", follow=True).content.decode()
    assert "<script>alert" not in text

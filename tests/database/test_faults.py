"""A fault of our own code: a page to people, problem+json to programs, nothing of it told."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def fail(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the secret of the house")


urlpatterns = [path("api/fail/", fail), path("fail/", fail), path("", include("geo.urls"))]
handler500 = "geo.error_pages.fault"


def test_a_program_gets_a_problem_document():
    answer = Client(raise_request_exception=False).get("/api/fail/")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Something failed on our side"
    assert b"secret" not in answer.content


def test_people_get_a_page_that_says_what_to_do():
    answer = Client(raise_request_exception=False).get("/fail/")
    assert answer.status_code == 500
    assert b"try again in a few minutes" in answer.content
    assert b"secret" not in answer.content

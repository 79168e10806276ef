"""Signing in: by e-mail in any case, without telling who has an account."""

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.db import IntegrityError, transaction

from geo.accounts.models import User
from layers.models import RateCount
from tests.database.conftest import PASSWORD, make_member

MAIL = "ada@example.org"


@pytest.fixture
def ada(small_city) -> User:
    return make_member(MAIL)


def sign_in(client, email=MAIL, password=PASSWORD, target=""):
    values = {"username": email, "password": password, "next": target}
    return client.post("/sign-in/", values)


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("typed", [MAIL, "Ada@Example.ORG", f"  {MAIL} "])
def test_the_letters_case_of_an_address_does_not_matter(client, ada, typed):
    assert sign_in(client, typed).status_code == 302
    assert signed_in(client)


def test_two_accounts_cannot_differ_by_case_alone(ada):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_member("ADA@example.org")


def test_a_password_is_stored_as_a_slow_hash(ada):
    assert identify_hasher(ada.password).algorithm == "argon2"


def test_a_wrong_password_does_not_tell_whether_there_is_an_account(client, ada):
    wrong = sign_in(client, password="no")
    unknown = sign_in(client, email="nobody@example.org", password="no")
    assert wrong.status_code == unknown.status_code == 200
    said = [list(r.context["form"].non_field_errors()) for r in (wrong, unknown)]
    assert said[0] == said[1] != []
    assert not signed_in(client)


def test_an_inactive_account_is_refused_in_the_same_words(client, ada):
    unknown = sign_in(client, email="nobody@example.org")
    User.objects.filter(pk=ada.pk).update(is_active=False)
    inactive = sign_in(client)
    assert inactive.context["form"].errors == unknown.context["form"].errors
    assert not signed_in(client)


def test_a_refused_sign_in_keeps_the_address_and_not_the_password(client, ada):
    text = sign_in(client, password="open sesame").content.decode()
    assert MAIL in text
    assert "open sesame" not in text


def test_the_session_gets_a_new_key_at_sign_in(client, ada):
    client.get("/sign-in/")
    session = client.session
    session["kept"] = "yes"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client)
    assert client.session.session_key != before


def test_signing_out_ends_the_session(client, ada):
    sign_in(client)
    assert client.post("/sign-out/").status_code == 302
    assert not signed_in(client)
    assert client.get("/sign-out/").status_code == 405


def test_many_tries_from_one_address_are_stopped(client, ada):
    assert sign_in(client, password="no").status_code == 200
    RateCount.objects.update(tries=19)
    assert sign_in(client, password="no").status_code == 200
    assert sign_in(client, password="no").status_code == 429
    assert sign_in(client).status_code == 429
    assert not signed_in(client)
    assert client.get("/sign-in/").status_code == 200


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/crew/?show=done", "/crew/?show=done"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(client, ada, target, expected):
    assert sign_in(client, target=target)["Location"] == expected


def test_a_password_never_enters_an_address(client, small_city):
    assert 'method="post"' in client.get("/sign-in/").content.decode()
    client.get("/sign-in/", {"username": MAIL, "password": PASSWORD})
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("referer", "expected"),
    [("http://testserver/crew/", "http://testserver/crew/"), ("https://evil.example/", "/")],
)
def test_choosing_a_theme_leads_back_to_this_site_only(client, small_city, referer, expected):
    response = client.post("/theme/", {"theme": "dark"}, headers={"Referer": referer})
    assert response["Location"] == expected
    assert response.cookies["theme"].value == "dark"

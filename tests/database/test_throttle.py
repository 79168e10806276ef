"""Limits on how often one address may try something: by connection, household and window."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import RequestFactory

from layers import throttle
from layers.errors import TooMany
from layers.models import RateCount

pytestmark = pytest.mark.django_db


def request_from(address: str, forwarded: str = ""):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory(headers=headers, REMOTE_ADDR=address).get("/")


def try_from(address: str, forwarded: str = "", *, tries: int = 2) -> None:
    throttle.enter(request_from(address, forwarded), "test", tries=tries, seconds=60)


def test_an_address_may_try_so_often_and_no_more():
    try_from("192.0.2.7")
    try_from("192.0.2.7")
    with pytest.raises(TooMany, match=r"Try again in \d+ seconds"):
        try_from("192.0.2.7")
    try_from("192.0.2.8")


def test_each_scope_counts_for_itself():
    for scope in ("one", "two"):
        throttle.enter(request_from("192.0.2.7"), scope, tries=1, seconds=60)


def test_a_new_window_begins_anew():
    try_from("192.0.2.7", tries=1)
    RateCount.objects.update(window_end=F("window_end") - timedelta(minutes=2))
    try_from("192.0.2.7", tries=1)
    assert RateCount.objects.get().tries == 1


def test_no_address_is_stored():
    try_from("192.0.2.7")
    assert "192.0.2.7" not in RateCount.objects.get().key


def test_counts_go_after_their_windows():
    try_from("192.0.2.7")
    try_from("192.0.2.8")
    RateCount.objects.update(window_end=F("window_end") - timedelta(hours=2))
    try_from("192.0.2.9")
    assert RateCount.objects.get().tries == 1


def test_changing_x_forwarded_for_buys_no_new_budget():
    try_from("192.0.2.7", "203.0.113.1", tries=1)
    with pytest.raises(TooMany):
        try_from("192.0.2.7", "203.0.113.2", tries=1)


def test_behind_the_configured_proxy_its_last_hop_counts(settings):
    settings.TRUSTED_PROXIES = ["192.0.2.1"]
    assert throttle.client_address(request_from("192.0.2.1", "6.6.6.6, 203.0.113.9")) == (
        "203.0.113.9"
    )
    try_from("192.0.2.1", "6.6.6.6, 203.0.113.9", tries=1)
    try_from("192.0.2.1", "6.6.6.6, 203.0.113.10", tries=1)
    with pytest.raises(TooMany):
        try_from("192.0.2.1", "7.7.7.7, 203.0.113.9", tries=1)


def test_a_stranger_who_claims_to_be_a_proxy_is_not_believed(settings):
    settings.TRUSTED_PROXIES = ["192.0.2.1"]
    assert throttle.client_address(request_from("198.51.100.4", "203.0.113.9")) == "198.51.100.4"


def test_addresses_of_one_ipv6_household_share_a_budget():
    try_from("2001:db8:1:2::1", tries=1)
    with pytest.raises(TooMany):
        try_from("2001:db8:1:2:ffff:ffff:ffff:ffff", tries=1)


def test_ipv6_neighbours_have_a_budget_each():
    try_from("2001:db8:1:2::1", tries=1)
    try_from("2001:db8:1:3::1", tries=1)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
        ("203.0.113.9:4711", "unknown"),
    ],
)
def test_an_address_is_counted_as_its_household(address, counted):
    assert throttle.household(address) == counted

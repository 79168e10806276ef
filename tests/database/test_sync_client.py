"""The client of other servers: where it goes, what it takes, how often it tries."""

import ipaddress
import shutil
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from layers.errors import InvalidInput, TooLarge
from layers.sync.addresses import Reach, parse_reach
from layers.sync.answers import document
from layers.sync.client import Client, OutOfTime, Patience, Refused
from layers.sync.connection import Limits, Unreachable
from tests.database.served import HOST, REACH, Asked, Reply, served

OPENSSL = shutil.which("openssl") or "openssl"
FAST = Patience(tries=3, first_wait_s=0.01)


def client(reach: str = REACH, **changes) -> Client:
    return Client(**({"reach": parse_reach(reach), "patience": FAST} | changes))


def read(url: str, **changes) -> bytes:
    return client(**changes).get(url, lambda answer: answer.body)


# ---- who is asked ----


def certificate_for(name: str, folder: Path) -> Path:
    """Return a file with a certificate of a server, signed by itself, and its key."""
    path = folder / "server.pem"
    subprocess.run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=town", "-addext", f"subjectAltName={name}"),
            *("-keyout", str(folder / "key.pem"), "-out", str(path)),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + (folder / "key.pem").read_bytes())
    return path


def test_a_server_that_proves_who_it_is_is_read(tmp_path, monkeypatch):
    certificate = certificate_for(f"IP:{HOST}", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with served(lambda _: Reply(b"told", is_packed=True), certificate) as town:
        assert town.url.startswith("https://")
        assert read(f"{town.url}/x") == b"told"


@pytest.mark.parametrize(
    ("name", "is_known"), [(f"IP:{HOST}", False), ("DNS:elsewhere.example", True)]
)
def test_a_server_that_does_not_is_told_nothing(tmp_path, monkeypatch, name, is_known):
    certificate = certificate_for(name, tmp_path)
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with served(lambda _: Reply(b"told"), certificate) as town:
        with pytest.raises(InvalidInput, match="does not prove who it is"):
            read(f"{town.url}/x?key=secret")
        assert town.asked == []


def test_a_server_that_speaks_plainly_where_encryption_is_due_is_not_read():
    with served(lambda _: Reply(b"told")) as town:
        with pytest.raises(Unreachable, match="could not be read"):
            read(town.url.replace("http:", "https:"))
        assert town.asked == []


# ---- where it goes ----


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 - the point of the test
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a01:203",
        "2002:7f00:1::",
        "2001:0:1:2:3:4:5:6",
        "2001:db8::1",
    ],
)
def test_addresses_off_the_public_internet_are_out_of_reach(address):
    assert not Reach().allows(ipaddress.ip_address(address))
    assert parse_reach("1").allows(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
)
def test_public_addresses_are_in_reach(address):
    assert Reach().allows(ipaddress.ip_address(address))


def test_a_named_network_is_in_reach_and_its_neighbours_are_not():
    reach = parse_reach("10.1.0.0/16, fc00::/8")
    allowed = [reach.allows(ipaddress.ip_address(a)) for a in ("10.1.9.9", "::ffff:10.1.9.9")]
    assert allowed == [True, True]
    assert not reach.allows(ipaddress.ip_address("10.2.0.1"))


def test_a_reach_that_is_no_network_is_refused():
    with pytest.raises(InvalidInput, match="names 'yes', which is no network"):
        parse_reach("yes")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_private_address_is_refused_however_it_is_written(url):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(InvalidInput, match="inside a private network"):
            read(url.format(port=port), reach="")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "http://169.254.169.254/", "//[::1]/"])
def test_a_redirect_into_a_private_network_is_refused(target):
    with (
        served(lambda _: Reply(status=302, headers={"Location": target})) as server,
        pytest.raises(InvalidInput, match="inside a private network"),
    ):
        read(server.url)


def test_a_name_that_changes_after_it_was_checked_leads_nowhere_else(monkeypatch):
    """DNS rebinding: the first answer is allowed, the second would be the metadata service."""
    answers = iter([HOST, "169.254.169.254"])
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, *rest, **options: real(next(answers), *rest, **options)
    )
    with served(lambda _: Reply("here")) as server:
        assert read(server.url.replace(HOST, "rebinding.example")) == b"here"


def test_one_private_address_among_several_refuses_the_name(monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda _host, *rest, **options: [
            *real(HOST, *rest, **options),
            *real("10.0.0.1", *rest, **options),
        ],
    )
    with (
        served(lambda _: Reply("here")) as server,
        pytest.raises(InvalidInput, match=r"leads to 10\.0\.0\.1"),
    ):
        read(server.url.replace(HOST, "two.example"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "no address that starts with"),
        ("ftp://example.org/x", "no address that starts with"),
        ("gopher://example.org/", "no address that starts with"),
        ("https:///x", "no address that starts with"),
        ("http://example.org/a b", "no address that starts with"),
        ("http://example.org/\r\nHost: x", "no address that starts with"),
        ("http://example.org:99999/", "no address that starts with"),
        ("https://ann:secret@example.org/", "holds a name or password"),
        ("https://example.org/" + "x" * 9_000, "that is no address"),
    ],
)
def test_what_is_no_plain_web_address_is_refused(url, reason):
    with pytest.raises(InvalidInput, match=reason) as refused:
        read(url)
    assert "secret" not in refused.value.message


def test_redirects_are_followed_but_not_forever():
    def answer(asked: Asked) -> Reply:
        n = int(asked.path.strip("/") or 0)
        return Reply("end") if n == 3 else Reply(status=307, headers={"Location": f"/{n + 1}"})

    with served(answer) as server:
        assert read(server.url) == b"end"
        with pytest.raises(InvalidInput, match="after 5 redirects"):
            read(f"{server.url}/4")


# ---- what it takes ----


def test_an_answer_over_the_limit_is_refused_before_it_is_read():
    with (
        served(lambda _: Reply(b"x" * 2_000)) as server,
        pytest.raises(TooLarge, match="more than 1,000 bytes"),
    ):
        read(server.url, limits=Limits(bytes=1_000))


def test_an_answer_of_unknown_length_is_cut_at_the_limit():
    reply = Reply(b"x" * 2_000, headers={"Connection": "close"})
    endless = Reply(reply.body, headers={"Content-Length": ""})
    with served(lambda _: endless) as server, pytest.raises(TooLarge):
        read(server.url, limits=Limits(bytes=1_000))


def test_a_packed_answer_is_unpacked():
    with served(lambda _: Reply("plain" * 100, is_packed=True)) as server:
        assert read(server.url) == b"plain" * 100
        assert server.asked[0].headers["Accept-Encoding"] == "gzip"


def test_a_bomb_is_cut_at_the_limit():
    bomb = Reply(b"\0" * 50_000_000, is_packed=True)
    assert len(bomb.content()) < 100_000
    with (
        served(lambda _: bomb) as server,
        pytest.raises(TooLarge, match="more than 1,000,000 bytes"),
    ):
        read(server.url, limits=Limits(bytes=1_000_000))


@pytest.mark.parametrize("is_packed", [True, False])
def test_an_answer_that_breaks_off_is_asked_for_again(is_packed):
    replies = iter([Reply("whole" * 500, is_packed=is_packed, breaks_at=20)])
    whole = Reply("whole" * 500, is_packed=is_packed)
    with served(lambda _: next(replies, whole)) as server:
        assert read(server.url) == b"whole" * 500
        assert len(server.asked) == 2


def test_a_gzip_that_ends_early_although_all_its_bytes_came_is_a_failure():
    torn = Reply("whole" * 500, is_packed=True).content()[:-9]
    with (
        served(lambda _: Reply(torn, headers={"Content-Encoding": "gzip"})) as server,
        pytest.raises(Unreachable, match=r"the packed answer breaks off\. It was tried 3 times"),
    ):
        read(server.url)


def test_a_packing_that_nobody_asked_for_is_refused():
    with (
        served(lambda _: Reply("x", headers={"Content-Encoding": "br"})) as server,
        pytest.raises(InvalidInput, match="packed as 'br'"),
    ):
        read(server.url)


# ---- how often it tries ----


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(status):
    replies = iter([Reply(status=status), Reply(status=status)])
    with served(lambda _: next(replies, Reply("at last"))) as server:
        assert read(server.url) == b"at last"
        assert len(server.asked) == 3


def test_it_gives_up_and_says_how_often_it_tried():
    with (
        served(lambda _: Reply(status=500)) as server,
        pytest.raises(Unreachable, match=r"answers 500 Internal Server Error\. It was tried 3"),
    ):
        read(f"{server.url}/?api_key=hidden")
    assert len(server.asked) == 3


def test_a_refusal_is_not_tried_again_and_keeps_the_key_out_of_its_words():
    with served(lambda _: Reply(status=403)) as server, pytest.raises(Refused) as refused:
        read(f"{server.url}/?api_key=hidden")
    assert len(server.asked) == 1
    assert refused.value.message == f"{server.url}/ answers 403 Forbidden."


def test_waits_double_and_a_server_that_says_how_long_is_believed():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=61), usegmt=True)
    replies = iter(
        [
            Reply(status=500),
            Reply(status=429, headers={"Retry-After": "7"}),
            Reply(status=503, headers={"Retry-After": in_a_minute}),
            Reply(status=500, headers={"Retry-After": "soon"}),
        ]
    )
    waits: list[float] = []
    with served(lambda _: next(replies, Reply("ok"))) as server:
        read(server.url, patience=Patience(tries=5, first_wait_s=1), sleep=waits.append)
    assert (waits[0], waits[1], waits[3]) == (1, 7, 8)
    assert 58 <= waits[2] <= 61


def test_it_waits_as_long_as_asked():
    replies = iter([Reply(status=429, headers={"Retry-After": "1"})])
    began = time.monotonic()
    with served(lambda _: next(replies, Reply("ok"))) as server:
        assert read(server.url) == b"ok"
    assert time.monotonic() - began >= 1


def test_a_server_that_wants_to_be_left_alone_for_long_is():
    with (
        served(lambda _: Reply(status=429, headers={"Retry-After": "86400"})) as server,
        pytest.raises(Unreachable, match="left alone for 86,400 s"),
    ):
        read(server.url)
    assert len(server.asked) == 1


def test_wrong_json_is_asked_for_again_and_then_said():
    replies = iter([Reply('{"half": '), Reply("<html>busy</html>")])
    with served(lambda _: next(replies, Reply({"whole": 1}))) as server:
        assert client().get(server.url, document) == {"whole": 1}
    with served(lambda _: Reply("<html>")) as server, pytest.raises(Unreachable) as failed:
        client().get(server.url, document)
    assert "answers with a web page or XML. It was tried 3 times." in failed.value.message


def test_nobody_there_is_said_after_every_try():
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=r"Connection refused\. It was tried 3 times"):
        read(f"http://{HOST}:{port}/")


def test_a_silent_server_is_left():
    with socket.create_server((HOST, 0)) as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}/"
        with pytest.raises(Unreachable, match=r"silent for 0\.1 s"):
            read(url, limits=Limits(silence_s=0.1))


def test_a_server_that_drips_is_cut_off():
    """Each byte comes in time; the whole does not."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                try:
                    for _ in range(1_000):
                        connection.sendall(b"x")
                        time.sleep(0.02)
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(Unreachable):
            read(
                f"http://{HOST}:{port}/",
                limits=Limits(silence_s=5, answer_s=0.3),
                patience=Patience(tries=1),
            )
        dripping.join()


def test_a_run_that_takes_too_long_stops_before_its_next_request():
    with served(lambda _: Reply("x")) as server, pytest.raises(OutOfTime, match="goes on from"):
        read(server.url, patience=Patience(run_s=0), began=time.monotonic() - 1)
    assert server.asked == []

import socket

import pytest
from bootstrap.server import Options, check_port, parse
from bootstrap.steps import SetupError


def test_it_serves_this_machine_alone_unless_told_otherwise():
    assert parse([], {}) == Options("127.0.0.1", 8000)


def test_the_port_comes_from_the_environment_and_the_command_line_wins():
    assert parse([], {"PORT": "9000"}).port == 9000
    assert parse(["--port", "9001"], {"PORT": "9000"}).port == 9001


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8000.5", "٨٠٠٠"])
def test_it_rejects_what_is_no_port(port: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        parse([f"--port={port}"], {})
    assert f"{port!r} is not a port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "bind", "url"),
    [
        ("127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("0.0.0.0", "0.0.0.0:8000", "http://127.0.0.1:8000"),  # noqa: S104
        ("::1", "[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_it_shows_an_address_that_a_browser_can_open(host: str, bind: str, url: str):
    options = Options(host, 8000)
    assert (options.bind, options.url) == (bind, url)


def test_a_taken_port_is_named_with_one_that_is_free():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"Port {port} of 127.0.0.1 is taken.*--port") as said:
            check_port(Options("127.0.0.1", port))
    free = int(str(said.value).rsplit(maxsplit=1)[1].rstrip("."))
    check_port(Options("127.0.0.1", free))


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(SetupError, match=r"192.0.2.1 cannot be listened on"):
        check_port(Options("192.0.2.1", 8000))

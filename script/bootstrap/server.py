"""`script/server`: from a clone to a site that answers."""

import argparse
import errno
import http.client
import json
import os
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bootstrap import application, preparation, processes
from bootstrap.place import Place, here
from bootstrap.steps import SetupError, say, step, tail

ANSWER_WITHIN = 60.0
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, never the default


@dataclass(frozen=True)
class Options:
    """Where to listen."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        """The address in the form that the web server takes."""
        return f"{self._bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        reachable = "127.0.0.1" if self.host in EVERY_ADDRESS else self.host
        return f"http://{self._bracketed(reachable)}:{self.port}"

    @staticmethod
    def _bracketed(host: str) -> str:
        return f"[{host}]" if ":" in host else host


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Read the command line; PORT of the environment is the default port."""
    parser = argparse.ArgumentParser(
        prog="script/server",
        description="Install what is missing, prepare the database, serve the site.",
        epilog="With --host, set CIVICGRID_URL to the address that other machines use.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port",
        type=_port,
        default=environment.get("PORT") or "8000",
        help="port to listen on (PORT, else 8000)",
    )
    options = parser.parse_args(arguments)
    return Options(options.host, options.port)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; take one of 1 to 65535")
    return int(text)


def main(arguments: Sequence[str]) -> int:
    """Bring the site up and watch it until someone interrupts."""
    options = parse(arguments, os.environ)
    place = here()
    check_port(options)
    preparation.install(place, development=False, script="script/server")
    with preparation.database(place) as database_url:
        site_url = os.environ.get("CIVICGRID_URL") or options.url
        production = application.is_production(site_url)
        env = application.site_environment(place, database_url, site_url)
        with application.making_assets(place, env):
            application.prepare_database(place, env, own_cluster=not preparation.own_database())
            application.fill_database(place, env, demo=not production)
        with step("Starting web server and workers"):
            services = processes.start_all(place, env, options.bind)
        try:
            with step("Waiting for the first answer"):
                wait_for_answer(options, services[0])
            _greet(place, options, site_url, demo=not production)
            while True:
                for service in services:
                    service.revive()
                time.sleep(0.5)
        finally:
            with step("Ending"):
                processes.end_all(services)


def check_port(options: Options) -> None:
    """See that the port is free before minutes are spent.

    Raises
    ------
    SetupError
        When it is not, with one that is.
    """
    problem = _problem_with(options.host, options.port)
    if problem is None:
        return
    if problem.errno == errno.EADDRINUSE:
        following = range(options.port + 1, min(options.port + 100, 65536))
        free = next((port for port in following if not _problem_with(options.host, port)), None)
        other = f"script/server --port {free}" if free else "another --port"
        raise SetupError(
            f"Port {options.port} of {options.host} is taken by another program: "
            f"end that program, or take {other}."
        )
    raise SetupError(
        f"Port {options.port} of {options.host} cannot be listened on ({problem.strerror}): "
        "name another with --port and --host."
    )


def _problem_with(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return problem
    return None


def wait_for_answer(options: Options, web: processes.Service) -> None:
    """Wait until the site answers a request.

    Raises
    ------
    SetupError
        When the web server ends, answers with an error of its own, or is silent for too long.
    """
    deadline = time.monotonic() + ANSWER_WITHIN
    answer = "no answer"
    while time.monotonic() < deadline and web.child.poll() is None:
        try:
            status = _status(options)
        except OSError:
            time.sleep(0.1)
            continue
        if status < 500:
            return
        answer = f"status {status}"
        break
    raise SetupError(f"{tail(web.log)}\nThe site gives {answer}. The whole log is {web.log}")


def _status(options: Options) -> int:
    host = "127.0.0.1" if options.host in EVERY_ADDRESS else options.host
    connection = http.client.HTTPConnection(host, options.port, timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()


def _greet(place: Place, options: Options, site_url: str, *, demo: bool) -> None:
    say(f"\nCivicGrid answers at {options.url}/")
    if site_url != options.url:
        say(f"Its public address is {site_url}/")
    accounts = place.secrets / "demo_accounts.json"
    if demo and accounts.exists():
        say("\nDemo accounts:")
        for account in json.loads(accounts.read_text()):
            say(f"  {account['role']:<14} {account['email']:<32} {account['password']}")
    say(f"\nLogs are in {place.logs}. Ctrl-C ends everything.")

"""`script/database`: the private cluster alone, for work on the code."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from bootstrap import cluster, keys, shared
from bootstrap.place import Place, here
from bootstrap.steps import SetupError, say, step


def main(arguments: Sequence[str]) -> int:
    """Start the cluster and leave it running, stop it, or tell its address or state."""
    parser = argparse.ArgumentParser(
        prog="script/database",
        description="The private database. Without a word it starts and prints DATABASE_URL.",
    )
    parser.add_argument(
        "action", nargs="?", default="start", choices=("start", "stop", "url", "status")
    )
    action = parser.parse_args(arguments).action
    place = here()
    place.prepare()
    if action == "stop":
        return _stop(place)
    if action == "status":
        pid = cluster.server_pid(place)
        say(f"runs as process {pid} in {place.cluster}" if pid else "does not run")
        return 0 if pid else 3
    password = keys.read_or_make(place.secrets / "owner_password")
    if action == "start":
        # Only the address goes to standard output: export DATABASE_URL=$(script/database)
        with redirect_stdout(sys.stderr), step("Starting the private database"):
            shared.keep(place, password)
    elif cluster.server_pid(place) is None:
        raise SetupError("The private database does not run: start it with script/database.")
    say(cluster.address(place, password))
    return 0


def _stop(place: Place) -> int:
    if shared.release(place):
        say("The private database is stopped.")
    else:
        say("A script still uses the private database: the last one stops it.")
    return 0

"""One cluster for every script of a clone that runs at the same time: the last one stops it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from bootstrap import cluster
from bootstrap.place import Place


@contextmanager
def running(place: Place, password: str) -> Iterator[str]:
    """Start the cluster, or join the one that runs; yield its address; stop it if we are last.

    Users hold a shared lock on a file, which the kernel drops for one that crashed: whoever gets
    it alone is the last. A cluster that `keep` marked stays.
    """
    with (place.state / "cluster.users").open("a+") as users:
        try:
            with _alone(place):
                fcntl.flock(users, fcntl.LOCK_SH)
                ensure(place, password)
            yield cluster.address(place, password)
        finally:
            with _alone(place):
                if is_unused(users) and not is_kept(place):
                    cluster.stop(place)


def ensure(place: Place, password: str) -> None:
    """Start the cluster unless it runs, and see that role and database are there."""
    if cluster.server_pid(place) is None:
        cluster.start(place)
    cluster.make_database(place, password)


def keep(place: Place, password: str) -> str:
    """Start the cluster and let it run until `release`; return its address."""
    with _alone(place):
        ensure(place, password)
        (place.state / "cluster.kept").write_text(str(cluster.server_pid(place)))
    return cluster.address(place, password)


def release(place: Place) -> bool:
    """Take `keep` back: stop the cluster, unless a script still uses it; say whether it stopped."""
    with _alone(place), (place.state / "cluster.users").open("a+") as users:
        (place.state / "cluster.kept").unlink(missing_ok=True)
        if not is_unused(users):
            return False
        cluster.stop(place)
        return True


def is_kept(place: Place) -> bool:
    """Tell whether the server that runs is one that `keep` started or took over."""
    mark = place.state / "cluster.kept"
    return mark.exists() and mark.read_text() == str(cluster.server_pid(place))


def is_unused(users: IO[str]) -> bool:
    """Tell whether no other script uses the cluster, by taking the lock of its users alone."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    with (place.state / "cluster.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

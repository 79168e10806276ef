"""The processes of the running site: started, watched, started again, ended."""

import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bootstrap.place import Place
from bootstrap.steps import SetupError, end, say, spawn, tail

MOST_RESTARTS = 5
SETTLED_AFTER = 60.0  # seconds; what ran that long may fail anew
GRACE = 3.5  # seconds for requests and jobs that are under way, of the 8 that an end may take


class Service:
    """A process that should always run.

    Parameters
    ----------
    name : str
        How messages name it.
    argv : sequence of str
        What to run.
    place, env
        Where, and with which environment.
    """

    def __init__(
        self, name: str, argv: Sequence[str], place: Place, env: Mapping[str, str]
    ) -> None:
        self.name, self.place, self.env = name, place, env
        self.argv = [*_bound_to_us(), str(place.python), *argv]
        self.log: Path = place.logs / f"{name.replace(' ', '_')}.log"
        self.restarts = 0
        self.log.write_bytes(b"")
        self.start()

    def start(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        self.child: subprocess.Popen[bytes] = spawn(
            self.argv, log=self.log, env=self.env, cwd=self.place.root
        )

    def revive(self) -> None:
        """Start the process again if it died.

        Raises
        ------
        SetupError
            When it died too often.
        """
        code = self.child.poll()
        age = time.monotonic() - self.started
        if code is None:
            if age > SETTLED_AFTER:
                self.restarts = 0
            return
        if self.restarts == MOST_RESTARTS:
            raise SetupError(
                f"{tail(self.log)}\nThe {self.name} ended {MOST_RESTARTS} times "
                f"(exit {code}). The whole log is {self.log}"
            )
        if age > self.restarts * 2:  # each attempt waits two seconds longer
            say(f"The {self.name} ended (exit {code}); it is started again. Its log: {self.log}")
            end([self.child], 1)
            self.restarts += 1
            self.start()


def start_all(place: Place, env: Mapping[str, str], bind: str) -> list[Service]:
    """Start the web server and the two workers; if one cannot start, none is left."""
    services: list[Service] = []
    web = ["-m", "gunicorn", "geo.wsgi", "--bind", bind, "--no-control-socket"]
    web += ["--workers=2", "--worker-class=gthread", "--threads=4", "--graceful-timeout=3"]
    try:
        services.append(Service("web server", web, place, env))
        for queue in ("quick", "study"):
            worker = ["manage.py", "run_worker", queue]
            services.append(Service(f"{queue} worker", worker, place, env))
    except BaseException:
        end_all(services)
        raise
    return services


def end_all(services: Sequence[Service]) -> None:
    """End them all at once."""
    end([service.child for service in services], GRACE)


def _bound_to_us() -> list[str]:
    # If we are killed without a chance to end them, the kernel ends them.
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []

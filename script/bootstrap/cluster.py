"""The private database cluster: made once, started when needed, reached by a socket alone."""

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from bootstrap.place import Place
from bootstrap.postgres import EXTENSIONS, Postgres, installed
from bootstrap.steps import Account, SetupError, run

OWNER = "civicgrid"
DATABASE = "civicgrid"
SUPERUSER = "postgres"

# The superuser is whoever runs the set-up, known by the kernel; everyone else shows a password.
ACCESS = f"""local all {SUPERUSER} peer map=setup
local all all scram-sha-256
"""

SETTINGS = """listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
password_encryption = 'scram-sha-256'
shared_buffers = '{buffers}MB'
maintenance_work_mem = '128MB'
effective_cache_size = '1GB'
max_wal_size = '2GB'
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""

ROLES = """SELECT 'CREATE ROLE {owner}'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') \\gexec
ALTER ROLE {owner} LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '{password}';
SELECT 'CREATE DATABASE {database} OWNER {owner}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
"""


def address(place: Place, password: str) -> str:
    """Return the owner's DATABASE_URL: role, password and socket folder, percent-encoded."""
    host = quote(str(place.socket), safe="")
    return f"postgresql://{OWNER}:{quote(password, safe='')}@/{DATABASE}?host={host}"


def account(place: Place) -> Account | None:
    """Return the user that serves the cluster: the server refuses root, so root lends it one."""
    if place.uid != 0:
        return None
    try:
        user = pwd.getpwnam(SUPERUSER)
    except KeyError:
        raise SetupError(
            f"The operating system has no user {SUPERUSER!r}, which PostgreSQL's package makes: "
            "install that package, or run this as an ordinary user."
        ) from None
    return Account(user.pw_uid, user.pw_gid)


def release(place: Place) -> Postgres:
    """Return the installed release that can serve the data folder, else the newest."""
    releases = installed()
    version = place.cluster / "PG_VERSION"
    if not version.exists():
        if not releases:
            raise SetupError("PostgreSQL with PostGIS is missing: run script/server to install it.")
        return releases[0]
    major = int(version.read_text())
    for each in releases:
        if each.major == major:
            return each
    raise SetupError(
        f"The database in {place.cluster} was made by PostgreSQL {major}, which is not installed: "
        f"install postgresql-{major}-postgis-3, or move that folder away to begin anew."
    )


def server_pid(place: Place) -> int | None:
    """Return the process that serves the data folder, or None.

    A pid file outlives a crash and its number may by then belong to anyone: the process counts
    only if it was started for this very folder.
    """
    try:
        pid = int((place.cluster / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if _serves(pid, place.cluster) else None


def _serves(pid: int, folder: Path) -> bool:
    # Other things that would tell, such as its working folder, are closed to root in a container.
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return Path(os.fsdecode(words[0])).name == "postgres" and os.fsencode(folder) in words


def start(place: Place) -> None:
    """Make the cluster if there is none and start it; what a crash left behind is cleared."""
    if not Path("/proc/self/cmdline").exists():
        raise SetupError("The private database needs Linux: elsewhere, name one in DATABASE_URL.")
    postgres, server = release(place), account(place)
    _make_socket_folder(place, server)
    if not (place.cluster / "PG_VERSION").exists():
        _make(place, postgres, server)
    _configure(place, server)
    (place.cluster / "postmaster.pid").unlink(missing_ok=True)
    for leftover in place.socket.iterdir():
        leftover.unlink()
    run(
        [postgres.program("pg_ctl"), "start", "--wait", "--timeout=60", "-D", place.cluster],
        log=place.logs / "cluster.log",
        env=_environment(),
        account=server,
        remedy="Look at the log, then run this again.",
    )


def stop(place: Place) -> None:
    """Stop the server; open connections are ended, nothing committed is lost."""
    pid = server_pid(place)
    if pid is None:
        return
    try:
        _stop(place, "fast")
    except SetupError:
        _stop(place, "immediate")  # recovers from its log at the next start
    # Its pid file goes a moment before the process does.
    deadline = time.monotonic() + 2
    while _serves(pid, place.cluster) and time.monotonic() < deadline:
        time.sleep(0.01)


def make_database(place: Place, password: str) -> None:
    """Make the owner's role and database, with the extensions that take a superuser."""
    statements = ROLES.format(owner=OWNER, database=DATABASE, password=password)
    extensions = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in EXTENSIONS)
    quiet = "SET client_min_messages = warning;\n"
    # template1 first: databases made from it, also those of the tests, have the extensions.
    _psql(place, "template1", quiet + extensions + statements)
    _psql(place, DATABASE, quiet + extensions)


def _psql(place: Place, database: str, statements: str) -> None:
    psql = release(place).program("psql")
    words = [str(psql), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(place.socket)]
    done = subprocess.run(
        [*words, "-U", SUPERUSER, "-d", database, "-f", "-"],
        input=statements,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(
            f"{done.stderr.strip()}\nThe private database could not be prepared; "
            f"its log is {place.logs / 'cluster.log'}."
        )


def _stop(place: Place, mode: str) -> None:
    pg_ctl = release(place).program("pg_ctl")
    run(
        [pg_ctl, "stop", f"--mode={mode}", "--wait", "--timeout=3", "-D", place.cluster],
        log=place.logs / "cluster-stop.log",
        env=_environment(),
        account=account(place),
        remedy=f"The database in {place.cluster} does not stop: end it by hand.",
    )


def _make(place: Place, postgres: Postgres, server: Account | None) -> None:
    place.cluster.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    # Made beside and renamed: an interrupted first run leaves no half cluster.
    unfinished = place.cluster.with_name(place.cluster.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    _give(unfinished, server)
    initdb: list[str | Path] = [postgres.program("initdb"), "-D", unfinished, "-U", SUPERUSER]
    run(
        [*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject"],
        log=place.logs / "initdb.log",
        env=_environment(),
        account=server,
        remedy="Look at the log, then run this again.",
    )
    with (unfinished / "postgresql.conf").open("a") as settings:
        settings.write("include 'civicgrid.conf'\n")
    unfinished.rename(place.cluster)


def _buffers_mb() -> int:
    """Return what the server holds of its tables: a sixteenth of the memory, 128 MB to 1 GB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(128, min(1024, memory // 16_000_000))


def _configure(place: Place, server: Account | None) -> None:
    # root (or whoever runs the set-up) and the server's own user may act as the superuser.
    names = {pwd.getpwuid(uid).pw_name for uid in {place.uid, server.uid if server else place.uid}}
    files = {
        "pg_hba.conf": ACCESS,
        "pg_ident.conf": "".join(f'setup "{name}" {SUPERUSER}\n' for name in sorted(names)),
        "civicgrid.conf": SETTINGS.format(socket=place.socket, buffers=_buffers_mb()),
    }
    for name, text in files.items():
        path = place.cluster / name
        path.write_text(text)
        path.chmod(0o600)
        _give(path, server)


def _make_socket_folder(place: Place, server: Account | None) -> None:
    # Anyone may write to /tmp, so a folder that someone else put there first is not used.
    if not os.path.lexists(place.socket):
        place.socket.mkdir(mode=0o700)
        _give(place.socket, server)
    owner = server.uid if server else place.uid
    found = place.socket.lstat()
    if place.socket.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
        raise SetupError(
            f"{place.socket} belongs to someone else or is open to others, and the database's "
            "socket must not stand there: remove it and run this again."
        )


def _give(path: Path, server: Account | None) -> None:
    if server:
        os.chown(path, server.uid, server.gid)


def _environment() -> dict[str, str]:
    # PGHOST and its like would lead psql and the server elsewhere.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8"}

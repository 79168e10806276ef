import os
from pathlib import Path

import psycopg
import pytest
from bootstrap import cluster, postgres, shared
from bootstrap.place import Place
from bootstrap.steps import SetupError
from psycopg.conninfo import conninfo_to_dict

PASSWORD = "a/b c%d@e:f?g=h&i"


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_address_survives_any_password(place: Place):
    assert conninfo_to_dict(cluster.address(place, PASSWORD)) == {
        "user": "civicgrid",
        "password": PASSWORD,
        "dbname": "civicgrid",
        "host": str(place.socket),
    }


def test_it_serves_a_spatial_database_to_its_owner_alone(private_place: Place):
    with shared.running(private_place, PASSWORD) as url:
        assert one(url, "SELECT ST_AsText(ST_Point(1, 2))") == "POINT(1 2)"
        assert one(url, "SHOW listen_addresses") == ""
        assert one(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        wrong = cluster.address(private_place, "guessed")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            one(wrong, "SELECT 1")
        assert private_place.socket.stat().st_mode & 0o077 == 0


def test_a_database_of_the_tests_has_the_extensions(private_place: Place):
    with shared.running(private_place, PASSWORD) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE another")
        found = one(
            url.replace("/civicgrid?", "/another?"),
            "SELECT array_agg(extname::text) FROM pg_extension",
        )
        assert set(postgres.EXTENSIONS) <= set(found)  # type: ignore[call-overload]


def test_the_last_script_stops_what_the_first_started(private_place: Place):
    first = shared.running(private_place, PASSWORD)
    with first:
        started = cluster.server_pid(private_place)
        with shared.running(private_place, PASSWORD):
            assert cluster.server_pid(private_place) == started
        assert cluster.server_pid(private_place) == started
    assert cluster.server_pid(private_place) is None


def test_a_script_leaves_a_cluster_that_a_developer_keeps(private_place: Place):
    shared.keep(private_place, PASSWORD)
    with shared.running(private_place, PASSWORD):
        assert shared.release(private_place) is False
        shared.keep(private_place, PASSWORD)
    assert cluster.server_pid(private_place) is not None
    assert shared.release(private_place) is True
    assert cluster.server_pid(private_place) is None


def test_it_recovers_from_a_crash_whose_process_number_is_in_use(private_place: Place):
    with shared.running(private_place, PASSWORD) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    # As after a power cut: the number in the file now belongs to another program.
    (private_place.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n")
    (private_place.socket / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    assert cluster.server_pid(private_place) is None
    with shared.running(private_place, PASSWORD) as url:
        assert one(url, "SELECT answer FROM kept") == 42


def test_an_interrupted_first_run_leaves_no_half_cluster(fresh_place: Place):
    unfinished = fresh_place.cluster.with_name(fresh_place.cluster.name + ".new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15")
    with shared.running(fresh_place, PASSWORD) as url:
        assert one(url, "SELECT 1") == 1
    assert not unfinished.exists()


def test_a_socket_folder_of_someone_else_is_not_used(fresh_place: Place, tmp_path: Path):
    fresh_place.socket.symlink_to(tmp_path)
    try:
        with pytest.raises(SetupError, match="belongs to someone else"):
            cluster.start(fresh_place)
    finally:
        fresh_place.socket.unlink()


def test_data_of_another_release_is_named(fresh_place: Place):
    fresh_place.cluster.mkdir(parents=True)
    (fresh_place.cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(SetupError, match=r"made by PostgreSQL 9.*install postgresql-9-postgis-3"):
        cluster.start(fresh_place)


def test_an_interrupt_of_the_terminal_does_not_reach_the_server(private_place: Place):
    with shared.running(private_place, PASSWORD):
        pid = cluster.server_pid(private_place)
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0)
    assert not Path(f"/proc/{pid}/exe").exists()

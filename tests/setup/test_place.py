from pathlib import Path

import pytest
from bootstrap import place as places
from bootstrap.place import Place


def at(root: str, uid: int = 1000) -> Place:
    return Place(Path(root), Path(root) / ".state", uid)


def test_two_clones_share_no_cluster():
    one, other = at("/srv/one"), at("/srv/other")
    assert one.cluster != other.cluster
    assert one.socket != other.socket


def test_two_users_of_one_folder_share_no_socket():
    assert at("/srv/one", 1000).socket != at("/srv/one", 1001).socket


def test_a_clone_finds_its_cluster_again():
    assert at("/srv/one").socket == at("/srv/one").socket


def test_root_keeps_the_data_out_of_its_closed_home():
    assert at("/root/clone", 0).cluster.parent == Path("/var/lib/civicgrid")


def test_others_keep_the_data_in_the_state_folder():
    assert at("/home/ada/clone").cluster == Path("/home/ada/clone/.state/cluster")


def test_the_socket_path_fits_however_deep_the_clone_lies():
    deep = at("/home/ada/" + "a-long-folder/" * 20)
    assert len(str(deep.socket / ".s.PGSQL.5432.lock")) < 108


def test_the_state_folder_is_closed_to_others(place: Place):
    assert place.state.stat().st_mode & 0o777 == 0o700
    assert place.secrets.stat().st_mode & 0o777 == 0o700


def test_the_state_folder_can_be_moved(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CIVICGRID_STATE", "/var/lib/city")
    assert places.here().state == Path("/var/lib/city")
    monkeypatch.setenv("CIVICGRID_STATE", "state")
    assert places.here().state == places.ROOT / "state"

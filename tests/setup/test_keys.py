from concurrent.futures import ThreadPoolExecutor

from bootstrap import keys
from bootstrap.place import Place


def test_every_secret_is_readable_by_its_owner_alone(place: Place):
    keys.make_all(place.secrets)
    modes = {path.name: path.stat().st_mode & 0o777 for path in place.secrets.iterdir()}
    assert modes == {"secret_key": 0o600, "web_password": 0o600, "owner_password": 0o600}


def test_secrets_differ_and_stay(place: Place):
    keys.make_all(place.secrets)
    first = {path.name: path.read_text() for path in place.secrets.iterdir()}
    keys.make_all(place.secrets)
    assert {path.name: path.read_text() for path in place.secrets.iterdir()} == first
    assert len(set(first.values())) == 3
    assert min(len(value) for value in first.values()) > 60


def test_first_runs_at_the_same_time_agree(place: Place):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(keys.read_or_make, [place.secrets / "secret_key"] * 32))
    assert len(found) == 1
    assert [path.name for path in place.secrets.iterdir()] == ["secret_key"]

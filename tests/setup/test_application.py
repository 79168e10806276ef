"""The site's commands as the scripts call them, in a cluster of their own."""

import shutil
import sys

import psycopg
from bootstrap import application, keys, shared
from bootstrap.place import ROOT, Place
from psycopg.conninfo import make_conninfo

PASSWORD = "of the owner"


def can_sign_in(url: str, password: str) -> bool:
    try:
        psycopg.connect(make_conninfo(url, user="civicgrid_web", password=password)).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_clone_made_again_takes_over_the_cluster_that_the_old_one_left(fresh_place: Place):
    keys.make_all(fresh_place.secrets)
    shutil.rmtree(fresh_place.venv)
    fresh_place.venv.symlink_to(sys.prefix)
    for name in ("manage.py", "requirements"):
        (fresh_place.root / name).symlink_to(ROOT / name)
    before = keys.read_or_make(fresh_place.secrets / "web_password")
    with shared.running(fresh_place, PASSWORD) as url:
        env = application.site_environment(fresh_place, url, None)
        env.pop("CIVICGRID_WEB_PASSWORD", None)
        application.prepare_database(fresh_place, env, own_cluster=True)
        assert can_sign_in(url, before)
        (fresh_place.secrets / "web_password").unlink()
        after = keys.read_or_make(fresh_place.secrets / "web_password")
        application.prepare_database(fresh_place, env, own_cluster=True, for_tests=True)
        assert can_sign_in(url, after)
        assert not can_sign_in(url, before)

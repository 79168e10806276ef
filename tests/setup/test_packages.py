import pytest
from bootstrap.packages import Need, postgis_packages, sentence


@pytest.mark.parametrize(("release", "major"), [("bookworm", 15), ("trixie", 17)])
def test_postgis_goes_by_the_names_of_the_release(release: str, major: int):
    assert postgis_packages(release) == (f"postgresql-{major}", f"postgresql-{major}-postgis-3")


def test_an_unknown_release_takes_the_packages_without_a_version():
    assert postgis_packages("forky") == ("postgresql", "postgresql-postgis")


def test_an_administrator_gets_one_sentence_with_one_command():
    needs = [Need("Python's venv", ("python3.11-venv",)), Need("Chromium", ("chromium",))]
    said = sentence(needs, "script/test")
    assert said == (
        "Python's venv and Chromium are missing: ask an administrator to run "
        "`apt-get install --no-install-recommends python3.11-venv chromium`, "
        "then run script/test again."
    )


def test_one_missing_thing_is_missing_in_the_singular():
    assert sentence([Need("Chromium", ("chromium",))], "script/test").startswith(
        "Chromium is missing: "
    )

"""`script/test`: every check, one summary."""

import os
from collections.abc import Sequence

from bootstrap import application, packages, preparation, slot, static, suites
from bootstrap.place import here
from bootstrap.steps import say
from bootstrap.summary import Outcome, report

# The tests set these themselves; a developer's own would lead them elsewhere.
SET_BY_TESTS = ("CIVICGRID_URL", "CIVICGRID_DB_ROLE", "DJANGO_SETTINGS_MODULE")


def main(arguments: Sequence[str]) -> int:
    """Prepare and run the checks; return 1 if one failed."""
    if arguments and arguments[0] in {"-h", "--help"}:
        say("script/test [--slow] [PYTEST ARGS...]")
        say("  Prepares as script/server does, then runs every check.")
        say("  --slow         also what takes long")
        say("  PYTEST ARGS    run pytest alone, with these words: paths, -k, -x ...")
        return 0
    words = [word for word in arguments if word != "--slow"]
    slow = len(words) < len(arguments)
    place = here()
    preparation.install(place, development=True, script="script/test")
    with preparation.database(place) as database_url:
        env = application.site_environment(place, database_url, None)
        for name in SET_BY_TESTS:
            env.pop(name, None)
        env.setdefault("CHROMIUM", packages.chromium())
        with application.making_assets(place, env):
            application.prepare_database(
                place, env, own_cluster=not preparation.own_database(), for_tests=True
            )
        say()
        with slot.taken(place, env, slow=slow) as run:
            outcomes: list[Outcome]
            if words:
                outcomes = [suites.run_with(run, words)]
            else:
                at_once = min(2, os.cpu_count() or 1)
                outcomes = [static.run_all(run, at_once), *suites.run_all(run, at_once)]
    return report(outcomes)

from bootstrap import slot
from bootstrap.place import Place


def test_two_runs_of_one_clone_share_neither_database_nor_logs(place: Place):
    with slot.taken(place, {}, slow=False) as one, slot.taken(place, {}, slow=False) as other:
        assert one.env["CIVICGRID_TEST_DATABASE"] == "test_civicgrid"
        assert other.env["CIVICGRID_TEST_DATABASE"] == "test_civicgrid_2"
        assert one.logs != other.logs


def test_a_slot_is_taken_again_after_its_run(place: Place):
    for _ in range(2):
        with slot.taken(place, {}, slow=False) as run:
            assert run.env["CIVICGRID_TEST_DATABASE"] == "test_civicgrid"


def test_a_database_that_someone_names_is_kept(place: Place):
    named = {"CIVICGRID_TEST_DATABASE": "test_mine"}
    with slot.taken(place, named, slow=True) as run:
        assert run.env["CIVICGRID_TEST_DATABASE"] == "test_mine"
        assert run.slow is True

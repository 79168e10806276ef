"""How a text is read and how like two words are; nothing here needs the database."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layers.gazetteer import words

folded = st.text("abcdeäßшל0123", min_size=1, max_size=12)
typed = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
street = st.lists(st.sampled_from(["Mill", "High", "Lane", "Way", "5th"]), min_size=1, max_size=3)
number = st.integers(1, 9999).flatmap(
    lambda n: st.sampled_from([f"{n}", f"{n}a", f"{n}-{n + 2}", f"{n}/3", f"{n}B"])
)


@given(folded, folded)
def test_slips_count_alike_in_both_directions(one, other):
    whole, begun = words.slips(one, other, 99)
    assert whole == words.slips(other, one, 99)[0]
    assert begun <= whole <= max(len(one), len(other))
    assert (whole == 0) == (one == other)


@given(folded, folded, st.integers(0, 4))
def test_counting_slips_may_end_early_but_not_wrongly(one, other, most):
    exact, early = words.slips(one, other, 99), words.slips(one, other, most)
    assert [min(n, most + 1) for n in exact] == [min(n, most + 1) for n in early]


@given(folded, st.data())
def test_one_slip_of_each_kind_counts_one(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("xyz"))
    assert words.slips(word[:at] + letter + word[at:], word, 9)[0] == 1
    assert words.slips(word[:at] + letter + word[at + 1 :], word, 9)[0] == 1
    if len(word) > 1:
        assert words.slips(word[:at] + word[at + 1 :], word, 9)[0] == 1
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    assert words.slips(swapped, word, 9)[0] == (swapped != word)


@given(folded, folded, st.booleans())
def test_likeness_is_one_for_the_same_alone(one, other, is_common):
    like = words.likeness(one, other, is_common=is_common)
    assert like == 0 or words.LEAST_LIKE <= like <= 1
    assert (like == 1) == (one == other)


@pytest.mark.parametrize(
    ("typed", "word", "is_common", "is_like"),
    [
        ("st", "street", True, True),
        ("street", "st", True, True),
        ("rd", "road", True, True),
        ("rd", "rudyard", False, False),
        ("blvd", "boulevard", True, True),
        ("m", "mill", False, True),
        ("morissey", "m", True, False),
        ("12", "13", False, False),
        ("5th", "6th", False, False),
        ("oak", "oka", False, True),
        ("oak", "elm", False, False),
        ("comonw", "commonwealth", False, True),
    ],
)
def test_a_word_is_known_by_its_beginning_its_short_form_and_in_spite_of_slips(
    typed, word, is_common, is_like
):
    assert bool(words.likeness(typed, word, is_common=is_common)) == is_like


@given(typed)
@example("\0Mill\tLane\u2003 ")
def test_cleaning_again_changes_nothing(text):
    clean = words.clean(text)
    assert words.clean(clean) == clean
    assert "\0" not in clean
    assert len(clean) <= words.LONGEST_TEXT


@given(typed.map(words.clean).filter(bool))
def test_every_text_has_a_reading_with_all_its_words(text):
    first = words.readings(text)[0]
    assert (first.street.split(), first.number) == (text.replace(",", " ").split(), "")


@given(
    street,
    number,
    st.sampled_from(["{s} {n}", "{n} {s}", "{s}, {n}", "{n}, {s}", "{s} {n}, Old Town"]),
)
def test_a_number_on_either_side_is_the_houses(street, number, pattern):
    name = " ".join(street)
    readings = words.readings(pattern.format(s=name, n=number))
    assert (name, number) in {(reading.street, reading.number) for reading in readings}


@given(
    street,
    street,
    st.sampled_from(["{} / {}", "{}/{}", "{} & {}", "{} and {}", "corner of {} y {}"]),
)
def test_two_streets_are_parted_where_they_are_joined(one, other, pattern):
    left, right = " ".join(one), " ".join(other)
    assert (left, right) in words.joined(pattern.format(left, right))


@given(typed.map(words.clean))
def test_no_part_of_a_reading_is_empty(text):
    for left, right in words.joined(text) + words.halves(text):
        assert left
        assert right
    assert all(reading.street for reading in words.readings_with_part(text))


def test_a_street_with_a_fraction_in_its_number_is_no_crossing():
    assert words.joined("Mill Lane 12/3") == []

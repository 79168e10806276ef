"""A category's own questions: asked, checked, stored and said from one schema."""

import pytest
from django import forms

from fixtures.base import categories, schema_of
from layers.errors import InvalidInput
from reports import questions
from reports.intake import submit
from reports.models import Category, PublicReport, Report
from reports.submission import NewReport
from tests.database.conftest import WEST_POINT

SCHEMA = schema_of(
    [
        {
            "name": "size",
            "title": "How large is it?",
            "type": "string",
            "enum": ["hand", "door"],
            "x-titles": ["Like a hand", "Larger"],
            "x-public": True,
            "required": True,
        },
        {
            "name": "what",
            "title": "What lies there?",
            "type": "array",
            "uniqueItems": True,
            "items": {"type": "string", "enum": ["bags", "tires"], "x-titles": ["Bags", "Tires"]},
        },
        {"name": "since", "title": "Since when?", "type": "string", "format": "date"},
        {"name": "often", "title": "Often?", "type": "boolean", "x-public": True},
        {"name": "lamps", "title": "How many?", "type": "integer", "minimum": 1, "maximum": 9},
        {"name": "plate", "title": "Plate", "type": "string", "maxLength": 5},
    ]
)
ANSWERS = {
    "size": "door",
    "what": ["tires", "bags"],
    "since": "2026-03-31",
    "often": False,
    "lamps": 3,
    "plate": "AB 12",
}


@pytest.fixture
def asking(small_city):
    Category.objects.filter(code__in=["pothole", "theft"]).update(questions=SCHEMA)


def test_answers_that_fit_come_back_as_they_were():
    assert questions.check(SCHEMA, ANSWERS) == ANSWERS


def test_blank_answers_are_left_out_and_texts_lose_their_edges():
    given = {"size": "hand", "plate": " A\0B\ud800 ", "since": "", "what": [], "often": None}
    assert questions.check(SCHEMA, given) == {"size": "hand", "plate": "AB"}


def test_a_whole_number_may_be_written_with_a_point():
    assert repr(questions.check(SCHEMA, {"size": "hand", "lamps": 3.0})["lamps"]) == "3"


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({}, "size", "Answer the question “How large is it?”."),
        ({"size": "  "}, "size", "Answer the question “How large is it?”."),
        ({"size": "huge"}, "size", "“How large is it?”: Choose among: hand, door."),
        ({"size": 3}, "size", "Give a text"),
        ({"size": "hand", "what": ["cars"]}, "what", "Choose among: bags, tires."),
        ({"size": "hand", "what": ["bags", "bags"]}, "what", "Name each thing once."),
        ({"size": "hand", "what": "bags"}, "what", "Give a list of answers."),
        ({"size": "hand", "since": "yesterday"}, "since", "Give a date such as 2026-03-31."),
        ({"size": "hand", "often": "yes"}, "often", "Say true or false."),
        ({"size": "hand", "lamps": 0}, "lamps", "Give 1 or more."),
        ({"size": "hand", "lamps": 10}, "lamps", "Give 9 or less."),
        ({"size": "hand", "lamps": True}, "lamps", "Give a whole number."),
        ({"size": "hand", "plate": "AB 123"}, "plate", "Use 5 characters or fewer."),
        ({"size": "hand", "colour": "red"}, "colour", "no question “colour” here. Known are: size"),
    ],
)
def test_a_refusal_names_the_question_and_the_remedy(answers, field, words):
    with pytest.raises(InvalidInput) as refused:
        questions.check(SCHEMA, answers)
    assert refused.value.field == f"answers.{field}"
    assert words in refused.value.message


def test_a_kind_without_questions_takes_no_answers():
    assert questions.check({}, {}) == {}
    with pytest.raises(InvalidInput, match="no questions of its own"):
        questions.check({}, {"size": "hand"})


def test_a_form_asks_in_the_schemas_order_and_gives_the_same_answers():
    fields = questions.form_fields(SCHEMA)
    typed = {**ANSWERS, "often": "no", "lamps": "3"}
    form = type("Asking", (forms.Form,), dict(fields))(typed)
    assert list(fields) == list(ANSWERS)
    assert form.is_valid(), form.errors
    assert questions.from_form(SCHEMA, form.cleaned_data) == ANSWERS


def test_a_form_asks_for_nothing_that_may_stay_open():
    form = type("Asking", (forms.Form,), questions.form_fields(SCHEMA))({"size": "hand"})
    assert form.is_valid(), form.errors
    assert questions.from_form(SCHEMA, form.cleaned_data) == {"size": "hand"}
    assert ("", "I do not know") in form.fields["often"].choices
    assert ("", "I do not know") not in form.fields["size"].choices


def test_answers_are_said_in_the_readers_words():
    assert questions.in_words(SCHEMA, ANSWERS | {"gone": "blue"}) == [
        ("How large is it?", "Larger"),
        ("What lies there?", "Tires, Bags"),
        ("Since when?", "31 March 2026"),
        ("Often?", "No"),
        ("How many?", "3"),
        ("Plate", "AB 12"),
        ("gone", "blue"),
    ]


def test_every_channel_is_checked_and_other_systems_owe_no_answer(asking):
    with pytest.raises(InvalidInput, match="How large is it"):
        submit(NewReport("pothole", WEST_POINT))
    submit(NewReport("pothole", WEST_POINT, source="311", source_key="1"))
    with pytest.raises(InvalidInput, match="Choose among"):
        submit(
            NewReport("pothole", WEST_POINT, source="311", source_key="2", answers={"size": "huge"})
        )


@pytest.mark.parametrize(
    ("category", "public"), [("pothole", {"size": "door", "often": False}), ("theft", {})]
)
def test_everybody_sees_public_answers_where_the_class_shows_text(asking, category, public):
    answer = submit(NewReport(category, WEST_POINT, answers=ANSWERS))
    assert Report.objects.get(pk=answer.report_id).answers == ANSWERS
    assert PublicReport.objects.get(report=answer.report_id).answers == public


@pytest.mark.parametrize("category", [c for c in categories() if c.questions], ids=lambda c: c.code)
def test_the_base_datas_questions_can_be_asked_and_answered(db, category):
    schema = Category.objects.get(code=category.code).questions
    assert schema == category.questions
    form = type("Asking", (forms.Form,), questions.form_fields(schema))({})
    assert form.is_valid(), form.errors
    first = {
        q.name: (
            [q.choices[0][0]]
            if q.rule["type"] == "array"
            else q.choices[0][0]
            if q.choices
            else {"boolean": True, "integer": 1}.get(q.rule["type"], "2026-03-31")
        )
        for q in questions.of_schema(schema)
    }
    assert len(questions.in_words(schema, questions.check(schema, first))) == len(first)

"""A quote that swallows rows of a CSV is found; cells that hold lines are none."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.errors import InvalidInput
from layers.importing.quoting import csv_records

HEADER = ["id", "text", "place"]
NUMBERS = st.integers(0, 999).map(str)
PLAIN = st.text("ab, ;'", max_size=9).map(str.strip).filter(lambda text: not text.startswith(","))
OF_LINES = st.text('ab"\n \r;', max_size=30)


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    """Write rows as many programs do: numbers bare, texts in quotes."""
    out = io.StringIO()
    lines = [*([HEADER] if rows else []), *rows]
    for row in lines:
        cells = [row[0], *('"{}"'.format(cell.replace('"', '""')) for cell in row[1:])]
        out.write(delimiter.join(cells) + "\r\n")
    return out.getvalue()


def read(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv_records(io.StringIO(text, newline=""), "a.csv", delimiter))


def rows_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    row = st.tuples(NUMBERS, texts, texts).map(list)
    return st.lists(row, min_size=1, max_size=6)


@given(rows_of(OF_LINES), st.sampled_from([",", "\t", "|"]))
def test_lines_and_quotes_in_cells_read_back(rows, delimiter):
    assert read(table(rows, delimiter), delimiter) == [HEADER, *rows]


@given(rows_of(PLAIN), st.data())
def test_one_quote_too_few_takes_no_row_away_in_silence(rows, data):
    text = table(rows)
    quotes = [place for place, letter in enumerate(text) if letter == '"']
    place = data.draw(st.sampled_from(quotes))
    try:
        found = read(text[:place] + text[place + 1 :])
    except InvalidInput:
        return
    assert len(found) == 1 + len(rows)


@given(rows_of(OF_LINES), st.data())
def test_a_file_cut_inside_a_quote_is_refused(rows, data):
    text = table(rows)
    cells = [place for place in range(len(text)) if text[:place].count('"') % 2]
    cut = text[: data.draw(st.sampled_from(cells))]
    # Between the two of a doubled one the cell looks closed.
    if cut.endswith('"') and not cut.endswith(',"'):
        return
    with pytest.raises(InvalidInput, match="does not close"):
        read(cut)


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ('id,text\n1,"a\n2,b\n', 2),
        ('"id\nof it","text"\n1,a\n2,"b\n3,c\n', 4),
        ('id,text\r\n1,"a\r\nb"\r\n2,"c\r\n3,d\r\n', 4),
        ('id\ttext\n1\ta\n2\t"b', 3),
        ('id,text\r1,"a\r2,b\r', 2),
    ],
)
def test_the_line_where_it_opens_is_named(text, opens):
    with pytest.raises(InvalidInput) as refusal:
        read(text, "\t" if "\t" in text else ",")
    assert f"A quote opens in line {opens} of a.csv" in refusal.value.message


def test_a_paragraph_with_commas_is_no_row():
    cell = "Dear city,\nthe lamp, the kerb,\nand all\n"
    assert read(table([["1", cell, ""]])) == [HEADER, ["1", cell, ""]]


def test_three_rows_in_a_cell_are_rows():
    with pytest.raises(InvalidInput, match="closes in line 6, so the rows between"):
        read('id,text,place\n1,"a\n2,b,c\n3,d,e\n4,f,g\n5,h",i\n')


def test_a_list_in_a_cell_is_no_rows():
    """Its lines have as many parts as the table, but words where the table has numbers."""
    text = (
        "name,lon,lat\n"
        '"Play ground\nopen: Mon, Tue, Wed\nbring: ball, cap, water\nrules: none, at, all\n'
        'see you",0.001,0.001\n'
    )
    assert len(read(text)) == 2
    assert (
        len(read('name,text\nPark,"Bring:\na ball, a cap\nwater, milk\nbread, salt\nyes"\n')) == 2
    )


def test_a_cell_too_long_for_one_is_still_the_readers_to_refuse():
    with pytest.raises(csv.Error, match="field larger"):
        read(f"id,text\n1,{'x' * (csv.field_size_limit() + 1)}\n")

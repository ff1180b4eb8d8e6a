"""Data sets of FluCoMa and of spreadsheets: read, written back the same, refused with a sentence."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from latent_terrain.nodes.gui.tables import (
    Table,
    as_table,
    as_trajectories,
    read_csv,
    read_dataset,
    write_csv,
    write_dataset,
)
from latent_terrain.nodes.gui.units import MapError

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    ids = draw(
        st.lists(
            st.text('abc#-1 ,;"', min_size=1, max_size=6).map(str.strip).filter(bool),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    return Table(tuple(ids), draw(hnp.arrays(np.float64, (len(ids), 3), elements=NUMBERS)))


def test_a_flucoma_data_set_is_written_back_the_same() -> None:
    text = json.dumps({"cols": 2, "data": {"p-1": [0.3253456548759963, 1], "p-0": [0.5, -2e-7], "ä": [3, 4]}})
    table = read_dataset(text)
    assert table is not None
    assert table.ids == ("p-1", "p-0", "ä")
    assert json.loads(write_dataset(table)) == json.loads(text)
    assert list(json.loads(write_dataset(table))["data"]) == ["p-1", "p-0", "ä"]
    assert read_dataset('{"latents": {}}') is None


@given(tables())
def test_both_formats_give_back_what_was_written(table: Table) -> None:
    for again in (read_dataset(write_dataset(table)), read_csv(write_csv(table, "latents"))):
        assert again is not None
        assert again.ids == table.ids
        assert np.array_equal(again.rows, table.rows)


@pytest.mark.parametrize(
    ("text", "ids", "rows"),
    [
        ("1,2\n3,4\n", ("", ""), [[1, 2], [3, 4]]),
        ("x,y\n1,2\n3,4\n", ("", ""), [[1, 2], [3, 4]]),
        ("id,x,y\na,1,2\nb,3,4", ("a", "b"), [[1, 2], [3, 4]]),
        ("a,1,2\nb,3,4\n", ("a", "b"), [[1, 2], [3, 4]]),
        ("id,x\n7,1\n8,2\n", ("7", "8"), [[1], [2]]),
        ("\ufeffname;x;y\r\nkick;0,5;1\r\n\r\nsnare;1,5;2\r\n", ("kick", "snare"), [[0.5, 1], [1.5, 2]]),
        ("a\t1\t2", ("a",), [[1, 2]]),
        ('"a, b",1\n"c",2\n', ("a, b", "c"), [[1], [2]]),
    ],
)
def test_csv_of_every_usual_kind_is_read(text: str, ids: tuple[str, ...], rows: list[list[float]]) -> None:
    table = read_csv(text.encode())
    assert (table.ids, table.rows.tolist()) == (ids, rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a,1\nb\n", "line 2: it has 1 columns"),
        ("a,1,2\nb,1,x\n", "line 2: 'x' is not a number"),
        ("a,1\na,2\n", "'a' is there twice"),
        ("a,nan\n", "not a number"),
        ("only words\n", "no numbers"),
    ],
)
def test_csv_that_makes_no_sense_is_refused_with_the_line(text: str, words: str) -> None:
    with pytest.raises(MapError, match=words):
        read_csv(text)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"cols": 2, "data": {"a": [1]}}, "cols says 2"),
        ({"cols": 1, "data": {"a": ["kick"]}}, "not a label set"),
        ({"cols": 0, "data": {}}, "holds no numbers"),
    ],
)
def test_a_data_set_that_makes_no_sense_is_refused(data: object, words: str) -> None:
    with pytest.raises(MapError, match=words):
        read_dataset(json.dumps(data))


def test_lines_are_lines_again_and_points_are_points() -> None:
    names = ("kick", "p-0", "p-1", "kick")
    arrays = tuple(np.arange(2 * n, dtype=np.float64).reshape(n, 2) for n in (3, 1, 1, 2))
    table = as_table(names, arrays)
    assert table.ids == ("kick#0", "kick#1", "kick#2", "p-0", "p-1", "kick 2#0", "kick 2#1")
    again, points = as_trajectories(table)
    assert again == ("kick", "p-0", "p-1", "kick 2")
    assert all(np.array_equal(one, other) for one, other in zip(points, arrays, strict=True))


@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_readers(text: str) -> None:
    for read in (read_csv, read_dataset):
        try:
            read(text)
        except MapError:
            continue

"""Trading dictionaries with the Max externals."""

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_terrain.nodes.gui.exchange import Exchange, read_exchange, write_exchange
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.units import MapError

finite = st.floats(-1e6, 1e6)


def _tables(most: int) -> st.SearchStrategy[tuple[np.ndarray, ...]]:
    return st.tuples(st.integers(1, most), st.lists(st.integers(1, 6), max_size=4)).flatmap(
        lambda shape: st.tuples(*(arrays(np.float64, (rows, shape[0]), elements=finite) for rows in shape[1]))
    )


exchanges = st.builds(
    Exchange,
    coordinates=_tables(6),
    latents=_tables(12),
    anchors=st.lists(arrays(np.float64, (3, 2), elements=finite).map(Polyline), max_size=3).map(tuple),
    terrain=st.one_of(arrays(np.float64, (3, 4), elements=finite), arrays(np.float64, (4, 2, 3), elements=finite)),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["0", "1", "2", "01", "anchor_x", "anchor_y", "coordinates", "latents", "anchors", "terrain", ""]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)


@given(exchanges)
def test_what_is_written_is_read_back_exactly(exchange: Exchange) -> None:
    back = read_exchange(write_exchange(exchange))
    for mine, theirs in ((exchange.coordinates, back.coordinates), (exchange.latents, back.latents)):
        assert len(mine) == len(theirs)
        for one, other in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(one, other)
    assert back.anchors == exchange.anchors
    assert back.terrain is not None
    np.testing.assert_array_equal(back.terrain, exchange.terrain)


def test_f14_the_written_layout_is_that_of_max() -> None:
    text = write_exchange(
        Exchange(
            coordinates=(np.array([[1.0, 2.0], [3.0, 4.0]]),),
            anchors=(Polyline(np.array([[1.0, 2.0]])),),
            terrain=np.array([[0.5, 1.5]]),
        )
    )
    assert json.loads(text) == {
        "coordinates": {"1": {"0": [1.0, 3.0], "1": [2.0, 4.0]}},
        "anchors": {"1": {"anchor_x": [1.0, 1.0], "anchor_y": [2.0, 2.0]}},
        "terrain": {"0": [0.5, 1.5]},
    }


def test_f14_anchors_of_the_old_layout_are_found_inside_the_coordinates() -> None:
    read = read_exchange('{"coordinates": {"1": {"0": [1, 2], "1": [3, 4], "anchor_x": [1, 2], "anchor_y": [3, 4]}}}')
    np.testing.assert_array_equal(read.coordinates[0], [[1, 3], [2, 4]])
    np.testing.assert_array_equal(read.anchors[0].anchors, [[1, 3], [2, 4]])


def test_single_numbers_stand_for_lists_of_one() -> None:
    read = read_exchange('{"latents": {"1": {"0": 5, "1": 6.5}}, "terrain": {"0": 1, "1": 2}}')
    np.testing.assert_array_equal(read.latents[0], [[5, 6.5]])
    np.testing.assert_array_equal(read.terrain, [[1], [2]])


def test_entries_are_read_in_the_order_of_their_numbers() -> None:
    read = read_exchange({"latents": {"2": {"0": [2.0]}, "1": {"0": [1.0]}}, "summary": {}})
    assert [array[0, 0] for array in read.latents] == [1, 2]
    assert read.ignored == ("summary",)


def test_more_than_nine_dimensions_are_in_number_order() -> None:
    table = {str(index): [float(index)] for index in reversed(range(12))}
    np.testing.assert_array_equal(read_exchange({"latents": {"1": table}}).latents[0][0], np.arange(12))


def test_a_colour_terrain_has_four_channels() -> None:
    row = {str(channel): [channel, channel + 0.5] for channel in range(4)}
    terrain = read_exchange({"terrain": {"0": row, "1": row, "2": row}}).terrain
    assert terrain is not None
    assert terrain.shape == (4, 3, 2)
    assert terrain[3, 0, 1] == 3.5


def test_f15_emptied_sets_are_empty() -> None:
    assert read_exchange('{"coordinates": {}, "anchors": {}}') == Exchange()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "not a dictionary"),
        ("{}", "holds none of"),
        ('{"coordinates": 3}', "coordinates: it is not a dictionary"),
        ('{"coordinates": {"0": {"0": [1]}}}', 'no entry "1" but an entry'),
        ('{"coordinates": {"1": {"0": [1]}, "3": {"0": [1]}}}', 'no entry "2"'),
        ('{"coordinates": {"1": {"0": [1, 2], "1": [1]}}}', "equally long"),
        ('{"coordinates": {"1": {"0": []}}}', "empty"),
        ('{"coordinates": {"1": {}}}', "0 dimensions"),
        ('{"coordinates": {"1": {"0": [1]}, "2": {"0": [1], "1": [1]}}}', "make all trajectories alike"),
        ('{"latents": {"1": {"0": [1, "a"]}}}', "not a number"),
        ('{"latents": {"1": {"0": [1, true]}}}', "not a number"),
        ('{"latents": {"1": {"0": [NaN]}}}', "NaN"),
        ('{"latents": {"1": {"0": [1e999]}}}', "too large"),
        ('{"latents": {"1": {"0": [' + "9" * 400 + "]}}}", "too large"),
        ('{"latents": {"1": {"0": [' + "9" * 9000 + "]}}}", "too long"),
        ('{"latents": {}, "latents": {}}', "twice"),
        ('{"anchors": {"1": {"anchor_x": [1]}}}', "anchor_y is missing"),
        ('{"anchors": {"1": {"anchor_x": [1e12], "anchor_y": [1]}}}', "anchors 1: an anchor"),
        ('{"coordinates": {"1": {"0": [1], "anchor_x": [1], "anchor_y": [1]}, "2": {"0": [1]}}}', "only some"),
        ('{"terrain": {}}', "no rows"),
        ('{"terrain": {"0": [1, 2], "1": [1]}}', "wide"),
        ('{"terrain": {"0": {"0": [1], "1": [1]}}}', "4"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence_that_names_the_entry(text: str, words: str) -> None:
    with pytest.raises(MapError) as caught:
        read_exchange(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(MapError, match="not text"):
        read_exchange(b"RIFF\xff\xfe\x00WAVE")


def _reads_or_refuses(source: str | bytes) -> None:
    with suppress(MapError):
        read_exchange(source)


@given(st.binary(max_size=60))
def test_random_bytes_never_crash_the_reader(data: bytes) -> None:
    _reads_or_refuses(data)


@given(json_values)
def test_random_json_never_crashes_the_reader(value: object) -> None:
    _reads_or_refuses(json.dumps(value))


@given(st.dictionaries(st.sampled_from(["coordinates", "latents", "anchors", "terrain"]), json_values, min_size=1))
def test_f19_b19_random_content_in_known_entries_never_crashes_the_reader(value: object) -> None:
    _reads_or_refuses(json.dumps(value))


@given(exchanges, st.data())
def test_a_file_damaged_anywhere_never_crashes_the_reader(exchange: Exchange, data: st.DataObject) -> None:
    text = write_exchange(exchange)
    place = data.draw(st.integers(0, len(text)))
    _reads_or_refuses(text[:place])
    _reads_or_refuses(text[:place] + data.draw(st.text(max_size=3)) + text[place + 1 :])


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(latents=(np.array([[np.nan]]),)),
        Exchange(coordinates=(np.zeros((2, 7)),)),
        Exchange(latents=(np.zeros((0, 2)),)),
        Exchange(anchors=(Polyline(np.zeros((2, 3))),)),
        Exchange(terrain=np.zeros((3, 2, 2))),
    ],
)
def test_what_max_could_not_read_is_not_written(exchange: Exchange) -> None:
    with pytest.raises(MapError):
        write_exchange(exchange)


def test_g03_the_anchors_of_the_help_patch_give_the_same_coordinates_after_a_round_trip() -> None:
    line = Polyline(np.array([[-6.400000035762787, 0.159999907016754], [-3.400000102818012, -2.280000038444996]]))
    (back,) = read_exchange(write_exchange(Exchange(anchors=(line,)))).anchors
    assert back == line

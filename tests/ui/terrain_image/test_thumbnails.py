"""Pictures of lands come when they are ready, are drawn once, and nobody waits for them."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages.workers import Draw, Picture
from latent_terrain.engine.processes.child import ChildError
from latent_terrain.graphs import Patch, add_node, load_file, move_node, remove_node, set_content, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.terrain.learned import colours_of, learned_weights
from latent_terrain.nodes.terrain.network import TerrainError
from latent_terrain.ui.terrain_image.lines import small_picture
from latent_terrain.ui.terrain_image.thumbnails import LONGEST_REST, Pictures, rest_seconds

from ...waiting import eventually

PALETTE = load_palette()


WALK = load_file(STARTERS["walk"].file)


class Painter:
    """A process that is none: paints each picture in one colour, the number of those it has painted."""

    def __init__(self) -> None:
        self.asked: list[Draw] = []
        self.fails = False

    def ask(self, question: Draw, wanted: type[Picture], seconds: float) -> Picture:
        self.asked.append(question)
        if self.fails:
            raise ChildError("no land")
        columns, rows = question.size
        return Picture(size=question.size, pixels=bytes([len(self.asked)]) * (rows * columns * 4))

    def close(self, seconds: float) -> None: ...


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def pictures(painter: Painter) -> Iterator[Pictures]:
    made = Pictures((8, 4), painter=painter)  # type: ignore[arg-type]
    yield made
    made.close()


def number(pictures: Pictures, node: str = "terrain") -> int:
    """Which picture is shown."""
    picture = pictures.ready().get(node)
    return 0 if picture is None else int(picture[0, 0, 0])


def other_land() -> Patch:
    content = dict(WALK.nodes["terrain"].content)
    content["learn/fc_out.bias"] = content["learn/fc_out.bias"] + 1.0
    return set_content(WALK, "terrain", content)


def test_a_land_is_drawn_by_another_process_as_it_is_drawn_here() -> None:
    pictures = Pictures((16, 8))
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: bool(pictures.ready()))
    picture = pictures.ready()["terrain"]
    node = WALK.nodes["terrain"]
    box, colours = node.values.get("box", (-16.0, -4.0, 16.0, 4.0)), colours_of(node)
    assert isinstance(box, list | tuple)
    expected = small_picture(learned_weights(node.content), colours, tuple(map(float, box)), (16, 8))  # type: ignore[arg-type]
    assert (picture.shape, picture.dtype) == ((8, 16, 4), np.uint8)
    assert np.array_equal(picture, expected)
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 20
    assert not picture.flags.writeable
    pictures.close()


def test_the_same_land_is_drawn_once_however_often_it_is_asked_for(pictures: Pictures, painter: Painter) -> None:
    for _ in range(100):
        pictures.ask("terrain", WALK, PALETTE)
    pictures.ask("terrain", move_node(WALK, "terrain", (500.0, 3.0)), PALETTE)
    pictures.ask("terrain", set_value(WALK, "terrain", "steps", 7), PALETTE)
    eventually(lambda: number(pictures) == 1)
    before = pictures.ready()["terrain"]
    pictures.ask("terrain", WALK, PALETTE)
    assert pictures.ready()["terrain"] is before
    assert len(painter.asked) == 1


def test_another_land_or_canvas_is_another_picture_and_undo_shows_the_first_at_once(
    pictures: Pictures, painter: Painter
) -> None:
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: number(pictures) == 1)
    pictures.ask("terrain", other_land(), PALETTE)
    eventually(lambda: number(pictures) == 2)
    pictures.ask("terrain", set_value(WALK, "terrain", "box", [-1.0, -1.0, 1.0, 1.0]), PALETTE)
    eventually(lambda: number(pictures) == 3)
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: number(pictures) == 1)
    assert len(painter.asked) == 3


def test_what_has_no_land_has_no_picture(pictures: Pictures, painter: Painter) -> None:
    patch = add_node(WALK, "terrain", "empty")
    for name in (*patch.nodes, "nobody"):
        pictures.ask(name, patch, PALETTE)
    eventually(lambda: set(pictures.ready()) == {"terrain", "map"})
    pictures.ask("terrain", remove_node(patch, "terrain"), PALETTE)
    assert set(pictures.ready()) == {"map"}


def test_a_land_that_cannot_be_drawn_is_not_tried_again_and_again(pictures: Pictures, painter: Painter) -> None:
    painter.fails = True
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: len(painter.asked) == 1)
    pictures.ask("terrain", set_content(WALK, "terrain", dict(WALK.nodes["terrain"].content)), PALETTE)
    painter.fails = False
    pictures.ask("terrain", other_land(), PALETTE)
    eventually(lambda: number(pictures) > 0)
    assert len(painter.asked) == 2


def test_a_process_that_dies_is_started_again() -> None:
    pictures = Pictures((8, 4))
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: bool(pictures.ready()))
    before = pictures.ready()["terrain"]
    os.kill(pictures._painter.pid, signal.SIGKILL)
    pictures.ask("terrain", other_land(), PALETTE)
    eventually(lambda: pictures.ready()["terrain"] is not before)
    pictures.close()


def test_odd_content_and_settings_do_no_harm() -> None:
    pictures = Pictures((8, 4))
    odd = set_content(WALK, "terrain", {"learn/fc_out.weight": np.zeros((3, 3), np.float32)})
    pictures.ask("terrain", odd, PALETTE)
    for box in ([1.0], "box", [0, 0, 0, 0], [1, 2, 3, "4"]):
        pictures.ask("terrain", set_value(WALK, "terrain", "box", box), PALETTE)
    eventually(lambda: bool(pictures.ready()))
    pictures.close()
    pictures.close()
    pictures.ask("terrain", WALK, PALETTE)


def test_drawing_takes_no_more_than_its_share_of_the_time() -> None:
    assert [rest_seconds(0.3, share) for share in (1.0, 0.5, 0.0)] == [0.0, pytest.approx(0.3), LONGEST_REST]
    assert rest_seconds(1e6, 0.5) == LONGEST_REST


def test_pictures_come_at_the_slowest_pace_too(pictures: Pictures) -> None:
    pictures.pace(-1.0)
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: number(pictures) == 1)
    pictures.pace(7.0)
    pictures.ask("terrain", other_land(), PALETTE)
    eventually(lambda: number(pictures) == 2)


def test_a_canvas_shows_its_lines_on_the_land_that_is_walked() -> None:
    pictures = Pictures((64, 32))
    pictures.ask("map", WALK, PALETTE)
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: len(pictures.ready()) == 2)
    shown, land = pictures.ready()["map"].astype(int), pictures.ready()["terrain"].astype(int)
    brighter = (shown[..., :3].max(axis=2) > land[..., :3].max(axis=2) + 20).mean()
    darker = (shown[..., :3].sum(axis=2) < land[..., :3].sum(axis=2)).mean()
    assert 0.01 < brighter < 0.6
    assert darker > 0.1, "around the lines"
    assert (shown == land).all(axis=2).mean() > 0.1, "the terrain between them is as it is without"
    alone = remove_node(WALK, "terrain")
    pictures.ask("map", alone, PALETTE)
    eventually(lambda: not np.array_equal(pictures.ready()["map"], shown))
    assert np.median(pictures.ready()["map"][..., :3]) < 30
    pictures.close()


@given(
    arrays(np.float32, st.tuples(st.integers(0, 5), st.integers(1, 4)), elements=st.floats(width=32)),
    st.tuples(*[st.floats(-1e3, 1e3)] * 4),
)
def test_whatever_is_drawn_makes_a_picture_or_a_sentence(points: Any, box: tuple[float, ...]) -> None:
    if box[0] == box[2] or box[1] == box[3]:
        with pytest.raises(TerrainError, match="opposite edges apart"):
            small_picture({}, None, box, (8, 4), {0: points})
    else:
        assert small_picture({}, None, box, (8, 4), {0: points}, [points]).shape == (4, 8, 4)


def test_another_document_shows_no_picture_of_the_one_before(pictures: Pictures, painter: Painter) -> None:
    pictures.ask("terrain", WALK, PALETTE)
    eventually(lambda: number(pictures) == 1)
    pictures.forget_all()
    bare = set_content(WALK, "terrain", {})
    pictures.ask("terrain", bare, PALETTE)
    assert not pictures.ready()
    pictures.ask("terrain", other_land(), PALETTE)
    eventually(lambda: number(pictures) == 2)
    pictures.ask("terrain", bare, PALETTE)
    assert not pictures.ready(), "a terrain that is no longer trained has none, at once"

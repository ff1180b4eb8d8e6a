"""Lines that no patch has any more are forgotten: an engine that is drawn for does not grow."""

import gc
import weakref

import numpy as np

from latent_terrain.graphs import Array
from latent_terrain.graphs.frozen import kept_array
from latent_terrain.nodes.gui import drawing
from latent_terrain.nodes.gui.drawing import read_drawing


def drawn(number: int) -> Array:
    return kept_array(np.array([[0.0, number], [1.0, 2.0], [3.0, -number]], np.float32))


def test_a_line_is_the_same_object_for_as_long_as_its_array_is_there_and_no_longer() -> None:
    array = drawn(1)
    first = read_drawing({"play/0000": array}).play[0]
    assert read_drawing({"play/0000": array}).play[0] is first
    known, gone = len(drawing._paths), weakref.ref(array)
    del array
    gc.collect()
    assert gone() is None, "somebody keeps what was drawn"
    assert len(drawing._paths) == known - 1


def test_a_thousand_strokes_leave_one() -> None:
    before = len(drawing._paths)
    for number in range(1000):
        content = {"play/0000": drawn(number)}
        read_drawing(content)
    gc.collect()
    assert len(drawing._paths) <= before + 1

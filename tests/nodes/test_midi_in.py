"""A row of MIDI controllers in one node, and patches of before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node
from latent_terrain.nodes.midi_in import MidiIn
from latent_terrain.ui.control.dispatcher import Dispatcher

from ..ui.control.toy_playing import Held
from .sensing import setup

PALETTE = load_palette()


@pytest.fixture
def held() -> Held:
    return Held(add_node(Patch(), "midi_in", name="row", values={"number": 21, "size": 8}))


@pytest.fixture
def dispatcher(held: Held, tmp_path: Path) -> Iterator[Dispatcher]:
    made = Dispatcher(held, PALETTE, tmp_path, None, lambda text: None)
    yield made
    made.close()


def test_eight_controllers_from_a_number_up_are_a_channel_each(held: Held, dispatcher: Dispatcher) -> None:
    for place in range(10):
        dispatcher.control(f"midi:Knobs/1/cc/{20 + place}", [place / 10])
    values = held.patch.nodes["row"].values
    turned: list[Any] = [values[one] for one in ("value", *(f"value_{place}" for place in range(2, 9)))]
    assert turned == pytest.approx([(place + 1) / 10 for place in range(8)])
    node, out = MidiIn(setup(), number=21, size=8), np.zeros((8, 64), np.float32)
    assert node.ports()["out"].size == 8
    node.process(out, *turned, low=0.0, high=10.0, smooth=0.0)
    np.testing.assert_allclose(out, np.broadcast_to(np.arange(1.0, 9.0)[:, None], (8, 64)), rtol=1e-6)


def test_one_controller_is_heard_as_before_and_its_neighbours_are_not(held: Held, dispatcher: Dispatcher) -> None:
    held.edit(lambda patch: add_node(patch, "midi_in", name="one", values={"number": 21}))
    for number in (22, 21, 28):
        dispatcher.control(f"midi:Knobs/1/cc/{number}", [number / 100])
    assert held.patch.nodes["one"].values == {"number": 21, "value": 0.21}


@pytest.mark.parametrize("listen", ["bend", "pressure"])
def test_a_wheel_is_one_channel_whatever_the_size(held: Held, dispatcher: Dispatcher, listen: str) -> None:
    held.edit(lambda patch: add_node(patch, "midi_in", name="wheel", values={"listen": listen, "size": 3}))
    dispatcher.control(f"midi:Keys/1/{listen}/0", [0.75])
    assert held.patch.nodes["wheel"].values == {"listen": listen, "size": 3, "value": 0.75}
    assert MidiIn(setup(), listen=listen, size=3).ports()["out"].size == 1  # type: ignore[arg-type]


def test_numbers_that_midi_does_not_have_are_told_once() -> None:
    told: list[str] = []
    MidiIn(setup(told), number=124, size=8)
    assert told == ["MIDI has no number above 127; those up to 131 are left out and give their last value"]
    MidiIn(setup(told), number=120, size=8)
    assert len(told) == 1

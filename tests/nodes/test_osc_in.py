"""osc_in: rows of numbers past the patch, params for few, how old they are, and what the patch keeps."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, Setup, load_palette, new_bus
from latent_terrain.engine.capture import captured
from latent_terrain.engine.vectors import MOST_NUMBERS, MOST_ROWS, SharedVectors, VectorWriter, new_memory
from latent_terrain.graphs import Patch, add_node, load_file, save, set_value

PALETTE = load_palette()
BLOCK = 256
FAST = {"address": "/eeg", "smooth": 0.0, "from_low": 0.0, "from_high": 1.0}


class Sensor:
    """An engine that plays one osc_in, and who writes what a sensor sends."""

    def __init__(self, size: int, **values: float) -> None:
        self.memory = new_memory()
        self.writer = VectorWriter(str(self.memory.path))
        self.patch = add_node(Patch(), "osc_in", name="eeg", values={**FAST, "size": size, **values})
        self.vectors = SharedVectors()
        self.vectors.follow(str(self.memory.path), ("/other", "/eeg"))
        setup = Setup(block=BLOCK, bus=new_bus(BLOCK), offline=False)
        self.engine = Engine(self.patch, PALETTE, replace(setup, vectors=self.vectors))

    def send(self, *rows: list[float]) -> None:
        for row in rows:
            self.writer.put(1, np.array(row))

    def heard(self, port: str = "out") -> np.ndarray:
        self.engine.process()
        return self.engine.signal("eeg", port).copy()


@pytest.fixture
def sensors() -> Iterator[list[Sensor]]:
    made: list[Sensor] = []
    yield made
    for one in made:
        one.engine.close()
        one.memory.close()


def sensor(sensors: list[Sensor], size: int, **values: float) -> Sensor:
    sensors.append(Sensor(size, **values))
    return sensors[-1]


def test_sixteen_channels_arrive_together_and_stay(sensors: list[Sensor]) -> None:
    on = sensor(sensors, 16)
    row = [number / 16 for number in range(16)]
    on.send(row)
    np.testing.assert_allclose(on.heard()[:, -1], row, rtol=1e-6)
    np.testing.assert_allclose(on.heard()[:, -1], row, rtol=1e-6)


def test_every_row_of_a_fast_sensor_is_heard_in_its_order(sensors: list[Sensor]) -> None:
    on = sensor(sensors, 8)
    on.heard()
    on.send(*([0.1 * number] * 8 for number in range(1, 6)))
    steps = on.heard()[3]
    np.testing.assert_allclose(np.unique(steps), [0.1, 0.2, 0.3, 0.4, 0.5], rtol=1e-6)
    assert (np.diff(steps) >= 0).all()


def test_a_row_of_fewer_numbers_leaves_the_other_channels_as_they_were(sensors: list[Sensor]) -> None:
    on = sensor(sensors, 6)
    on.send([0.5] * 6)
    on.heard()
    on.send([0.1, 0.2])
    np.testing.assert_allclose(on.heard()[:, -1], [0.1, 0.2, 0.5, 0.5, 0.5, 0.5], rtol=1e-6)


def test_a_burst_beyond_the_ring_ends_with_the_newest(sensors: list[Sensor]) -> None:
    on = sensor(sensors, MOST_NUMBERS)
    on.send(*([number / 1000] * MOST_NUMBERS for number in range(10 * MOST_ROWS)))
    np.testing.assert_allclose(on.heard()[:, -1], (10 * MOST_ROWS - 1) / 1000, rtol=1e-5)


def test_age_counts_from_the_last_message_also_of_a_sensor_that_is_still(sensors: list[Sensor]) -> None:
    on = sensor(sensors, 8)
    for _ in range(100):
        on.send([0.5] * 8)
        on.heard("age")
    assert on.heard("age")[0, -1] < 2 * BLOCK / 48_000
    ages = np.concatenate([on.heard("age")[0] for _ in range(100)])
    assert (np.diff(ages) > 0).all()
    assert ages[-1] == pytest.approx(101 * BLOCK / 48_000, rel=1e-3)


def test_up_to_four_are_params_when_nothing_comes_and_rows_while_it_does(sensors: list[Sensor]) -> None:
    on = sensor(sensors, 2, a=0.25, b=0.5)
    np.testing.assert_allclose(on.heard()[:, -1], [0.25, 0.5])
    on.send([0.75, 0.9])
    np.testing.assert_allclose(on.heard()[:, -1], [0.75, 0.9], rtol=1e-6)
    on.engine.turn("eeg", "a", 0.1)
    on.engine.turn("eeg", "b", 0.2)
    for _ in range(100):
        on.heard()
    np.testing.assert_allclose(on.heard()[:, -1], [0.1, 0.2], rtol=1e-6)


def test_what_was_heard_last_is_saved_and_played_by_a_render(sensors: list[Sensor], tmp_path: Path) -> None:
    on = sensor(sensors, 8)
    assert captured(on.patch, on.engine) == on.patch
    row = [0.1 * number for number in range(8)]
    on.send(row)
    on.heard()
    kept = load_file(save(captured(on.patch, on.engine), tmp_path / "kept.ltp"))
    again = Engine(kept, PALETTE, Setup(block=BLOCK, bus=new_bus(BLOCK)))
    again.process()
    np.testing.assert_allclose(again.signal("eeg", "out")[:, -1], row, rtol=1e-6)
    again.close()


def test_another_size_or_address_goes_on_with_what_comes_then(sensors: list[Sensor]) -> None:
    on = sensor(sensors, 8)
    on.send([0.5] * 8)
    on.heard()
    on.engine.update(set_value(on.patch, "eeg", "size", 12))
    on.send([0.25] * 12)
    for _ in range(8):
        on.heard()
    np.testing.assert_allclose(on.heard()[:, -1], [0.25] * 12, rtol=1e-6)


def test_an_engine_finds_the_rings_wherever_they_are_and_keeps_its_own_count() -> None:
    first, second = new_memory(), new_memory()
    vectors = SharedVectors()
    inbox = vectors.inbox("/eeg")
    assert inbox.count == 0
    VectorWriter(str(first.path)).put(0, np.ones(3))
    vectors.follow(str(first.path), ["/eeg"])
    assert inbox.count == 0, "what lies there from before is not new"
    VectorWriter(str(first.path)).put(0, np.ones(3))
    assert inbox.count == 1
    vectors.follow(str(second.path), ["/other", "/eeg"])
    VectorWriter(str(second.path)).put(1, np.full(3, 2.0))
    out = np.zeros(4, np.float32)
    inbox.copy(inbox.count - 1, out)
    assert (inbox.count, out.tolist()) == (2, [2.0, 2.0, 2.0, 0.0])
    with pytest.raises((OSError, ValueError)):
        vectors.follow("/nowhere", ["/eeg"])
    first.close()
    second.close()

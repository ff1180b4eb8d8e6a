"""timeout: hold, then a walk, then back without a jump."""

import numpy as np
import pytest

from latent_terrain.nodes.timeout import Timeout, Watched

from .sensing import BLOCK, RATE, setup

SECOND = RATE // BLOCK


def watch(
    node: Timeout, signal: np.ndarray, other: np.ndarray | None = None, age: np.ndarray | None = None
) -> tuple[np.ndarray, list[tuple[int, float]]]:
    """One value of each a block; gives all samples, and the events with their block."""
    found, events = [], []
    for number in range(len(signal)):

        def row(values: np.ndarray | None, number: int = number) -> np.ndarray | None:
            return None if values is None else np.full((1, BLOCK), values[number], np.float32)

        out = Watched(np.zeros((1, BLOCK), np.float32), [])
        audio = row(signal)
        assert audio is not None
        made = node.process(audio, out, row(other), row(age), seconds=1.0, fade=0.5)
        found.append(made.out[0].copy())
        events += [(number, value) for _, value in made.changed]
    return np.concatenate(found), events


def test_it_holds_then_fades_to_the_other_and_back_without_a_jump() -> None:
    moving = 0.2 * np.sin(np.arange(2 * SECOND) / 50)
    signal = np.concatenate([moving, np.full(3 * SECOND, moving[-1]), moving[-1] + moving])
    other = np.full(len(signal), 0.8)
    out, events = watch(Timeout(setup()), signal, other)
    assert [value for _, value in events] == [1.0, 0.0]
    assert events[0][0] == pytest.approx(3 * SECOND, abs=3)
    assert events[1][0] == pytest.approx(5 * SECOND, abs=3)
    assert out[int(2.9 * RATE)] == pytest.approx(moving[-1], abs=1e-6)
    assert out[int(4.5 * RATE)] == pytest.approx(0.8, abs=1e-6)
    np.testing.assert_allclose(out[-BLOCK:], signal[-1], atol=1e-6)
    assert np.abs(np.diff(out)).max() < 0.006, "no more than the input's own steps"


def test_a_sensor_that_sends_the_same_is_alive_by_its_age() -> None:
    still = np.full(4 * SECOND, 0.3)
    assert watch(Timeout(setup()), still)[1] == [(pytest.approx(SECOND, abs=1), 1.0)]
    assert watch(Timeout(setup()), still, age=np.full(4 * SECOND, 0.01))[1] == []
    gone = np.concatenate([np.zeros(SECOND), np.arange(3 * SECOND) / SECOND])
    events = watch(Timeout(setup()), np.random.default_rng(0).normal(size=4 * SECOND), age=gone)[1]
    assert events == [(pytest.approx(2 * SECOND, abs=1), 1.0)]


def test_without_another_signal_the_last_value_holds() -> None:
    signal = np.concatenate([np.linspace(0, 0.5, SECOND), np.full(3 * SECOND, 0.5)])
    out, events = watch(Timeout(setup()), signal)
    assert len(events) == 1
    assert out[-1] == 0.5


def test_no_numbers_are_no_movement_and_are_not_heard() -> None:
    signal = np.full(3 * SECOND, 0.5)
    signal[10:] = np.nan
    out, events = watch(Timeout(setup()), signal, np.full(3 * SECOND, 0.1))
    assert np.isfinite(out).all()
    assert len(events) == 1
    assert out[-1] == pytest.approx(0.1)


def test_back_in_the_middle_of_the_fade_it_turns_round() -> None:
    signal = np.concatenate([np.full(int(1.25 * SECOND), 0.0), np.linspace(0.0, 0.2, SECOND)])
    out, events = watch(Timeout(setup()), signal, np.ones(len(signal)))
    assert [value for _, value in events] == [1.0, 0.0]
    assert 0.3 < out.max() < 0.7
    assert np.abs(np.diff(out)).max() < 1e-3

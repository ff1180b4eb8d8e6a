import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.graphs import Cord, Node, Patch
from latent_terrain.nodes.delay import PACE, Delay
from latent_terrain.testing import RATE, palette, play, setup_for, wider_palette


def run(delay: Delay, audio: np.ndarray, time: float | np.ndarray, block: int = 64) -> np.ndarray:
    out = np.zeros_like(audio)
    for start in range(0, audio.shape[1], block):
        part = slice(start, start + block)
        delay.write(audio[:, part])
        now = time[:, part] if isinstance(time, np.ndarray) else time
        delay.read(out[:, part], now)  # type: ignore[arg-type]
    return out


def noise(channels: int, samples: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, (channels, samples)).astype(np.float32)


@pytest.mark.parametrize("samples", [0, 1, 63, 480, 5000])
def test_whole_samples_come_back_exactly(samples: int) -> None:
    audio = noise(3, 8192)
    heard = run(Delay(setup_for(64)), audio, samples / RATE * 1000)
    np.testing.assert_allclose(heard[:, samples:], audio[:, : 8192 - samples], atol=2e-3 if samples else 0)
    assert np.abs(heard[:, :samples]).max(initial=0.0) < 2e-3


def test_the_longest_time_and_the_ring_going_round() -> None:
    audio = noise(1, 1 << 20)
    heard = run(Delay(setup_for(4096)), audio, 10_000.0, 4096)
    assert (heard[:, 480_000:] == audio[:, : (1 << 20) - 480_000]).all()


def test_times_between_samples_are_interpolated() -> None:
    ramp = np.arange(4096, dtype=np.float32)[None]
    heard = run(Delay(setup_for(64)), ramp, 100.5 / 48)
    np.testing.assert_allclose(heard[0, 200:], ramp[0, 200:] - 100.5, atol=1e-2)


def test_a_large_turn_slides_like_tape_and_arrives() -> None:
    delay = Delay(setup_for(64))
    ramp = np.arange(48_000, dtype=np.float32)[None]
    time = np.full((1, 48_000), 10.0, np.float32)
    time[:, 10_000:] = 110.0
    heard = run(delay, ramp, time)
    steps = np.diff(heard[0, 1000:])
    assert steps.min() >= 1 - PACE - 0.02
    assert steps.max() <= 1.02
    np.testing.assert_allclose(heard[0, -100:], ramp[0, -100:] - 5280, atol=0.1)


def feedback(block: int, time: float, samples: int) -> np.ndarray:
    patch = Patch(
        nodes={
            "click": Node("battery_sound", {"source": "sound"}),
            "sum": Node("add"),
            "echo": Node("delay", {"time": time}),
            "less": Node("gain", {"level": -6.0}),
            "out-it": Node("hear_signal"),
        },
        cords=(
            Cord("click.out", "sum.a"),
            Cord("less.out", "sum.b"),
            Cord("sum.out", "echo.audio"),
            Cord("echo.out", "less.audio"),
            Cord("sum.out", "out-it.audio"),
        ),
    )
    return play(patch, samples, block).signals["it"]


@pytest.mark.parametrize("time", [0.0, 1.0, 2.5])
def test_a_loop_sounds_the_same_at_any_block_size_and_is_as_long_as_its_delay(time: float) -> None:
    expected = feedback(64, time, 4096)
    for block in (256, 1000, 2048):
        np.testing.assert_allclose(feedback(block, time, 4096), expected, atol=1e-6)
    dry = feedback(64, 10_000.0, 4096)
    samples = max(1, round(time * 48))
    factor = 10 ** (-6 / 20)
    np.testing.assert_allclose(
        expected[0, samples : 2 * samples], (dry[0, samples : 2 * samples] + factor * dry[0, :samples]), atol=1e-5
    )


def test_a_delay_outside_a_loop_may_have_no_length() -> None:
    patch = Patch(
        nodes={"in": Node("battery_sound"), "it": Node("delay", {"time": 0.0}), "out-it": Node("hear_signal")},
        cords=(Cord("in.out", "it.audio"), Cord("it.out", "out-it.audio")),
    )
    engine = Engine(patch, wider_palette(), setup_for(64))
    engine.process()
    assert (engine.instance("out-it").heard[0] == engine.instance("in").sound[:, :64]).all()
    assert "delay" in palette()

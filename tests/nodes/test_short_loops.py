"""Loops shorter than a block are as long as their delay: in tune, the same at every block, with what fails muted."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from latent_terrain.engine import Engine, Event, FloatArray, Palette, Setup, Signal, load_palette, node, spec_of
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.pieces import LoopInPieces
from latent_terrain.graphs import Patch, add_node, connect, set_bypassed, set_muted, set_value

RATE = 48_000


@node
class Click:
    """One sample of sound, the first."""

    def __init__(self, setup: Setup) -> None:
        self.is_new = True

    def process(self, out: Signal) -> Signal:
        """Fill."""
        out.fill(0.0)
        out[0, 0], self.is_new = float(self.is_new), False
        return out


@node
class Frail:
    """Fails at the hundredth sample."""

    def __init__(self) -> None:
        self.samples = 0

    def process(self, audio: Signal, out: Signal) -> Signal:
        """Pass on."""
        self.samples += audio.shape[1]
        if self.samples > 100:
            raise ValueError("too long for me")
        np.copyto(out, audio)
        return out


@node
class Bell:
    """Passes sound on and says when."""

    def process(self, audio: Signal) -> Event:
        """An event for a loud block."""
        return [(0, 1.0)] if audio.max() > 0.5 else []


OWN = {spec.type: spec for spec in map(spec_of, (Click, Frail, Bell))}
PALETTE = Palette(MappingProxyType({**load_palette().specs, **OWN}))


def ring(ms: float, through: str = "gain", **values: float) -> Patch:
    """
    click --> sum --> delay --> through --> sum
    """
    patch = Patch()
    for type_, name in (
        ("click", "click"),
        ("add", "sum"),
        ("delay", "delay"),
        (through, "through"),
        ("audio_out", "out"),
    ):
        patch = add_node(patch, type_, name=name)
    for name, value in values.items():
        patch = set_value(patch, "through", name, value)
    patch = connect(connect(set_value(patch, "delay", "time", ms), "click.out", "sum.a"), "sum.out", "delay.audio")
    patch = connect(connect(patch, "delay.out", "through.audio"), "through.out", "sum.b")
    return connect(patch, "delay.out", "out.audio")


def engine_of(patch: Patch, block: int) -> Engine:
    return Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, block))


def heard(engine: Engine, samples: int) -> FloatArray:
    blocks = -(-samples // engine.setup.block)
    return np.concatenate([engine.process()[0].copy() for _ in range(blocks)])[:samples]


def pitch(sound: FloatArray, near: float) -> float:
    """The strongest frequency near one, Hz."""
    size = 1 << 20
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size))
    found = np.arange(len(spectrum)) * RATE / size
    place = int(np.argmax(np.where(abs(found / near - 1) < 0.2, spectrum, 0.0)))
    before, top, after = np.log(spectrum[place - 1 : place + 2])
    return float((place + 0.5 * (before - after) / (before - 2 * top + after)) * RATE / size)


@pytest.mark.parametrize("hertz", [110.0, 440.0, 880.0, 1760.0])
@pytest.mark.parametrize("block", [1, 64, 100, 256, 4096])
def test_a_loop_sounds_at_the_pitch_of_its_delay_at_every_block(hertz: float, block: int) -> None:
    samples = 12_000 if block == 1 else 48_000
    sound = heard(engine_of(ring(1000.0 / hertz, level=-0.02), block), samples)
    assert abs(1200 * np.log2(pitch(sound, hertz) / hertz)) < 2.0


def test_the_sound_of_a_short_loop_is_the_same_at_every_block() -> None:
    sounds = [heard(engine_of(ring(0.3, level=-0.1), block), 2000) for block in (1, 64, 100, 256)]
    for sound in sounds[1:]:
        np.testing.assert_allclose(sound, sounds[0], atol=1e-5)


@pytest.mark.parametrize("ms", [1 / 48, 2.5 / 48, 0.5, 63.0 / 48, 64.0 / 48, 10.0])
def test_echoes_come_after_the_delay_and_again_after_it(ms: float) -> None:
    sound = heard(engine_of(ring(ms, level=-6.0), 64), 3000)
    whole = int(ms * 48 + 1e-6)
    echoes = [whole, 2 * whole] if abs(ms * 48 - whole) < 1e-5 else [whole, whole + 1]
    assert np.flatnonzero(sound > 0.4).tolist() == echoes


def test_a_time_that_is_turned_below_a_block_and_back_is_heard_as_it_is() -> None:
    engine = engine_of(ring(10.0, level=-0.02), 256)
    heard(engine, 4800)
    engine.update(set_value(engine.patch, "delay", "time", 1000 / 1760))
    heard(engine, 9600)
    assert len(engine.compiled.plan.calls) < 6
    assert abs(1200 * np.log2(pitch(heard(engine, 24_000), 1760.0) / 1760.0)) < 4.0
    engine.update(set_value(engine.patch, "delay", "time", 1000 / 440))
    heard(engine, 9600)
    assert abs(1200 * np.log2(pitch(heard(engine, 24_000), 440.0) / 440.0)) < 4.0


def test_a_time_that_a_cord_moves_goes_below_the_block() -> None:
    patch = add_node(ring(5.0, level=-0.1), "lfo", name="lfo", values={"rate": 3.0, "low": 0.2, "high": 3.0})
    patch = connect(patch, "lfo.out", "delay.time")
    sounds = [heard(engine_of(patch, block), 20_000) for block in (64, 256)]
    np.testing.assert_allclose(sounds[0], sounds[1], atol=1e-4)
    assert np.abs(sounds[0]).max() > 0.1


def test_what_fails_in_a_loop_is_muted_and_the_rest_plays_on() -> None:
    engine = engine_of(ring(0.5, "frail"), 256)
    sound = heard(engine, 4096)
    assert [str(one) for one in engine.faults()] == [
        "through: failed (too long for me); it is muted until you change it"
    ]
    assert np.isfinite(sound).all()
    assert sound.any()


def test_a_delay_that_cannot_tell_its_length_is_muted_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(add_node(ring(0.5, level=-3.0), "sine", name="sine"), 256)
    heard(engine, 1000)

    def lost(**params: float) -> float:
        raise RuntimeError("I am lost")

    for call in engine.compiled.plan.calls:
        if isinstance(call.batch, LoopInPieces):
            monkeypatch.setattr(call.batch, "_least", dict.fromkeys(call.batch._least, lost))
    heard(engine, 1000)
    assert [str(one) for one in engine.faults()] == ["delay: failed (I am lost); it is muted until you change it"]
    assert engine.signal("sine", "out").any()


def test_a_short_loop_with_events_in_it_says_how_long_it_is() -> None:
    patch = add_node(ring(0.5), "bell", name="bell")
    patch = connect(connect(patch, "delay.out", "bell.audio"), "bell.out", "through.level")
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, 256), strict=False)
    said = [str(one) for one in engine.problems]
    assert said == ["delay: delays by 64 samples at the least in this loop, as bell gives or takes more than signals"]
    assert np.isfinite(heard(engine, 1000)).all()


def test_a_delay_takes_as_much_memory_as_its_longest_time_and_delays_no_longer() -> None:
    patch = set_value(set_value(ring(500.0, level=-6.0), "delay", "max", 100.0), "delay", "time", 500.0)
    engine = engine_of(patch, 256)
    assert engine.instance("delay")._ring.nbytes < 50_000
    sound = heard(engine, 10_000)
    assert int(np.argmax(sound)) == 4800


def test_a_loop_of_two_delays_and_a_loop_in_a_loop() -> None:
    patch = add_node(ring(0.4, level=-3.0), "delay", name="second", values={"time": 0.7})
    patch = connect(connect(patch, "through.out", "second.audio"), "second.out", "sum.b")
    sounds = [heard(engine_of(patch, block), 3000) for block in (1, 64, 256)]
    for sound in sounds[1:]:
        np.testing.assert_allclose(sound, sounds[0], atol=1e-5)
    echo = partial(int, np.flatnonzero(sounds[1] > 0.1)[0])
    assert echo() == 19


@pytest.mark.parametrize("name", ["sum", "delay", "through"])
@pytest.mark.parametrize("switch", [set_muted, set_bypassed])
def test_a_loop_of_which_a_part_is_off_plays_what_is_left(
    name: str, switch: Callable[[Patch, str, bool], Patch]
) -> None:
    engine = engine_of(switch(ring(0.5, level=-3.0), name, True), 256)
    assert np.isfinite(heard(engine, 2000)).all()
    engine.update(switch(engine.patch, name, False))
    assert np.isfinite(heard(engine, 2000)).all()
    assert engine.faults() == []


def test_other_voices_stay_in_one_call() -> None:
    patch = ring(0.5, level=-3.0)
    for index in range(5):
        patch = add_node(patch, "sine", name=f"sine-{index}")
    calls = engine_of(patch, 64).compiled.plan.calls
    assert any(len(call.steps) == 5 for call in calls)

"""Audio in and audio out: the patch's door to the device."""

import numpy as np
import pytest

from latent_terrain.engine import Bus, Setup
from latent_terrain.nodes.audio_in import AudioIn
from latent_terrain.nodes.audio_out import AudioOut


def played(channels: int, outputs: int, level: float = 0.0) -> list[float]:
    bus = Bus(np.zeros((0, 8), np.float32), np.zeros((outputs, 8), np.float32))
    sound = np.repeat(2.0 ** -np.arange(1, channels + 1)[:, None], 8, axis=1).astype(np.float32)
    AudioOut(Setup(block=8, bus=bus)).process(sound, level)
    return [float(value) for value in bus.output[:, 3]]


def test_channels_go_where_a_listener_expects_them() -> None:
    assert played(1, 2) == [0.5, 0.5]
    assert played(1, 4) == [0.5, 0.5, 0.0, 0.0]
    assert played(2, 2) == [0.5, 0.25]
    assert played(4, 2) == [0.625, 0.3125]
    assert played(2, 1) == [0.375]
    assert played(2, 2, -20.0) == pytest.approx([0.05, 0.025])


def test_two_outs_add_up() -> None:
    bus = Bus(np.zeros((0, 8), np.float32), np.zeros((2, 8), np.float32))
    out = AudioOut(Setup(block=8, bus=bus))
    out.process(np.ones((1, 8), np.float32))
    out.process(np.ones((1, 8), np.float32))
    assert (bus.output == 2.0).all()


def test_in_gives_the_devices_channels_and_silence_for_those_it_has_not() -> None:
    bus = Bus(np.ones((2, 8), np.float32) * np.array([[1.0], [2.0]], np.float32), np.zeros((2, 8), np.float32))
    heard = AudioIn(Setup(block=8, bus=bus), channels=2, first=2)
    assert heard.ports()["out"].size == 2
    assert heard.process(np.full((2, 8), 9.0, np.float32))[:, 0].tolist() == [2.0, 0.0]

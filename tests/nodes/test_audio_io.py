"""Audio in and audio out: the patch's door to the device."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import Bus, SettingError, Setup
from latent_terrain.nodes.audio_in import AudioIn
from latent_terrain.nodes.audio_out import AudioOut, channel_list


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


def listed(channels: int, outputs: int, text: str) -> list[float]:
    bus = Bus(np.zeros((0, 8), np.float32), np.zeros((outputs, 8), np.float32))
    sound = np.repeat(2.0 ** -np.arange(1, channels + 1)[:, None], 8, axis=1).astype(np.float32)
    out = AudioOut(Setup(block=8, bus=bus), text)
    out.process(sound)
    assert bus.asked_outputs == max(out.listed)
    return [float(value) for value in bus.output[:, 3]]


def test_listed_channels_go_where_the_list_says_and_nowhere_else() -> None:
    assert listed(2, 4, "3, 4") == [0.0, 0.0, 0.5, 0.25]
    assert listed(2, 4, "4 1") == [0.25, 0.0, 0.0, 0.5]
    assert listed(1, 4, "2-4") == [0.0, 0.5, 0.5, 0.5]
    assert listed(4, 8, "3, 4, 7, 8") == [0.0, 0.0, 0.5, 0.25, 0.0, 0.0, 0.125, 0.0625]
    assert listed(3, 4, "1, 2") == [0.625, 0.25, 0.0, 0.0]
    assert listed(2, 4, "1-4") == [0.5, 0.25, 0.0, 0.0]
    assert listed(2, 2, "2, 3") == [0.0, 0.5], "the rest plays"
    assert listed(2, 1, "1, 2") == [0.5]


@pytest.mark.parametrize(
    "text", ["0", "65", "1, two", "4-2", "1--2", "-1", "1.5", "1, 2 | 3", "9" * 5000, "１", "1-64 1"]
)
def test_what_is_no_list_of_channels_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SettingError, match=r"list of channels from 1 to 64; write them as|64 is the most") as raised:
        channel_list("channels", text)
    assert len(str(raised.value)) < 150


@given(st.lists(st.integers(1, 64), max_size=64), st.sampled_from([",", ", ", " ", ";", " , "]))
def test_any_list_of_channels_is_read_as_it_is_written(channels: list[int], between: str) -> None:
    assert list(channel_list("channels", between.join(map(str, channels)))) == channels


@given(st.text(max_size=30))
def test_any_text_is_a_list_of_channels_or_refused(text: str) -> None:
    try:
        found = channel_list("channels", text)
    except SettingError:
        return
    assert all(1 <= one <= 64 for one in found)


def test_what_a_device_lacks_is_said_once_for_each_device() -> None:
    bus = Bus(np.zeros((0, 8), np.float32), np.zeros((2, 8), np.float32))
    out, heard = AudioOut(Setup(block=8, bus=bus), "1, 3-4"), AudioIn(Setup(block=8, bus=bus), channels=2, first=2)
    assert out.remarks() == heard.remarks() == (), "nothing is known of the device"
    bus.offered = (2, 2)
    advice = "choose other channels, or another device"
    assert out.remarks() == (f"the device has 2 outputs, so outputs 3, 4 are silent; {advice}",)
    assert heard.remarks() == (f"the device has 2 inputs, so input 3 is silent; {advice}",)
    assert out.remarks() == heard.remarks() == ()
    bus.offered = (8, 8)
    assert out.remarks() == heard.remarks() == ()
    bus.offered = (0, 1)
    assert out.remarks() == (f"the device has 1 output, so outputs 3, 4 are silent; {advice}",)
    assert AudioOut(Setup(block=8, bus=bus)).remarks() == ()


def test_inputs_come_as_they_are_listed() -> None:
    bus = Bus(np.arange(1.0, 5.0, dtype=np.float32).repeat(8).reshape(4, 8), np.zeros((2, 8), np.float32))
    heard = AudioIn(Setup(block=8, bus=bus), inputs="4, 1, 9, 1")
    assert heard.ports()["out"].size == 4
    assert bus.asked_inputs == 9
    assert heard.process(np.full((4, 8), 9.0, np.float32))[:, 0].tolist() == [4.0, 1.0, 0.0, 1.0]


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

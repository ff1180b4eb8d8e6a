"""The commands that look at sound devices: devices and tone."""

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from latent_terrain.ui.cli import tone as command

from ..engine.drivers.fake_sounddevice import FakeSound, FakeStream, Status, device, installed
from ..engine.drivers.jack import JackServer, need_jack
from .conftest import Answer

TONE = sys.modules[command.__module__]


class PlayingStream(FakeStream):
    """A fake stream that asks for its blocks at once, in a thread of its own, and keeps what it got."""

    stops_after: int | None = None
    vanishes = False
    status: Status | None = None

    def start(self) -> None:
        super().start()
        self.got: list[Any] = []
        threading.Thread(target=self._play, daemon=True).start()

    def _play(self) -> None:
        while self.active and (self.stops_after is None or len(self.got) < self.stops_after):
            self.got.append(self.ask(self.options["blocksize"], self.status if len(self.got) == 3 else None))
        if self.vanishes:
            self.active = False


@pytest.fixture
def sound() -> Iterator[FakeSound]:
    """Two devices: a card, by default for both, and a screen."""
    fake = FakeSound([device("card", inputs=2), device("screen", rate=44_100)], default=(0, 0), blocks=(64, 128, 256))
    with installed(fake):
        yield fake


@pytest.fixture
def playing(sound: FakeSound, monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    """The same, and they play."""

    def opened(options: dict[str, Any], is_duplex: bool) -> FakeStream:
        sound.streams.append(PlayingStream(sound, options, is_duplex))
        return sound.streams[-1]

    monkeypatch.setattr(sound, "_open", opened)
    monkeypatch.setattr(TONE, "POLL_SECONDS", 0.01)
    return sound


def samples(sound: FakeSound) -> Any:
    stream = sound.streams[-1]
    assert isinstance(stream, PlayingStream)
    return np.concatenate(stream.got)


def test_devices_are_listed_in_a_table(call: Callable[..., Answer], sound: FakeSound) -> None:
    answer = call("devices")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0].split() == ["device", "host", "API", "in", "out", "rate", "default", "for"]
    assert lines[1].split() == ["card", "ALSA", "2", "2", "48000", "playing", "and", "hearing"]
    assert lines[2].split() == ["screen", "ALSA", "0", "2", "44100"]


def test_devices_are_given_as_a_document(call: Callable[..., Answer], sound: FakeSound) -> None:
    document = call("devices", "--json").document
    assert document["note"] is None
    assert [one["name"] for one in document["devices"]] == ["card", "screen"]
    assert document["devices"][0]["is_default_output"]
    assert "offers" not in document["devices"][0]


def test_what_devices_offer_is_tried_on_request(call: Callable[..., Answer], sound: FakeSound) -> None:
    sound.devices.append(device("microphone", inputs=1, outputs=0))
    found = call("devices", "--offers", "--json").document["devices"]
    assert found[0]["offers"] == {"rates": [44_100, 48_000], "blocks": [64, 128, 256]}
    assert "offers" not in found[2]
    lines = call("devices", "--offers").out.splitlines()
    assert lines[1].split()[-2:] == ["44100,48000", "64,128,256"]
    assert len(lines) == 4


def test_no_devices_are_a_sentence_and_no_error(call: Callable[..., Answer]) -> None:
    with installed(FakeSound()):
        answer = call("devices")
        assert (answer.code, answer.out) == (0, "")
        assert "connect" in answer.err
        document = call("devices", "--json").document
        assert document["devices"] == []
        assert "connect" in document["note"]


def test_no_portaudio_is_a_sentence_and_no_error(call: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    answer = call("devices")
    assert (answer.code, answer.out) == (0, "")
    assert "PortAudio is not installed" in answer.err
    document = call("devices", "--json").document
    assert document["devices"] == []
    assert "PortAudio is not installed" in document["note"]


def test_a_tone_sounds_left_then_right_then_on_both(call: Callable[..., Answer], playing: FakeSound) -> None:
    answer = call("tone", "--seconds", 0.6, "--hz", 480, "--level", -6)
    assert answer.code == 0, answer.err
    got = samples(playing)
    third = 9600
    peak = 10 ** (-6 / 20)
    for index, sides in enumerate(((True, False), (False, True), (True, True))):
        part = got[index * third : (index + 1) * third]
        assert (np.abs(part).max(axis=0) > 0.99 * peak).tolist() == list(sides)
        assert part[:, [not side for side in sides]].any() == np.False_
        assert np.abs(part).max() <= peak
        assert np.abs(part[:3]).max() < 0.01 * peak, "it begins softly"
        assert np.abs(part[-3:]).max() < 0.01 * peak, "it ends softly"
    assert not got[3 * third :].any()
    spectrum = np.abs(np.fft.rfft(got[:third, 0]))
    assert spectrum.argmax() * 48_000 / third == 480


def test_a_tone_on_one_channel_is_heard_all_the_time(call: Callable[..., Answer], playing: FakeSound) -> None:
    playing.devices = [device("card", outputs=1)]
    assert call("tone", "--seconds", 0.3).code == 0
    got = samples(playing)
    assert all(np.abs(got[begin : begin + 4800]).max() > 0.12 for begin in (0, 4800, 9600))


def test_a_tone_tells_how_the_device_kept_time(call: Callable[..., Answer], playing: FakeSound) -> None:
    PlayingStream.status = Status(output_underflow=True)
    try:
        document = call("tone", "--device", "screen", "--seconds", 0.2, "--block", 128, "--json").document
    finally:
        PlayingStream.status = None
    assert (document["device"], document["sample_rate"], document["block"]) == ("screen", 44_100, 128)
    assert document["xruns"] == 1
    assert document["blocks"] >= 0.2 * 44_100 / 128
    assert document["expected_blocks_per_second"] == pytest.approx(44_100 / 128)
    assert document["blocks_per_second"] > 0
    assert document["output_latency_seconds"] == 0.005


@pytest.mark.parametrize("words", [("--device", "xyz"), ("--device", "none")])
def test_a_tone_on_a_device_that_is_not_there_is_exit_code_4(
    call: Callable[..., Answer], playing: FakeSound, words: tuple[str, ...]
) -> None:
    answer = call("tone", *words)
    assert answer.code == 4
    assert "no such output device; available: card [ALSA], screen [ALSA]" in answer.err


def test_a_tone_without_any_device_is_exit_code_4(call: Callable[..., Answer]) -> None:
    with installed(FakeSound()):
        answer = call("tone", "--json")
    assert answer.code == 4
    assert "no audio device" in answer.document["error"]


def test_a_tone_on_a_device_that_vanishes_is_exit_code_4(
    call: Callable[..., Answer], playing: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlayingStream, "stops_after", 5)
    monkeypatch.setattr(PlayingStream, "vanishes", True)
    answer = call("tone")
    assert answer.code == 4
    assert "card disconnected" in answer.err


def test_a_tone_on_a_device_that_is_stuck_is_exit_code_4(
    call: Callable[..., Answer], playing: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlayingStream, "stops_after", 5)
    monkeypatch.setattr(TONE, "PATIENCE_SECONDS", 0.2)
    answer = call("tone", "--seconds", 0.1)
    assert answer.code == 4
    assert "card stalled after 5 blocks" in answer.err


def test_a_tone_too_high_for_the_rate_is_asked_the_wrong_way(call: Callable[..., Answer], playing: FakeSound) -> None:
    answer = call("tone", "--hz", 30_000)
    assert answer.code == 2
    assert "24000 Hz at most" in answer.err
    assert not playing.streams


def test_a_tone_plays_on_a_jack_server() -> None:
    need_jack()
    server = JackServer("tone")
    try:
        server.start()
        words = ("tone", "--device", "system", "--json", "--seconds", "1")
        said = server.run_program("-m", "latent_terrain.ui.cli", *words)
    finally:
        server.stop()
    answer = Answer(0, said, "")
    assert answer.document["blocks"] >= 48_000 / 256
    assert answer.document["blocks_per_second"] == pytest.approx(187.5, rel=0.2)

"""Doctor: how punctual a device is, how long codecs take, the latency of all, and what it says of the whole."""

import sys
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine.frames import lookahead
from latent_terrain.engine.processes import child

from ...engine.drivers.fake_sounddevice import FakeSound, Status, device
from .doctoring import DOCTOR, JITTER, TIMES, PlayingStream, child_that, only, raising, told, whole


def punctuality(name: str | None = None) -> tuple[list[Any], dict[str, Any]]:
    measured: dict[str, Any] = {}
    return list(DOCTOR.punctuality(name, 0.05, measured)), measured["jitter"]


def test_a_device_is_opened_at_its_own_rate_and_closed_again(card: FakeSound) -> None:
    found, jitter = punctuality()
    assert only(found).topic == "punctuality"
    assert "card, 20 blocks of 256 at 44100 Hz" in only(found).text
    assert (jitter["kind"], jitter["blocks"], jitter["device_ms"]) == ("device", 20, 5.0)
    assert card.streams[-1].is_closed


def test_without_a_device_a_timer_is_measured(sound: FakeSound) -> None:
    found, jitter = punctuality()
    assert "no device is open; a timer is late by" in only(found).text
    assert jitter["kind"] == "timer"
    assert jitter["device_ms"] == 0.0


def test_none_leaves_a_device_alone(card: FakeSound) -> None:
    assert punctuality("none")[1]["kind"] == "timer"
    assert card.streams == []


def test_without_portaudio_a_timer_is_measured_and_nothing_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    found, jitter = punctuality()
    assert jitter["kind"] == "timer"
    assert [one.topic for one in found] == ["punctuality"]


def test_a_device_that_is_not_there_is_a_problem(card: FakeSound) -> None:
    found, jitter = punctuality("organ")
    assert told(found)[0] == ("device", "problem")
    assert found[0].text == "organ: no such output device"
    assert jitter["kind"] == "timer"


def test_a_device_that_does_not_open_is_a_problem(sound: FakeSound) -> None:
    sound.devices, sound.refuses_output = [device("card")], True
    found, jitter = punctuality()
    assert told(found)[0] == ("device", "problem")
    assert "card [ALSA] can't be opened" in found[0].text
    assert jitter["kind"] == "timer"


def test_a_device_that_does_not_start_is_a_problem_and_closed(card: FakeSound) -> None:
    card.refuses_start = True
    found, _ = punctuality()
    assert told(found)[0] == ("device", "problem")
    assert card.streams[-1].is_closed


def test_a_device_that_asks_for_nothing_is_a_problem(sound: FakeSound) -> None:
    sound.devices = [device("card")]
    found, _ = punctuality()
    assert told(found)[0] == ("device", "problem")
    assert "requests no audio" in found[0].text


def test_a_device_that_stumbles_is_a_note(card: FakeSound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlayingStream, "status", Status(output_underflow=True))
    found, jitter = punctuality()
    assert jitter["xruns"] == 20
    assert only(found).state == "note"
    assert "--block 512" in only(found).remedy


def decoding(codec: str) -> tuple[list[Any], dict[str, Any]]:
    measured: dict[str, Any] = {"jitter": JITTER, "codecs": [], "latency_ms": []}
    return list(DOCTOR.decoding(codec, measured)), measured


def test_the_built_in_codec_is_timed_in_a_process_of_its_own() -> None:
    found, measured = decoding("builtin:bank")
    assert [one.topic for one in found] == ["codec", "latency"]
    (times,) = measured["codecs"]
    assert times["codec"] == "builtin:bank"
    assert times["frame_ms"] == pytest.approx(1000 * 1024 / 44_100)
    assert 0 < times["p50_ms"] <= times["p90_ms"] <= times["p99_ms"]


def test_a_codec_that_is_not_there_is_a_problem_in_its_own_words(tmp_path: Path) -> None:
    found, measured = decoding(str(tmp_path / "violin.ts"))
    assert only(found).state == "problem"
    assert "no model file" in only(found).text
    assert "check its name and folder" in only(found).remedy
    assert measured["codecs"] == measured["latency_ms"] == []


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "ok", ""),
        ({"p99_ms": 11.0}, "note", "to avoid dropouts"),
        ({"p50_ms": 20.0, "p90_ms": 22.0, "p99_ms": 30.0}, "problem", "render instead"),
    ],
)
def test_a_codec_is_judged_by_the_length_of_its_frames(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, float], state: str, words: str
) -> None:
    monkeypatch.setattr(child, "Child", child_that(lambda: {**TIMES, **changes}))
    found = decoding("some.ts")[0][0]
    assert (found.topic, found.state) == ("codec", state)
    assert words in found.remedy


def test_a_codec_that_ends_its_process_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "Child", child_that(raising(child.ChildGone("it has ended"))))
    found, measured = decoding("deadly.ts")
    assert only(found).state == "problem"
    assert "deadly.ts" in only(found).text
    assert measured["codecs"] == []


def test_latency_is_the_device_a_block_and_whole_blocks_of_lookahead() -> None:
    parts = DOCTOR.latency_ms(JITTER, {"codec": "some.ts", **TIMES})
    wanted = lookahead.SHARE * 3.0 + 1000 * lookahead.MARGIN_SECONDS
    assert parts["of"] == "some.ts"
    assert (parts["device"], parts["block"]) == (6.0, 5.0)
    assert parts["codec"] % 5.0 == 0.0
    assert wanted <= parts["codec"] < wanted + 5.0
    assert parts["total"] == parts["device"] + parts["block"] + parts["codec"]


def test_a_worker_without_real_time_takes_more_lookahead_and_never_more_than_a_frame() -> None:
    times = {"codec": "some.ts", **TIMES, "p90_ms": 1.0}
    hurried, ordinary = (DOCTOR.latency_ms(JITTER, {**times, "is_realtime": one}) for one in (True, False))
    assert ordinary["codec"] > hurried["codec"]
    assert DOCTOR.latency_ms(JITTER, {**times, "p90_ms": 100.0})["codec"] == 20.0


def test_a_long_latency_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    long = {**TIMES, "frame_ms": 200.0, "p50_ms": 80.0, "p90_ms": 90.0, "p99_ms": 95.0}
    monkeypatch.setattr(child, "Child", child_that(lambda: long))
    found = decoding("some.ts")[0][-1]
    assert (found.topic, found.state) == ("latency", "note")


def test_a_healthy_machine_is_told_so_with_exit_code_0(healthy: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert DOCTOR.doctor(device=None, codec=None, seconds=0.5, as_json=False) == 0
    out = capsys.readouterr().out
    assert out.endswith("no problems found\n")
    assert all(line.split()[0] in ("ok", "note") for line in out.splitlines()[:-2])


def test_a_problem_is_counted_with_exit_code_1(
    healthy: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(DOCTOR, "_import_error", lambda module: "it broke" if module == "soxr" else "")
    assert DOCTOR.doctor(device=None, codec=None, seconds=0.5, as_json=False) == 1
    assert capsys.readouterr().out.endswith("\n1 problem\n")


def test_the_document_has_one_shape(healthy: None, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = whole(capsys, codec="some.ts")
    assert code == 0
    assert set(document) == {"is_well", "findings", "jitter", "codecs", "latency_ms"}
    assert document["is_well"] is True
    for one in document["findings"]:
        assert set(one) == {"topic", "state", "text", "remedy"}
        assert one["state"] in ("ok", "note")
        assert one["text"]
        assert one["remedy"] or one["state"] == "ok"
    assert set(document["jitter"]) == {
        *("kind", "device", "host_api", "sample_rate", "block", "block_ms", "device_ms", "blocks", "xruns"),
        *("late_p50_ms", "late_p99_ms", "late_max_ms", "is_realtime"),
    }
    assert [one["codec"] for one in document["codecs"]] == ["builtin:bank", "some.ts"]
    assert all(set(one) == {"codec", *TIMES} for one in document["codecs"])
    assert [set(one) for one in document["latency_ms"]] == [{"of", "device", "block", "codec", "total"}] * 2


def test_the_built_in_codec_asked_for_is_timed_once(healthy: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(whole(capsys, codec="builtin:bank")[1]["codecs"]) == 1


@pytest.mark.parametrize("module", ["numpy", "msgpack"])
def test_without_what_the_engine_needs_only_the_rest_is_looked_at(
    healthy: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], module: str
) -> None:
    missing = f"ModuleNotFoundError: No module named '{module}'"
    monkeypatch.setattr(DOCTOR, "_import_error", lambda one: missing if one == module else "")
    code, document = whole(capsys)
    assert code == 1
    assert document["jitter"] is None
    assert document["codecs"] == document["latency_ms"] == []
    assert "devices" not in {one["topic"] for one in document["findings"]}

"""Doctor: each thing it looks at, there and missing, and what it says of the whole."""

import json
import os
import shutil
import sys
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine.frames import service
from latent_terrain.engine.processes import child, priority

from ..engine.drivers.fake_sounddevice import FakeSound, FakeStream, Status, device, installed

DOCTOR: Any = import_module("latent_terrain.ui.cli.doctor")
TIMES = {"frame_ms": 20.0, "p50_ms": 2.0, "p90_ms": 3.0, "p99_ms": 4.0, "is_realtime": True}
JITTER = {"kind": "device", "block_ms": 5.0, "device_ms": 6.0}
Usage = namedtuple("Usage", "total used free")


class PlayingStream(FakeStream):
    """A fake stream that asks for some blocks as soon as it starts."""

    status: Status | None = None

    def start(self) -> None:
        super().start()
        asking = threading.Thread(target=lambda: [self.ask(256, self.status) for _ in range(20)])
        asking.start()
        asking.join()


@pytest.fixture
def sound() -> Iterator[FakeSound]:
    """A sound system without devices."""
    fake = FakeSound()
    with installed(fake):
        yield fake


@pytest.fixture
def card(sound: FakeSound, monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    """The same with a card, which plays."""
    sound.devices = [device("card", rate=44_100)]

    def opened(options: dict[str, Any], is_duplex: bool) -> FakeStream:
        sound.streams.append(PlayingStream(sound, options, is_duplex))
        return sound.streams[-1]

    monkeypatch.setattr(sound, "_open", opened)
    return sound


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch, sound: FakeSound) -> None:
    """A machine where nothing is wrong and nothing takes long: all packages load, codecs decode at once."""
    monkeypatch.setattr(DOCTOR, "_import_error", lambda module: "")
    monkeypatch.setattr(DOCTOR, "version", lambda name: "1.0")
    monkeypatch.setattr(DOCTOR.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(os, "access", lambda *_: True)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, 50 << 30))
    monkeypatch.setattr(child, "Child", child_that(lambda: {"times": TIMES}))


def child_that(answers: Callable[[], Mapping[str, Any]]) -> type:
    """A process that is none."""

    class Fake:
        def __init__(self, target: str, arguments: Mapping[str, Any]) -> None:
            self.target = target

        def request(self, message: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
            return answers()

        def close(self, seconds: float) -> None:
            pass

    return Fake


def raising(error: Exception) -> Callable[[], Mapping[str, Any]]:
    def answers() -> Mapping[str, Any]:
        raise error

    return answers


def told(findings: Any) -> list[tuple[str, str]]:
    return [(one.topic, one.state) for one in findings]


def only(findings: Any) -> Any:
    (one,) = findings
    return one


def whole(capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[int, Any]:
    """The exit code and the document."""
    code = DOCTOR.doctor(**{"device": None, "codec": None, "seconds": 0.5, "as_json": True, **options})
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What importing packages ends with, to be filled by the test; nothing fails otherwise."""
    found: dict[str, str] = {}
    monkeypatch.setattr(DOCTOR, "_import_error", lambda module: found.get(module, ""))
    monkeypatch.setattr(DOCTOR, "version", lambda name: "1.0")
    return found


def package(name: str) -> Any:
    return only(one for one in DOCTOR.packages() if one.topic == name)


def test_packages_that_load_are_told_with_their_versions(errors: dict[str, str]) -> None:
    found = list(DOCTOR.packages())
    assert {one.state for one in found} == {"ok"}
    assert {"numpy", "torch", "soundfile", "soxr", "sounddevice", "python-osc"} <= {one.topic for one in found}
    assert package("sounddevice").text == "1.0, with PortAudio"


@pytest.mark.parametrize(("module", "name"), [(name, DOCTOR.CALLED.get(name, name)) for name in DOCTOR.MODULES])
def test_a_package_that_is_missing_is_a_problem_with_the_command(
    errors: dict[str, str], module: str, name: str
) -> None:
    errors[module] = f"ModuleNotFoundError: No module named '{module}'"
    assert package(name) == DOCTOR.Finding(name, "problem", "not installed", f"pip install {name}")


def test_a_package_that_lacks_another_does_not_load(errors: dict[str, str]) -> None:
    errors["torch"] = "ModuleNotFoundError: No module named 'sympy'"
    assert package("torch").state == "problem"
    assert "No module named 'sympy'" in package("torch").text
    assert package("torch").remedy == "pip install --force-reinstall torch"


@pytest.mark.parametrize(
    ("system", "command"), [("linux", "apt-get install libportaudio2"), ("darwin", "brew install"), ("win32", "pip")]
)
def test_a_missing_portaudio_is_a_problem_with_the_systems_own_command(
    errors: dict[str, str], monkeypatch: pytest.MonkeyPatch, system: str, command: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    errors["sounddevice"] = "OSError: PortAudio library not found"
    assert package("PortAudio").state == "problem"
    assert command in package("PortAudio").remedy


def test_importing_tells_the_last_words_and_survives_what_ends_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "broken.py").write_text("raise OSError('a library is missing')")
    (tmp_path / "deadly.py").write_text("import os; os._exit(3)")
    (tmp_path / "chatty.py").write_text("import sys; print('a warning', file=sys.stderr)")
    assert DOCTOR._import_error("broken") == "OSError: a library is missing"
    assert DOCTOR._import_error("deadly") == "it ended with 3"
    assert DOCTOR._import_error("absent") == "ModuleNotFoundError: No module named 'absent'"
    assert DOCTOR._import_error("chatty") == ""


def test_an_import_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(DOCTOR, "LOAD_SECONDS", 0.2)
    (tmp_path / "endless.py").write_text("import threading; threading.Event().wait(60)")
    assert DOCTOR._import_error("endless") == "not within 0.2 s"


def test_devices_are_named(card: FakeSound) -> None:
    assert only(DOCTOR.devices()) == DOCTOR.Finding("devices", "ok", "card [ALSA]")


def test_no_device_is_a_note(sound: FakeSound) -> None:
    found = only(DOCTOR.devices())
    assert found.state == "note"
    assert "plug one in" in found.remedy


def test_a_sound_system_that_does_not_answer_is_a_problem(sound: FakeSound) -> None:
    sound.refuses_to_answer = True
    found = only(DOCTOR.devices())
    assert found.state == "problem"
    assert found.remedy == "check that it runs"


def test_devices_say_nothing_of_a_portaudio_that_is_told_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert list(DOCTOR.devices()) == []


@pytest.mark.parametrize(
    ("programs", "text"),
    [
        (["jackd", "bash"], "JACK running"),
        (["jackdbus", "jackd"], "JACK running"),
        (["pipewire", "pulseaudio"], "PipeWire and PulseAudio running"),
    ],
)
def test_sound_servers_that_run_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: list[str], text: str
) -> None:
    pretend_running(tmp_path, monkeypatch, programs)
    assert only(DOCTOR.servers()) == DOCTOR.Finding("sound server", "ok", text)


def test_no_sound_server_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_running(tmp_path, monkeypatch, ["bash"])
    found = only(DOCTOR.servers())
    assert found.state == "note"
    assert "systemctl --user start pipewire" in found.remedy


def test_elsewhere_than_on_linux_no_sound_server_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert list(DOCTOR.servers()) == []


def pretend_running(folder: Path, monkeypatch: pytest.MonkeyPatch, programs: list[str]) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(DOCTOR, "PROCESSES", folder)
    for number, program in enumerate(programs, 1):
        (folder / str(number)).mkdir()
        (folder / str(number) / "comm").write_text(f"{program}\n")


def test_real_time_that_is_granted_is_ok(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "hurry", lambda urgency: True)
    monkeypatch.setattr(os, "sched_setscheduler", None, raising=False)
    assert DOCTOR.realtime().state == "ok"


def test_real_time_that_is_refused_is_a_note_with_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "hurry", lambda urgency: False)
    monkeypatch.setattr(os, "sched_setscheduler", None, raising=False)
    found = DOCTOR.realtime()
    assert found.state == "note"
    for words in ("@audio - rtprio 95", "limits.d", "usermod -aG audio", "log in again"):
        assert words in found.remedy


def test_a_system_without_such_rights_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setscheduler", raising=False)
    monkeypatch.setattr(priority, "hurry", lambda urgency: False)
    assert DOCTOR.realtime().state == "ok"


def test_asking_for_real_time_leaves_this_thread_as_it_is() -> None:
    if not hasattr(os, "sched_getscheduler"):
        pytest.skip("this system has no scheduling classes")
    before = os.sched_getscheduler(0)
    DOCTOR.realtime()
    assert os.sched_getscheduler(0) == before


@pytest.mark.parametrize(("count", "state"), [(1, "note"), (2, "ok"), (64, "ok")])
def test_one_processor_is_few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, count: int, state: str) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(count)), raising=False)
    monkeypatch.setattr(DOCTOR, "GOVERNOR", tmp_path / "none")
    assert told(DOCTOR.processors()) == [("processors", state)]


@pytest.mark.parametrize(("governor", "state"), [("powersave", "note"), ("performance", "ok"), ("schedutil", "ok")])
def test_a_governor_that_saves_power_is_a_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, governor: str, state: str
) -> None:
    monkeypatch.setattr(DOCTOR, "GOVERNOR", tmp_path / "governor")
    (tmp_path / "governor").write_text(f"{governor}\n")
    found = list(DOCTOR.processors())[1]
    assert (found.topic, found.state) == ("governor", state)
    assert ("cpupower frequency-set -g performance" in found.remedy) is (state == "note")


@pytest.mark.parametrize(("mebibytes", "state"), [(8000, "ok"), (500, "note"), (100, "problem")])
def test_little_memory_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mebibytes: int, state: str) -> None:
    monkeypatch.setattr(DOCTOR, "MEMORY", tmp_path / "meminfo")
    (tmp_path / "meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable: {mebibytes << 10} kB\n")
    found = DOCTOR.memory()
    assert found.state == state
    assert f"{mebibytes / 1024:.1f} GiB" in found.text


def test_memory_that_is_not_known_is_no_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(DOCTOR, "MEMORY", tmp_path / "none")
    assert DOCTOR.memory().state == "ok"


@pytest.mark.parametrize(
    ("trouble", "state", "remedy"),
    [("", "ok", ""), ("the window needs libX11; install it: apt-get", "note", "install it: apt-get")],
)
def test_whether_the_editor_can_open_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, trouble: str, state: str, remedy: str
) -> None:
    monkeypatch.setattr(DOCTOR, "window_trouble", lambda: trouble)
    (found,) = DOCTOR.window()
    assert (found.topic, found.state, found.remedy) == ("window", state, remedy)


@pytest.mark.parametrize(("mebibytes", "state"), [(50_000, "ok"), (500, "note"), (100, "problem")])
def test_a_full_disk_is_told_for_each_folder(monkeypatch: pytest.MonkeyPatch, mebibytes: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, mebibytes << 20))
    monkeypatch.setattr(os, "access", lambda *_: True)
    assert told(DOCTOR.disks()) == [("disk, home", state), ("disk, this folder", state), ("disk, temporary", state)]


def test_a_folder_that_cannot_be_written_to_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert {state for _, state in told(DOCTOR.disks())} == {"problem"}


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
    assert found[0].text == "organ: there is no such output device"
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
    assert "asks for no sound" in found[0].text


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
    assert "there is no model file" in only(found).text
    assert "check its name and folder" in only(found).remedy
    assert measured["codecs"] == measured["latency_ms"] == []


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "ok", ""),
        ({"p99_ms": 11.0}, "note", "some frames may come late"),
        ({"p50_ms": 20.0, "p90_ms": 22.0, "p99_ms": 30.0}, "problem", "render instead"),
    ],
)
def test_a_codec_is_judged_by_the_length_of_its_frames(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, float], state: str, words: str
) -> None:
    monkeypatch.setattr(child, "Child", child_that(lambda: {"times": {**TIMES, **changes}}))
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
    wanted = service.SHARE * 3.0 + 1000 * service.MARGIN_SECONDS
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
    monkeypatch.setattr(child, "Child", child_that(lambda: {"times": long}))
    found = decoding("some.ts")[0][-1]
    assert (found.topic, found.state) == ("latency", "note")


def test_a_healthy_machine_is_told_so_with_exit_code_0(healthy: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert DOCTOR.doctor(device=None, codec=None, seconds=0.5, as_json=False) == 0
    out = capsys.readouterr().out
    assert out.endswith("nothing is wrong\n")
    assert "problem" not in out
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

"""Doctor: packages, sound devices and servers, real time, processor, memory, disk."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from latent_terrain.engine.missing_package import install_command
from latent_terrain.engine.processes import priority

from ...engine.drivers.fake_sounddevice import FakeSound
from .doctoring import DOCTOR, Usage, only, package, told


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
    assert package(name) == DOCTOR.Finding(name, "problem", "not installed", install_command(name))


def test_a_package_that_lacks_another_does_not_load(errors: dict[str, str]) -> None:
    errors["torch"] = "ModuleNotFoundError: No module named 'sympy'"
    assert package("torch").state == "problem"
    assert "No module named 'sympy'" in package("torch").text
    assert package("torch").remedy == install_command("--force-reinstall", "torch")


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
    assert "connect" in found.remedy


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
    monkeypatch.setattr(priority, "raise_priority", lambda urgency: True)
    monkeypatch.setattr(os, "sched_setscheduler", None, raising=False)
    assert DOCTOR.realtime().state == "ok"


def test_real_time_that_is_refused_is_a_note_with_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "raise_priority", lambda urgency: False)
    monkeypatch.setattr(os, "sched_setscheduler", None, raising=False)
    found = DOCTOR.realtime()
    assert found.state == "note"
    for words in ("@audio - rtprio 95", "limits.d", "usermod -aG audio", "log in again"):
        assert words in found.remedy


def test_a_system_without_such_rights_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setscheduler", raising=False)
    monkeypatch.setattr(priority, "raise_priority", lambda urgency: False)
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

"""What a node raises is in the log with file and line, in whatever process; what musicians read stays as it was."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine import Engine, PatchError, Setup, load_palette, logs
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.engine.session import Client
from latent_terrain.engine.session.client import Hosting
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.engine.training.trainer import Heard, JobDone, JobFailed, Trainer
from latent_terrain.graphs import Patch, add_node, connect, save

from ..waiting import eventually

HEAD = "from latent_terrain.engine import Content, Signal, job, node\n"
NODES = {
    "plays": '''
@node
def plays(audio: Signal) -> Signal:
    """Fails while it plays."""
    raise RuntimeError("no more strings")
''',
    "made": '''
@node
class Made:
    """Fails when it is made."""

    def __init__(self) -> None:
        raise RuntimeError("no wood")

    def process(self, audio: Signal) -> Signal:
        return audio
''',
    "works": '''
@node
class Works:
    """Fails at its slow work."""

    @job
    def learn(self) -> Content:
        raise ValueError("no teacher")
''',
    "imported": "raise RuntimeError('no rosin')\n",
}
SENTENCES = {
    "plays": "failed (no more strings); it is muted until you change it",
    "made": "can't be created: no wood",
    "works": "no teacher",
}


@pytest.fixture
def pack(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of nodes that fail, installed for this process and for those that it starts; gives its folder."""
    for part, text in (("METADATA", "Name: brittle\n"), ("entry_points.txt", "[latent_terrain.nodes]\nb = brittle\n")):
        path = tmp_path / "lib" / "brittle-1.dist-info" / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = tmp_path / "lib" / "brittle"
    found.mkdir()
    (found / "__init__.py").write_text("")
    for name, text in NODES.items():
        (found / f"{name}.py").write_text(HEAD + text)
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    yield found
    for name in [name for name in sys.modules if name.partition(".")[0] == "brittle"]:
        del sys.modules[name]


def place(pack: Path, name: str) -> str:
    """The file and line at which a node fails, as a traceback has them."""
    lines = (pack / f"{name}.py").read_text().splitlines()
    return f'brittle/{name}.py", line {next(number for number, line in enumerate(lines, 1) if "raise" in line)}'


def patch_of(kind: str) -> Patch:
    """
    sine --> KIND --> audio_out
    """
    patch = add_node(add_node(Patch(), "sine", name="sine"), kind, name="it")
    if kind != "works":
        patch = connect(add_node(patch, "audio_out", name="out"), "sine.out", "it.audio")
    return connect(patch, "it.out", "out.audio") if kind != "works" else patch


def written(records: list[logging.LogRecord]) -> str:
    return "\n".join(logging.Formatter().format(record) for record in records)


def setup_for(patch: Patch) -> Setup:
    return offline_setup(patch, Path())


def test_a_render_logs_where_a_node_failed_and_tells_the_same_sentence(
    pack: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    patch = patch_of("plays")
    setup = Setup(**{**vars(setup_for(patch)), "warn": said.append})
    assert sum(one.shape[1] for one in render(patch, load_palette(), setup, 1000)) == 1000
    assert said == [f"it: {SENTENCES['plays']}"]
    assert place(pack, "plays") in written(caplog.records)


def test_a_node_that_can_not_be_made_is_logged(pack: Path, caplog: pytest.LogCaptureFixture) -> None:
    patch = patch_of("made")
    with pytest.raises(PatchError, match="it: can't be created: no wood") as found:
        Engine(patch, load_palette(), setup_for(patch))
    assert place(pack, "made") in written(caplog.records)
    assert place(pack, "made") in found.value.problems[0].details


def test_a_job_that_fails_is_logged(pack: Path, caplog: pytest.LogCaptureFixture) -> None:
    patch = patch_of("works")
    trained = run_jobs(patch, load_palette(), setup_for(patch))
    assert [str(problem) for problem in trained.skipped] == ["it: no teacher"]
    assert place(pack, "works") in written(caplog.records)


def test_a_node_that_can_not_be_imported_is_logged(pack: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = load_palette()
    assert "brittle.imported: its nodes can't be loaded (no rosin); update or uninstall it" in found.complaints
    assert place(pack, "imported") in written(caplog.records)


def test_the_audio_thread_logs_nothing(pack: Path, caplog: pytest.LogCaptureFixture) -> None:
    patch = patch_of("plays")
    palette = load_palette()
    caplog.clear()
    engine = Engine(patch, palette, setup_for(patch))

    def play() -> None:
        for _ in range(20):
            engine.process()
        engine.panic()
        engine.process()

    audio = threading.Thread(target=play)
    audio.start()
    audio.join()
    assert not caplog.records
    assert [one.text for one in engine.faults()] == [SENTENCES["plays"]]
    assert {record.threadName for record in caplog.records} == {threading.current_thread().name}


def test_an_engine_in_a_process_of_its_own_logs_where_nodes_fail_and_tells_its_clients(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log.txt"
    monkeypatch.setenv(logs.LOG, f"info:{log}")
    news: list[Mapping[str, Any]] = []
    client = Client.start(patch_of("plays"), Hosting(folder=str(tmp_path)), news.append)
    try:
        eventually(lambda: any(one["kind"] == "fault" for one in news))
        fault = next(one for one in news if one["kind"] == "fault")
        assert (fault["node"], fault["text"]) == ("it", SENTENCES["plays"])
        assert place(pack, "plays") in fault["details"]
        client.update(patch_of("made"))
        eventually(lambda: any(one.text == SENTENCES["made"] for one in client.problems))
        problem = next(one for one in client.problems if one.text == SENTENCES["made"])
        assert place(pack, "made") in problem.details
    finally:
        client.close(stops_engine=True)
    text = log.read_text()
    assert all(place(pack, name) in text for name in ("plays", "made", "imported"))


def test_a_trainer_in_a_process_of_its_own_logs_where_a_job_failed(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log.txt"
    monkeypatch.setenv(logs.LOG, str(log))
    heard: list[Heard] = []
    trainer = Trainer(heard.append)
    try:
        trainer.learn(patch_of("works"))
        eventually(lambda: any(isinstance(one, JobDone | JobFailed) for one in heard))
    finally:
        trainer.close()
    learned = heard[-1]
    assert isinstance(learned, JobDone)
    assert [one.text for one in learned.skipped] == [SENTENCES["works"]]
    assert place(pack, "works") in learned.skipped[0].details
    assert place(pack, "works") in log.read_text()


CLI = [sys.executable, "-m", "latent_terrain.ui.cli"]


def test_the_command_line_gives_clean_json_however_much_is_logged(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(patch_of("plays"), tmp_path / "it.ltp")
    monkeypatch.delenv(logs.LOG, raising=False)
    words = ["render", str(tmp_path / "it.ltp"), "-o", str(tmp_path / "it.wav"), "--seconds", "0.1", "--json"]

    def call(*more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([*CLI, *more], capture_output=True, text=True, check=False)

    before, quiet, loud = call("-v", *words), call(*words), call(*words, "-vv")
    for one in (before, quiet, loud):
        assert json.loads(one.stdout)["faults"] == [{"node": "it", "text": SENTENCES["plays"]}]
        assert f"it: {SENTENCES['plays']}\n" in one.stderr
    assert "Traceback" not in quiet.stderr
    assert place(pack, "plays") in before.stderr
    assert place(pack, "plays") in loud.stderr


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    root = logging.getLogger("latent_terrain")
    handlers, level = list(root.handlers), root.level
    monkeypatch.setenv(logs.LOG, "")
    yield monkeypatch
    for one in [one for one in root.handlers if one not in handlers]:
        root.removeHandler(one)
        one.close()
    root.setLevel(level)


log = logging.getLogger("latent_terrain.tests")


def fail() -> None:
    try:
        raise RuntimeError("\x1b[2Jgone\nforged")
    except RuntimeError as error:
        logs.failed(log, "it: \x1b[2J failed", error)


def test_warnings_alone_are_plain_lines_and_what_people_are_told_is_not_told_twice(
    begun: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.begin()
    log.info("nothing")
    log.warning("mind the \x1b step")
    fail()
    assert capsys.readouterr().err == "mind the \\x1b step\n"


@pytest.mark.parametrize(("setting", "verbosity"), [("info", 0), ("", 1), ("warning", 2)])
def test_a_level_has_tracebacks_on_standard_error_that_forge_no_line(
    begun: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str, verbosity: int
) -> None:
    begun.setenv(logs.LOG, setting)
    logs.begin(verbosity)
    log.info("here")
    fail()
    err = capsys.readouterr().err
    assert "INFO latent_terrain.tests" in err
    assert "\x1b" not in err
    assert "    RuntimeError: \\x1b[2Jgone\n    forged\n" in err
    assert logs.stderr_of_children() is None


@pytest.mark.parametrize("setting", ["{}", "debug:{}", "ERROR:{}"])
def test_a_path_has_all_of_it_and_standard_error_nothing(
    begun: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, setting: str
) -> None:
    begun.setenv(logs.LOG, setting.format(tmp_path / "a b.log"))
    logs.begin()
    fail()
    assert "RuntimeError" in (tmp_path / "a b.log").read_text()
    assert capsys.readouterr().err == ""
    assert logs.stderr_of_children() == subprocess.DEVNULL


def test_what_runs_a_strangers_model_opens_no_file(begun: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begun.setenv(logs.LOG, str(tmp_path / "it.log"))
    logs.begin(is_confined=True)
    fail()
    assert not (tmp_path / "it.log").exists()


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("loud", "unknown log level 'loud'; use debug, info, warning, error, a path, or level:path"),
        ("loud:/tmp/it.log", "unknown log level 'loud'"),
        ("/nowhere/at/all/it.log", "/nowhere/at/all/it.log can't be written (No such file or directory)"),
        ("info:/\x1b[2J/it.log", "/\\x1b[2J/it.log can't be written"),
    ],
)
def test_a_setting_that_can_not_be_followed_is_told_once_and_left_out(
    begun: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str, why: str
) -> None:
    begun.setenv(logs.LOG, setting)
    logs.begin()
    logs.begin()
    log.warning("on")
    err = capsys.readouterr().err
    assert err.startswith(f"{logs.LOG}: {why}")
    assert err.endswith("\non\n")
    assert err.count("\n") == 2


def test_the_details_of_a_fault_are_bounded() -> None:
    error = RuntimeError("x" * 100_000)
    assert len(logs.details(error)) <= logs.MOST_DETAILS
    assert logs.details(None) == ""

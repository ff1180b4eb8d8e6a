"""A confined process can do none of what harms, can do what is harmless, and its parent hears what it tried."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine.messages import Confined, Gone, Message, Tried
from latent_terrain.engine.processes.child import Child
from latent_terrain.engine.processes.confinement import readable_folders
from latent_terrain.engine.processes.interpreter import clean_environment, run_python
from latent_terrain.engine.processes.policy import Policy

from ...waiting import eventually
from .toy_child import KNOWN as TOYS
from .toy_child import Toy
from .toy_confined import KNOWN, Deeds

HERE = Path(__file__).parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes all of it from a process")


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    started: list[Child] = []

    def begin(name: str, hear: Callable[[Message], None], **first: object) -> Child:
        started.append(Child(f"toy_confined:{name}", Deeds(all=first), KNOWN, hear, Policy(is_confined=True)))
        return started[-1]

    yield begin
    for child in started:
        child.kill()
        child.close()


@linux
def test_nothing_that_harms_can_be_done_and_all_of_it_is_told(start: Any, tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes(b"precious")
    heard: list[Message] = []
    child = start("try_all", heard.append, folder=str(tmp_path))
    eventually(lambda: any(isinstance(one, Deeds | Gone) for one in heard))
    child.kill()
    eventually(lambda: isinstance(heard[-1], Gone))
    last = next(one.all for one in heard if isinstance(one, Deeds))
    assert last["threads"] == 1, "a thread that was there before would not be confined"
    assert {name: came for name, came in last["found"].items() if came not in ("PermissionError", "MemoryError")} == {}
    assert last["found"]["memory"] == "MemoryError"
    assert {name: came for name, came in last["fine"].items() if came != "done"} == {}
    assert (tmp_path / "own").read_bytes() == b"precious"
    assert [one.name for one in tmp_path.iterdir()] == ["own"]
    told = [one.text for one in heard if isinstance(one, Tried)]
    for words in (
        f"write {tmp_path}/planted",
        f"read {tmp_path}/own",
        f"remove {tmp_path}/own",
        f"rename {tmp_path}/own",
        "start a program",
        "reach a network or another program",
        "end or look into other programs",
    ):
        assert any(one.startswith(words) for one in told), (words, told)


@linux
def test_the_same_can_be_done_where_nothing_holds_it(tmp_path: Path) -> None:
    """The test above means something only if this one shows what it prevents."""
    own = tmp_path / "own"
    own.write_bytes(b"precious")
    code = (
        "import os,socket,sys;open(sys.argv[1],'r+b').write(b'X');os.chmod(sys.argv[1],0o700);"
        "socket.socket(socket.AF_UNIX);os.kill(os.getppid(),0);os.fork() or os._exit(0);os.remove(sys.argv[1])"
    )
    assert run_python(["-c", code, str(own)]).returncode == 0
    assert not own.exists()


@linux
def test_one_that_may_start_programs_and_read_a_folder_can_do_no_more_by_them(start: Any, tmp_path: Path) -> None:
    for name in ("shared", "own"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one").write_bytes(b"1")
    heard: list[Message] = []
    start("start_others", heard.append, shared=str(tmp_path / "shared"), own=str(tmp_path / "own"))
    eventually(lambda: any(isinstance(one, Deeds | Gone) for one in heard))
    last = next(one.all for one in heard if isinstance(one, Deeds))
    assert last["seen"] == {"shared": b"1", "own": b"", "written": b"", "signal": b""}
    assert set(last["found"].values()) == {"PermissionError"}
    assert [one.name for one in (tmp_path / "shared").iterdir()] == ["one"]


@linux
def test_who_goes_on_trying_is_ended(start: Any) -> None:
    heard: list[Message] = []
    start("flood", heard.append)
    eventually(lambda: any(isinstance(one, Gone) for one in heard), 60)
    assert [one.text for one in heard if isinstance(one, Tried)] == ["write /planted"]
    assert isinstance(heard[0], Confined)


@linux
def test_open_files_can_be_handed_over_before_and_after(start: Any, tmp_path: Path) -> None:
    child = start("take_file", lambda message: None)
    for text in (b"one", b"two"):
        with tempfile.TemporaryFile(dir=tmp_path) as file:
            file.write(text)
            file.flush()
            file.seek(0)
            child.hand_over(file.fileno())
    answer = child.ask(Deeds(), Deeds, 20).all
    assert (answer["before"], answer["after"]) == (b"one", b"two")


def test_nobodys_files_are_readable(tmp_path: Path) -> None:
    folders = [Path(one) for one in readable_folders()]
    for own in (Path.home(), tmp_path):
        assert not any(own.resolve().is_relative_to(one) for one in folders)


@pytest.mark.parametrize(
    "name", ["json", "numpy", "sitecustomize", "usercustomize", "msgpack", "msgspec", "subprocess"]
)
def test_what_lies_in_the_current_folder_is_no_part_of_a_child(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", str(HERE)]))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / f"{name}.py"))
    heard: list[Message] = []
    child = Child("toy_child:echo", Toy(), TOYS, heard.append)
    eventually(lambda: bool(heard))
    child.close()
    assert isinstance(heard[0], Toy)
    assert run_python(["-c", f"import {name}"]).returncode in (0, 1)
    assert not (tmp_path / "ran").exists()


def test_the_environment_keeps_what_its_user_needs() -> None:
    known = {"PYTHONPATH": os.pathsep.join(["", "here", str(HERE)]), "PYTHONSTARTUP": "x", "HOME": "/home/me"}
    assert clean_environment(known, {"MORE": "1"}) == {"PYTHONPATH": str(HERE), "HOME": "/home/me", "MORE": "1"}
    assert clean_environment({"PYTHONPATH": "."}, {}) == {}

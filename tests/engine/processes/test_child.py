"""Children answer, refuse and die in sentences, and never outlive their parent."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_terrain.engine.processes.child import MOST_UNASKED, Child, ChildError, ChildGone

from ...waiting import eventually

HERE = Path(__file__).parent


@pytest.fixture
def heard() -> list[dict[str, object]]:
    return []


@pytest.fixture
def child(heard: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    made = Child("toy_child:echo", {"name": "it"}, heard.append)
    yield made
    made.close()


def test_it_gets_its_arguments_first(child: Child, heard: list[dict[str, object]]) -> None:
    eventually(lambda: bool(heard))
    assert heard == [{"op": "hello", "first": {"name": "it"}}]


def test_it_answers_each_request(child: Child) -> None:
    answers = [
        child.request({"op": "ask", "value": value}, 20)["got"] for value in (1, "two", [3.0], b"\x00" * 100_000)
    ]
    assert answers == [1, "two", [3.0], b"\x00" * 100_000]


def test_what_it_refuses_is_an_error_with_its_words(child: Child) -> None:
    with pytest.raises(ChildError, match="not that one"):
        child.request({"op": "refuse"}, 20)


def test_death_ends_a_request_and_is_heard_once(child: Child, heard: list[dict[str, object]]) -> None:
    with pytest.raises(ChildGone, match="code 3"):
        child.request({"op": "die"}, 20)
    eventually(lambda: {"op": "gone", "code": 3} in heard)
    assert [message["op"] for message in heard].count("gone") == 1
    eventually(lambda: not can_be_told(child))


def test_an_error_is_told_before_the_end(child: Child, heard: list[dict[str, object]]) -> None:
    child.send({"op": "raise"})
    eventually(lambda: any(message["op"] == "gone" for message in heard))
    assert {"op": "failed", "text": "RuntimeError: as you wish"} in heard


def test_bytes_that_are_no_message_end_it(child: Child, heard: list[dict[str, object]]) -> None:
    child.send({"op": "babble"})
    eventually(lambda: any(message["op"] == "gone" for message in heard))
    assert not child.is_alive


def test_a_child_that_does_not_answer_is_told_with_the_time(child: Child) -> None:
    os.kill(child.pid, 19)  # SIGSTOP: alive and silent
    try:
        with pytest.raises(ChildGone, match=r"not answered for 0\.1 s"):
            child.request({"op": "ask"}, 0.1)
    finally:
        os.kill(child.pid, 18)


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from latent_terrain.engine.processes.child import Child\n"
        "child = Child('toy_child:echo', {})\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not _runs(pid))


def can_be_told(child: Child) -> bool:
    try:
        child.send({"op": "more"})
    except ChildGone:
        return False
    return True


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("what", ["gone", "tried", "flood", "answers"])
def test_who_says_what_only_its_parent_can_say_or_speaks_without_end_is_ended(
    what: str, heard: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    child = Child("toy_child:forge", {"what": what}, heard.append, is_confined=True)
    try:
        if what == "answers":
            assert child.request({"op": "ask"}, 20)["got"] == 1
        eventually(lambda: not child.is_alive and any(one.get("op") == "gone" for one in heard), 60)
    finally:
        child.kill()
        child.close()
    assert all(one.get("text") != "forged" for one in heard)
    assert [one["code"] for one in heard if one.get("op") == "gone"] == [-9]
    assert len(heard) <= MOST_UNASKED + 1

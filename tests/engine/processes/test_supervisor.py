"""A supervised child: killed, hung, babbling or never ready, it comes back with what it knew, or a sentence does."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from latent_terrain.engine.messages import Message
from latent_terrain.engine.processes import supervisor
from latent_terrain.engine.processes.child import ChildGone
from latent_terrain.engine.processes.guard import LONGEST, MOST_TOLD, Guard
from latent_terrain.engine.processes.policy import USUAL, Policy, Restarts
from latent_terrain.engine.processes.supervisor import SupervisedChild

from ...waiting import eventually
from .toy_helper import KNOWN, Toy

HERE, TARGET = Path(__file__).parents[3], "tests.engine.processes.toy_helper:serve"
QUICK = replace(USUAL, pauses=(0.0, 0.01, 0.02))
Make = Callable[..., SupervisedChild]


class Told:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.heard: list[Any] = []
        self.what, self.knows = "", 0
        self.ends: list[str] = []

    def order(self) -> Toy:
        return Toy(what=self.what, value=self.knows)

    def hear(self, message: Message) -> None:
        if isinstance(message, Toy):
            self.heard.append(message.value)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def make(told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    made: list[SupervisedChild] = []

    def one(policy: Policy = QUICK) -> SupervisedChild:
        given = (told.order, KNOWN, told.hear, told.said.append, policy)
        made.append(SupervisedChild("helper", TARGET, *given, ended=told.ends.append))
        return made[-1]

    yield one
    for child in made:
        child.close()


@pytest.fixture
def helper(make: Make) -> SupervisedChild:
    made = make()
    made.begin()
    return made


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z"
    except OSError:
        return True


def test_it_comes_back_with_what_it_knew_by_then(helper: SupervisedChild, told: Told) -> None:
    eventually(lambda: told.heard == [0])
    told.knows = 7
    os.kill(helper.pid, signal.SIGKILL)
    eventually(lambda: told.heard == [0, 7])
    assert told.said == ["helper crashed and was restarted"]
    assert told.ends == [""]


def test_one_that_keeps_ending_is_given_up_in_one_sentence(helper: SupervisedChild, told: Told) -> None:
    for number in range(len(QUICK.pauses) + 1):
        eventually(lambda number=number: len(told.heard) == number + 1)  # type: ignore[misc]
        os.kill(helper.pid, signal.SIGKILL)
    eventually(lambda: told.said and "keeps crashing" in told.said[-1])
    assert len(told.said) == len(told.ends) == len(QUICK.pauses) + 1
    helper.send(Toy(value=1))  # nobody is there, and no problems found with that


@pytest.mark.parametrize(("way", "why"), [("raise", "as you wish"), ("refuse", "as you wish"), ("noise", "")])
def test_one_that_ends_is_started_once_and_its_reason_told(
    helper: SupervisedChild, told: Told, way: str, why: str
) -> None:
    helper.send(Toy(what=way))
    eventually(lambda: len(told.heard) == 2)
    assert helper.starts == 2
    assert len(told.said) == 1
    assert why in told.said[0]


def test_one_that_has_done_its_work_is_not_started_again(helper: SupervisedChild, told: Told) -> None:
    helper.send(Toy(what="done"))
    eventually(lambda: told.said == ["helper has ended"])
    assert (helper.starts, helper.is_running) == (1, False)


def test_one_that_hangs_is_ended_and_started_again(helper: SupervisedChild, told: Told) -> None:
    eventually(lambda: told.heard == [0])
    os.kill(helper.pid, signal.SIGSTOP)
    helper.look(QUICK.silent_seconds)
    helper.look(QUICK.silent_seconds)
    helper.look(QUICK.silent_seconds)  # the first looks may have met what it had said before
    eventually(lambda: told.heard == [0, 0])
    assert "(no sign of life for 30 s) and was restarted" in told.said[0]


def test_one_that_nobody_asks_gives_signs_of_life(helper: SupervisedChild, told: Told) -> None:
    child = helper.running()
    for _ in range(4):
        before = child.heard
        eventually(lambda before=before: child.heard > before)  # type: ignore[misc]
        helper.look(0.4 * QUICK.silent_seconds)
    assert (helper.starts, child.is_alive, told.said) == (1, True, [])


def test_a_machine_that_slept_is_no_death(make: Make, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []

    def monotonic() -> float:
        seen.append(1000.0 * len(seen))
        return seen[-1]

    monkeypatch.setattr(supervisor, "time", SimpleNamespace(monotonic=monotonic))
    made = make(replace(QUICK, silent_seconds=500.0))
    made.begin()
    os.kill(made.pid, signal.SIGSTOP)
    looks = len(seen)
    eventually(lambda: len(seen) > looks + 3)
    os.kill(made.pid, signal.SIGCONT)
    assert (made.starts, made.is_running, told.said) == (1, True, [])


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("exit", "helper does not start: its process stopped"),
        ("refuse", "^as you wish$"),
        ("never ready", r"helper does not start: it was not ready after 1 s and was stopped"),
    ],
)
def test_one_that_never_begins_is_an_error_with_a_sentence_and_left_behind_by_nobody(
    make: Make, told: Told, what: str, says: str
) -> None:
    told.what = what
    made = make(replace(QUICK, start_seconds=1.0 if what == "never ready" else 60.0))
    with pytest.raises(OSError, match=says):
        made.begin()
    eventually(lambda: is_gone(made.pid))
    assert (made.starts, told.said) == (1, [])


def test_one_that_is_slow_to_start_is_waited_for(make: Make, told: Told) -> None:
    told.what = "never ready"
    made = make()
    made.start()
    made.look(QUICK.start_seconds - 5.0)
    assert made.is_running
    told.what = ""
    made.look(5.1)
    eventually(lambda: told.heard == [0])
    assert "(it was not ready after 20 s and was stopped) and was restarted" in told.said[0]


def test_closing_ends_one_that_is_still_starting(make: Make, told: Told) -> None:
    told.what = "never ready"
    made, failures = make(), list[str]()

    def begin() -> None:
        try:
            made.begin()
        except OSError as error:
            failures.append(str(error))

    thread = threading.Thread(target=begin)
    thread.start()
    eventually(lambda: made.is_running)
    made.close()
    thread.join()
    assert is_gone(made.pid)
    assert len(failures) == 1


def test_one_that_is_asked_is_started_then_and_again_where_it_ended(make: Make, told: Told) -> None:
    made = make()
    assert made.starts == 0
    assert made.ask(Toy(what="echo", value=1), Toy, 30).value == 1
    pid = made.pid
    os.kill(pid, signal.SIGKILL)
    assert made.ask(Toy(what="echo", value=2), Toy, 30).value == 2
    assert made.pid != pid
    made.rest()
    assert not made.is_running
    assert made.ask(Toy(what="echo", value=3), Toy, 30).value == 3
    assert (made.starts, told.said) == (3, [])


def test_a_question_that_ends_it_is_asked_twice_and_in_the_end_no_more(make: Make) -> None:
    made = make()
    for _ in range(2):
        with pytest.raises(ChildGone, match="has ended"):
            made.ask(Toy(what="die"), Toy, 30)
    assert made.starts == 1 + len(QUICK.pauses)
    with pytest.raises(ChildGone, match="keeps crashing"):
        made.ask(Toy(what="echo"), Toy, 30)
    made.close()
    with pytest.raises(ChildGone):
        made.ask(Toy(what="echo"), Toy, 30)


def test_without_restarts_its_end_is_final(make: Make, told: Told) -> None:
    made = make(replace(QUICK, pauses=()))
    made.begin()
    os.kill(made.pid, signal.SIGKILL)
    eventually(lambda: told.ends == [""])
    with pytest.raises(ChildGone, match="keeps crashing"):
        made.running()
    assert (made.starts, told.said) == (1, [])


def test_it_gives_way_and_neither_folder_nor_environment_slip_code_in(
    make: Make, told: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONSTARTUP", "harm.py")
    (tmp_path / "random.py").write_text("raise SystemExit(9)")
    made = make(replace(QUICK, niceness=7))
    made.begin()
    made.send(Toy(what="path"))
    eventually(lambda: len(told.heard) == 2)
    folder, startup, niceness = told.heard[1]
    assert folder not in ("", str(tmp_path))
    assert (startup, niceness) == ("", os.nice(0) + 7)


def test_it_ends_when_its_parent_is_killed() -> None:
    script = (
        "import threading\n"
        "from latent_terrain.engine.processes.supervisor import SupervisedChild\n"
        "from tests.engine.processes.toy_helper import KNOWN, Toy\n"
        f"child = SupervisedChild('helper', {TARGET!r}, Toy, KNOWN)\n"
        "child.begin()\n"
        "print(child.pid, flush=True)\n"
        "threading.Event().wait()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    eventually(lambda: is_gone(pid))


def test_restarts_are_counted_in_a_minute_only_and_each_waits_longer() -> None:
    restarts = Restarts(USUAL)
    assert [restarts.pause(now) for now in (0.0, 1.0, 2.0, 3.0)] == [*USUAL.pauses, None]
    assert restarts.pause(USUAL.within_seconds) == USUAL.pauses[-1]
    assert restarts.pause(USUAL.within_seconds + 0.5) is None
    assert restarts.pause(3 * USUAL.within_seconds) == USUAL.pauses[0]


@pytest.mark.parametrize("count", [300, pytest.param(3000, marks=pytest.mark.slow)])
def test_whatever_it_says_what_it_says_next_is_heard(helper: SupervisedChild, told: Told, count: int) -> None:
    helper.send(Toy(what="babble", value=count))
    eventually(lambda: told.heard and told.heard[-1] == "still here")
    assert helper.starts == 1
    assert 0 < len(told.said) < 100


def test_a_guard_tells_each_kind_once_and_not_without_end() -> None:
    said: list[str] = []
    guard = Guard("somebody", said.append)

    def fail(error: Exception) -> None:
        raise error

    assert guard(int, "3")
    assert not guard(fail, ValueError("a\x1b]0;b" + "c" * 1000))
    assert not guard(fail, ValueError("other"))
    assert len(said) == 1
    assert "\x1b" not in said[0]
    assert len(said[0]) < LONGEST + 120
    for number in range(2 * MOST_TOLD):
        guard(fail, type(f"Error{number}", (Exception,), {})())
    assert len(said) == MOST_TOLD


def test_who_cannot_be_told_ends_nothing() -> None:
    def tell(text: str) -> None:
        raise OSError("closed")

    assert not Guard("somebody", tell)(int, "x")


def test_several_threads_may_have_the_same_guard() -> None:
    said: list[str] = []
    guard = Guard("somebody", said.append)
    threads = [threading.Thread(target=lambda: [guard(int, "x") for _ in range(100)]) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 1 <= len(said) <= 4

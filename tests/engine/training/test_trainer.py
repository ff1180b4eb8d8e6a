"""Learning goes on beside the sound: it tells how far it is, shows what it has, gives way, and may die."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from latent_terrain.engine.messages import Message, Piece
from latent_terrain.engine.messages import children as say
from latent_terrain.engine.processes.child import Child
from latent_terrain.engine.session.pieces import PIECE
from latent_terrain.engine.training import trainer as trainer_module
from latent_terrain.engine.training.trainer import Heard, JobDone, JobFailed, JobProgressed, JobSnapshot, Trainer
from latent_terrain.graphs import Patch, add_node, set_content, set_value

from ...waiting import eventually

HERE = Path(__file__).parent
T = TypeVar("T", JobProgressed, JobSnapshot, JobDone, JobFailed)


@pytest.fixture
def heard() -> list[Heard]:
    return []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Every message to the trainer's process."""
    found: list[Message] = []
    send = Child.send

    def noted(self: Child, message: Message) -> None:
        found.append(message)
        send(self, message)

    monkeypatch.setattr(Child, "send", noted)
    return found


@pytest.fixture
def trainer(heard: list[Heard], sent: list[Message], monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainer]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
    made = Trainer(heard.append, "toy_school:palette")
    yield made
    made.close()


def school(**values: Any) -> Patch:
    return add_node(Patch(), "slow", "pupil", values)


def of(kind: type[T], heard: list[Heard]) -> list[T]:
    return [one for one in list(heard) if isinstance(one, kind)]


def test_what_is_learned_comes_back_as_content(trainer: Trainer, heard: list[Heard]) -> None:
    patch = set_content(school(), "pupil", {"given": np.ones((300, 100), np.float32)})
    training = trainer.learn(patch)
    eventually(lambda: bool(of(JobDone, heard)))
    learned = of(JobDone, heard)[0]
    assert (learned.training, learned.done, learned.stopped) == (training, ("pupil.learn",), False)
    assert learned.contents["pupil"]["learn/count"] == [20]
    assert learned.contents["pupil"]["learn/given"] == [30_000]
    assert learned.contents["pupil"]["given"].shape == (300, 100)
    assert of(JobProgressed, heard)[-1] == JobProgressed(training, "pupil", "learn", 1.0, "step 20")
    assert not trainer.is_busy


def test_what_is_learned_is_not_learned_again(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school())
    eventually(lambda: len(of(JobDone, heard)) == 1)
    trained = set_content(school(), "pupil", of(JobDone, heard)[0].contents["pupil"])
    trainer.learn(trained)
    eventually(lambda: len(of(JobDone, heard)) == 2)
    assert (of(JobDone, heard)[1].done, of(JobDone, heard)[1].contents) == ((), {})
    trainer.learn(trained, again=True)
    eventually(lambda: len(of(JobDone, heard)) == 3)
    assert of(JobDone, heard)[2].done == ("pupil.learn",)


def test_arrays_cross_once_in_pieces_and_what_was_learned_is_not_sent_back(
    trainer: Trainer, heard: list[Heard], sent: list[Message]
) -> None:
    drawn = np.random.default_rng(1).normal(size=(300, 100)).astype(np.float32)
    patch = set_content(school(), "pupil", {"given": drawn})
    for number in range(3):
        trainer.learn(patch)
        eventually(lambda number=number: len(of(JobDone, heard)) == number + 1)
        patch = set_content(patch, "pupil", of(JobDone, heard)[-1].contents["pupil"])
        patch = set_value(patch, "pupil", "steps", 5 + number)
    blobs = [one for one in sent if isinstance(one, Piece)]
    assert sum(len(one.data) for one in blobs) == drawn.nbytes
    assert all(len(one.data) <= PIECE for one in blobs)
    assert len(blobs) > 1


def test_snapshots_show_what_is_learned_so_far_and_count_as_not_done(trainer: Trainer, heard: list[Heard]) -> None:
    patch = set_content(school(steps=1_000_000, seconds=0.001), "pupil", {"given": np.ones(5, np.float32)})
    trainer.learn(patch, snapshot_seconds=0.02)
    eventually(lambda: len(of(JobSnapshot, heard)) >= 3)
    shown = of(JobSnapshot, heard)
    counts = [int(one.content["learn/count"][0]) for one in shown]
    assert counts == sorted(set(counts))
    assert shown[0].content["given"] is patch.nodes["pupil"].content["given"]
    assert not shown[0].content["learn/fingerprint"].any()
    trainer.learn(set_value(set_content(patch, "pupil", shown[-1].content), "pupil", "steps", 2))
    eventually(lambda: bool(of(JobDone, heard)))
    assert of(JobDone, heard)[0].done == ("pupil.learn",)


def test_without_a_wait_between_them_there_are_no_more_snapshots_than_asked_for(
    trainer: Trainer, heard: list[Heard]
) -> None:
    trainer.learn(school(steps=200), snapshot_seconds=1000.0)
    eventually(lambda: bool(of(JobDone, heard)))
    assert of(JobSnapshot, heard) == []


def test_f24_stopped_work_keeps_what_it_has(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school(steps=1_000_000, seconds=0.001))
    eventually(lambda: bool(of(JobProgressed, heard)))
    trainer.stop()
    eventually(lambda: bool(of(JobDone, heard)))
    learned = of(JobDone, heard)[0]
    assert learned.stopped
    assert 0 < learned.contents["pupil"]["learn/count"][0] < 1_000_000
    assert not trainer.is_busy


def test_f23_b04_a_newer_patch_takes_the_place_of_the_one_being_learned(trainer: Trainer, heard: list[Heard]) -> None:
    first = trainer.learn(school(steps=1_000_000, seconds=0.001))
    eventually(lambda: bool(of(JobProgressed, heard)))
    lessons = [trainer.learn(school(steps=steps)) for steps in (1_000_000, 3, 4)]
    eventually(lambda: bool(of(JobDone, heard)))
    learned = of(JobDone, heard)
    assert [one.training for one in learned] == [lessons[-1]]
    assert learned[0].contents["pupil"]["learn/count"] == [4]
    assert of(JobFailed, heard) == []
    assert first not in [one.training for one in learned]


def test_a_lesson_stopped_before_it_began_comes_to_an_end(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school(steps=1_000_000, seconds=0.001))
    eventually(lambda: bool(of(JobProgressed, heard)))
    training = trainer.learn(school(steps=1_000_000, seconds=0.01))
    trainer.stop()
    eventually(lambda: not trainer.is_busy)
    assert [(one.training, one.stopped) for one in of(JobDone, heard)] == [(training, True)]


def test_f24_at_no_pace_it_waits_and_goes_on_when_there_is_more(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.pace(0.0)
    trainer.learn(school(steps=50))
    eventually(lambda: bool(of(JobProgressed, heard)))
    assert of(JobProgressed, heard)[-1].done < 1.0
    assert of(JobDone, heard) == []
    trainer.pace(1.0)
    eventually(lambda: bool(of(JobDone, heard)))
    assert of(JobDone, heard)[0].contents["pupil"]["learn/count"] == [50]


def test_f21_b05_what_is_turned_while_it_works_is_heard_by_the_work(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school(steps=2000, seconds=0.001))
    eventually(lambda: bool(of(JobProgressed, heard)))
    trainer.tune("other", given=5.0)
    trainer.tune("pupil", given=3.0)
    trainer.tune("pupil", given=7.0)
    eventually(lambda: bool(of(JobDone, heard)))
    assert of(JobDone, heard)[0].contents["pupil"]["learn/given"] == [7.0]


def test_while_it_waits_it_can_be_stopped(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.pace(0.0)
    trainer.learn(school(steps=50))
    eventually(lambda: bool(of(JobProgressed, heard)))
    trainer.stop()
    eventually(lambda: bool(of(JobDone, heard)))
    assert of(JobDone, heard)[0].stopped


@pytest.mark.skipif(not hasattr(os, "times") or not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_it_works_no_more_than_its_share_of_the_time(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school(steps=10**9, seconds=0.002))
    eventually(lambda: bool(of(JobProgressed, heard)))
    trainer.pace(0.2)
    eventually(lambda: len(of(JobProgressed, heard)) >= 4)
    import time

    began, spent = time.monotonic(), _cpu_seconds(trainer.pid)
    eventually(lambda: time.monotonic() - began > 1.0)
    share = (_cpu_seconds(trainer.pid) - spent) / (time.monotonic() - began)
    assert 0.0 < share < 0.5


def test_a_job_that_cannot_run_is_skipped_with_its_reason(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school(ending="refuse"))
    eventually(lambda: bool(of(JobDone, heard)))
    assert [str(one) for one in of(JobDone, heard)[0].skipped] == ["pupil: nothing to count; draw something"]


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (school(ending="break"), "KeyError: 'a bug'"),
        (add_node(Patch(), "nope", "x"), "unknown node type"),
        (school(steps="many"), "steps"),
    ],
    ids=["a bug", "an unknown type", "a wrong setting"],
)
def test_what_cannot_be_learned_is_told_and_the_trainer_lives(
    trainer: Trainer, heard: list[Heard], patch: Patch, words: str
) -> None:
    trainer.learn(school())
    eventually(lambda: bool(of(JobDone, heard)))
    pid = trainer.pid
    training = trainer.learn(patch)
    eventually(lambda: bool(of(JobFailed, heard)))
    assert of(JobFailed, heard)[0].training == training
    assert words in of(JobFailed, heard)[0].text
    trainer.learn(school())
    eventually(lambda: len(of(JobDone, heard)) == 2)
    assert trainer.pid == pid


def test_a_killed_trainer_is_told_once_and_the_next_lesson_starts_another(trainer: Trainer, heard: list[Heard]) -> None:
    patch = set_content(school(steps=1_000_000, seconds=0.001), "pupil", {"given": np.ones(7, np.float32)})
    training = trainer.learn(patch)
    eventually(lambda: bool(of(JobProgressed, heard)))
    assert trainer.pid is not None
    os.kill(trainer.pid, signal.SIGKILL)
    eventually(lambda: bool(of(JobFailed, heard)))
    assert trainer.pid is None
    trainer.learn(set_value(patch, "pupil", "steps", 3))
    eventually(lambda: bool(of(JobDone, heard)))
    assert of(JobDone, heard)[0].contents["pupil"]["learn/given"] == [7]
    assert [(one.training, "crashed" in one.text) for one in of(JobFailed, heard)] == [(training, True)]


def test_a_trainer_that_dies_while_it_works_is_told_once(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school(ending="die"))
    eventually(lambda: bool(of(JobFailed, heard)))
    eventually(lambda: trainer.pid is None)
    assert len(of(JobFailed, heard)) == 1
    assert not trainer.is_busy


def test_a_palette_that_does_not_load_is_told(heard: list[Heard], trainer: Trainer) -> None:
    other: list[Heard] = []
    broken = Trainer(other.append, "toy_school:broken")
    broken.learn(school())
    eventually(lambda: bool(other))
    assert "no nodes here" in of(JobFailed, other)[0].text
    broken.close()


def test_two_sides_out_of_step_begin_anew(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school())
    eventually(lambda: bool(of(JobDone, heard)))
    process = trainer._process
    assert process is not None
    unknown = set_content(school(), "pupil", {"given": np.ones(3, np.float32)})
    process.arrays = trainer_module.delta(Patch(), unknown)[1]
    process.named = {"pupil": {key: key for key in process.arrays}}
    trainer.learn(unknown)
    eventually(lambda: bool(of(JobFailed, heard)))
    assert "assembled" in of(JobFailed, heard)[0].text
    trainer.learn(unknown)
    eventually(lambda: len(of(JobDone, heard)) == 2)


def test_what_still_comes_of_an_earlier_lesson_is_not_heard(trainer: Trainer, heard: list[Heard]) -> None:
    first = trainer.learn(school(steps=1_000_000, seconds=0.001))
    eventually(lambda: bool(of(JobProgressed, heard)))
    trainer.pace(0.0)
    second = trainer.learn(school(steps=1_000_000))
    eventually(lambda: of(JobProgressed, heard)[-1].training == second)
    for late in (
        say.ReportProgress(training=first, node="pupil", job="learn", done=1.0, text="late"),
        say.ReportSnapshot(training=first, node="pupil", content={}, kept=[]),
        say.ReportLearned(change={}, training=first, done=(), skipped=(), warnings=(), stopped=False),
        say.ReportFailed(training=first, text="late"),
    ):
        trainer._hear(late)
    assert heard[-1] == of(JobProgressed, heard)[-1]
    assert of(JobProgressed, heard)[-1].training == second
    assert trainer.is_busy


def test_close_ends_it_in_the_middle_of_work(trainer: Trainer, heard: list[Heard]) -> None:
    trainer.learn(school(steps=1_000_000, seconds=0.001))
    eventually(lambda: bool(of(JobProgressed, heard)))
    pid = trainer.pid
    assert pid is not None
    trainer.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert of(JobFailed, heard) == []


def _cpu_seconds(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

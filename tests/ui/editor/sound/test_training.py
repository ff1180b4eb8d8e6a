"""Lessons as the editor sees them: one after another, told once each, giving way to the sound."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import Problem, load_palette
from latent_terrain.engine.training.trainer import Heard, JobDone, JobFailed, JobProgressed, JobSnapshot
from latent_terrain.graphs import Patch, add_node, set_content, set_value
from latent_terrain.ui.editor.sound.interface import JobResult, JobStatus
from latent_terrain.ui.editor.sound.training import Trainings, with_learned


class Teacher:
    """Notes what it is told; the test says what it tells."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.training = 0
        self.say: Callable[[Heard], None] = lambda heard: None

    def made(self, say: Callable[[Heard], None]) -> "Teacher":
        self.say = say
        return self

    def learn(
        self, patch: Patch, folder: str = "", *, only: str | Collection[str] | None = None, again: bool = False
    ) -> int:
        self.training += 1
        self.told.append(("learn", folder, only, again))
        return self.training

    def pace(self, share: float) -> None:
        self.told.append(("pace", share))

    def tune(self, node: str, **values: float) -> None:
        self.told.append(("tune", node, values))

    def stop(self) -> None:
        self.told.append("stop")

    def close(self) -> None:
        self.told.append("close")


@pytest.fixture
def teacher() -> Teacher:
    return Teacher()


@pytest.fixture
def learning(teacher: Teacher) -> Trainings:
    return Trainings(teacher.made)


def weights(number: float) -> dict[str, np.ndarray[Any, Any]]:
    return {"learn/a": np.full(3, number, np.float32)}


def learned(training: int, number: float = 1.0, problems: tuple[Problem, ...] = ()) -> JobDone:
    return JobDone(training, {"land": weights(number)}, ("land.learn",), problems, (), False)


def test_nobody_teaches_before_there_is_something_to_learn(learning: Trainings, teacher: Teacher) -> None:
    learning.pace(0.5)
    learning.stop()
    learning.tick()
    learning.close()
    assert teacher.told == []


def test_what_comes_of_a_lesson_that_is_forgotten_is_left_out(learning: Trainings, teacher: Teacher) -> None:
    number = learning.learn(Patch(), Path("/here"))
    teacher.say(learned(number))
    learning.tick()
    learning.forget()
    teacher.say(learned(number, 2.0))
    learning.tick()
    assert teacher.told[-1] == "stop"
    assert (learning.trained(), learning.is_busy) == ([], False)


def test_a_lesson_is_shown_while_it_goes_on_and_comes_back_as_taught(learning: Trainings, teacher: Teacher) -> None:
    number = learning.learn(Patch(), Path("/here"), "land", again=True)
    assert teacher.told[-1] == ("learn", "/here", "land", True)
    teacher.say(JobProgressed(number, "land", "learn", 0.5, "loss 1"))
    assert learning.trainings == ()
    learning.tick()
    assert learning.trainings == (JobStatus("land", "learn", 0.5, "loss 1"),)
    teacher.say(learned(number))
    learning.tick()
    assert not learning.is_busy
    assert learning.trainings == ()
    [trained] = learning.trained()
    assert (trained.node, trained.is_final, trained.training) == ("land", True, number)
    assert learning.trained() == []


def test_of_what_was_learned_so_far_only_the_latest_counts(learning: Trainings, teacher: Teacher) -> None:
    number = learning.learn(Patch(), Path())
    for step in range(5):
        teacher.say(JobSnapshot(number, "land", weights(step)))
    learning.tick()
    assert [(one.is_final, one.content["learn/a"][0]) for one in learning.trained()] == [(False, 4.0)]
    teacher.say(JobSnapshot(number, "land", weights(5)))
    teacher.say(learned(number, 6.0))
    learning.tick()
    assert [(one.is_final, one.content["learn/a"][0]) for one in learning.trained()] == [(True, 6.0)]


def test_what_an_earlier_lesson_still_says_is_not_heard(learning: Trainings, teacher: Teacher) -> None:
    first = learning.learn(Patch(), Path())
    teacher.say(JobProgressed(first, "land", "learn", 0.5, ""))
    second = learning.learn(Patch(), Path())
    teacher.say(learned(first))
    learning.tick()
    assert learning.trained() == []
    assert learning.trainings == ()
    teacher.say(learned(second))
    learning.tick()
    assert len(learning.trained()) == 1


def test_what_could_not_be_learned_is_told_where_it_belongs(learning: Trainings, teacher: Teacher) -> None:
    number = learning.learn(Patch(), Path())
    teacher.say(learned(number, problems=(Problem("land", "latents", "connect sounds and a map to train", "warning"),)))
    learning.tick()
    assert [(one.node, one.severity) for one in learning.happenings()] == [("land", "warning")]
    number = learning.learn(Patch(), Path())
    teacher.say(JobFailed(number, "all is lost", (Problem("land", "", "all is lost", "error"),)))
    learning.tick()
    assert [(one.node, one.text) for one in learning.happenings()] == [("land", "all is lost")]
    number = learning.learn(Patch(), Path())
    teacher.say(JobFailed(number, "the trainer crashed"))
    learning.tick()
    [told] = learning.happenings()
    assert "trainer crashed" in told.text
    assert not learning.is_busy


def test_a_trainer_that_goes_while_it_has_nothing_to_do_is_told(learning: Trainings, teacher: Teacher) -> None:
    learning.learn(Patch(), Path())
    teacher.say(JobFailed(0, "the trainer crashed"))
    learning.tick()
    assert len(learning.happenings()) == 1


def test_learning_gives_way_as_the_engine_says(learning: Trainings, teacher: Teacher) -> None:
    learning.pace(0.5)
    learning.learn(Patch(), Path())
    assert ("pace", 0.5) in teacher.told
    teacher.told.clear()
    for share in (0.5, 0.505, 0.25, 0.25, 1.0, 1.0):
        learning.pace(share)
    assert teacher.told == [("pace", 0.25), ("pace", 1.0)]


def test_what_is_turned_while_a_land_is_learned_is_heeded_until_the_next_lesson(
    learning: Trainings, teacher: Teacher
) -> None:
    patch = add_node(add_node(Patch(), "terrain", "land"), "terrain", "other")
    turned = set_value(patch, "land", "rate", 0.01)
    learning.edited(turned)
    number = learning.learn(patch, Path())
    learning.edited(turned)
    teacher.say(JobProgressed(number, "land", "learn", 0.5, ""))
    learning.tick()
    teacher.told.clear()
    for edited in (patch, set_value(patch, "other", "rate", 0.5), set_value(patch, "land", "method", "reference")):
        learning.edited(edited)
    assert teacher.told == []
    for _ in range(3):
        learning.edited(turned)
    assert teacher.told == [("tune", "land", {"rate": 0.01})]
    learning.edited(patch)
    assert teacher.told[-1] == ("tune", "land", {})
    learning.edited(turned)
    learning.learn(turned, Path())
    assert teacher.told[-1] == ("tune", "land", {})


def test_what_was_drawn_while_a_lesson_went_on_is_not_overwritten_by_it() -> None:
    palette, line = load_palette(), np.zeros((2, 2), np.float32)
    before = {"lines/0000": line}
    patch = add_node(Patch(), "gui", name="map", content=before)
    trained = JobResult("map", {"lines/0001": line, "arrange/line/0000": line}, True, 1, patch.nodes["map"].content)
    assert with_learned(patch, trained, palette).nodes["map"].content.keys() == {"lines/0001", "arrange/line/0000"}
    drawn = set_content(patch, "map", {**before, "lines/0002": line})
    after = with_learned(drawn, trained, palette).nodes["map"].content
    assert after.keys() == {"lines/0000", "lines/0002", "arrange/line/0000"}

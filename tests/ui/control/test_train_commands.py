"""Training by command: what is trained, for how long, what of it is kept, and who is told."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import Problem, load_palette
from latent_terrain.engine.session import EngineGone
from latent_terrain.engine.training.trainer import Heard, JobDone, JobFailed, JobProgressed
from latent_terrain.engine.values import Content
from latent_terrain.graphs import Patch, load_file, remove_node, set_content
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.control.dispatcher import ControlError, Dispatcher
from latent_terrain.ui.control.mapping import mappings_of
from latent_terrain.ui.control.training_jobs import TrainingJobs

from .toy_playing import Held

PALETTE = load_palette()


class ToyTrainer:
    """Remembers what it was asked for; what it tells is told by the test."""

    def __init__(self, heard: Callable[[Heard], None]) -> None:
        self.heard = heard
        self.asked: list[tuple[Patch, Collection[str] | str | None, bool]] = []
        self.has_stopped = threading.Event()
        self.paces: list[float] = []
        self.is_closed = False

    def learn(
        self, patch: Patch, folder: str = "", *, only: str | Collection[str] | None = None, again: bool = False
    ) -> int:
        self.asked.append((patch, only, again))
        return len(self.asked)

    def pace(self, share: float) -> None:
        self.paces.append(share)

    def tune(self, node: str, **values: float) -> None:
        raise AssertionError("nothing is tuned from outside")

    def stop(self) -> None:
        self.has_stopped.set()

    def close(self) -> None:
        self.is_closed = True

    def done(
        self,
        contents: Mapping[str, Content],
        training: int = 0,
        stopped: bool = False,
        warnings: tuple[Problem, ...] = (),
    ) -> None:
        self.heard(JobDone(training or len(self.asked), contents, tuple(contents), (), warnings, stopped))


@pytest.fixture
def session() -> Held:
    return Held(load_file(STARTERS["live-record"].file))


@pytest.fixture
def made() -> list[ToyTrainer]:
    return []


@pytest.fixture
def dispatcher(session: Held, made: list[ToyTrainer], tmp_path: Path) -> Iterator[Dispatcher]:
    def make(heard: Callable[[Heard], None]) -> ToyTrainer:
        made.append(ToyTrainer(heard))
        return made[-1]

    one = Dispatcher(session, PALETTE, tmp_path, tmp_path / "own.ltp", lambda text: None)
    one.training = TrainingJobs(one, make)
    yield one
    one.close()


@pytest.fixture
def told(dispatcher: Dispatcher) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    dispatcher.training.listeners.append(lambda address, values: found.append((address, values)))
    return found


def trained(patch: Patch) -> Content:
    return {**patch.nodes["terrain"].content, "learn/fc_out.bias": np.full(16, 7.0, np.float32)}


def bias(patch: Patch) -> float:
    return float(patch.nodes["terrain"].content["learn/fc_out.bias"][0])


def test_a_terrain_is_trained_with_what_leads_to_it_and_what_came_of_it_is_one_step(
    session: Held, dispatcher: Dispatcher, made: list[ToyTrainer], told: list[tuple[str, list[Any]]]
) -> None:
    before = bias(session.patch)
    assert dispatcher.do("/train", ["terrain"]) == ("/done", [1])
    trainer = made[0]
    patch, only, again = trainer.asked[0]
    assert {"terrain", "latents", "places"} <= set(only or ())
    assert not again
    assert dispatcher.do("/train/status", [])[1][:2] == [1, ""]
    trainer.heard(JobProgressed(1, "terrain", "learn", 0.5, "half way"))
    assert dispatcher.do("/train/status", [])[1][:4] == [1, "terrain", 0.5, "half way"]
    trainer.done({"terrain": trained(patch)})
    assert bias(session.patch) == 7.0
    assert [address for address, _ in told] == ["/training/progress", "/training/done", "/training/ended"]
    assert told[-1][1] == [1]
    assert dispatcher.do("/train/status", [])[1][0] == 0
    dispatcher.do("/undo", [])
    assert bias(session.patch) == before


def test_what_was_edited_meanwhile_stays(session: Held, dispatcher: Dispatcher, made: list[ToyTrainer]) -> None:
    dispatcher.do("/train", [])
    patch, only, _ = made[0].asked[0]
    assert only is None
    session.edit(lambda now: set_content(now, "terrain", {**now.nodes["terrain"].content, "note": np.ones(1)}))
    session.turn("walk", "frequency", 3.0)
    made[0].done({"terrain": trained(patch)})
    assert "note" in session.patch.nodes["terrain"].content
    assert session.patch.nodes["walk"].values["frequency"] == 3.0
    assert bias(session.patch) == 7.0


def test_a_node_that_has_gone_meanwhile_is_no_failure(
    session: Held, dispatcher: Dispatcher, made: list[ToyTrainer], told: list[tuple[str, list[Any]]]
) -> None:
    dispatcher.do("/train", [])
    session.edit(lambda patch: remove_node(patch, "terrain"))
    made[0].done({"terrain": trained(made[0].asked[0][0])})
    assert told == [("/training/ended", [1])]


def test_cancelled_training_leaves_nothing_and_kept_training_its_best(
    session: Held, dispatcher: Dispatcher, made: list[ToyTrainer], told: list[tuple[str, list[Any]]]
) -> None:
    before = bias(session.patch)
    dispatcher.do("/train", ["terrain"])
    dispatcher.do("/train/cancel", [])
    made[0].done({"terrain": trained(session.patch)}, stopped=True)
    assert bias(session.patch) == before
    assert told == [("/training/ended", [0])]
    with pytest.raises(ControlError, match="nothing is training"):
        dispatcher.do("/train/cancel", [])
    dispatcher.do("/train", ["terrain"])
    dispatcher.do("/train/cancel", ["keep"])
    assert made[0].has_stopped.is_set()
    made[0].done({"terrain": trained(session.patch)}, stopped=True)
    assert bias(session.patch) == 7.0
    assert told[-1] == ("/training/ended", [0])


def test_after_so_many_seconds_the_best_is_kept(dispatcher: Dispatcher, made: list[ToyTrainer]) -> None:
    dispatcher.do("/train", ["terrain", 0.01])
    assert made[0].has_stopped.wait(10.0)


def test_a_training_run_comes_to_its_end_and_of_those_asked_for_meanwhile_one_follows(
    session: Held, dispatcher: Dispatcher, made: list[ToyTrainer], told: list[tuple[str, list[Any]]]
) -> None:
    for number, words in enumerate((["terrain"], ["encode"], ["terrain"]), 1):
        assert dispatcher.do("/train", words) == ("/done", [number])
    trainer = made[0]
    assert len(trainer.asked) == 1
    session.turn("walk", "frequency", 3.0)
    trainer.done({"terrain": trained(session.patch)})
    assert bias(session.patch) == 7.0
    assert len(trainer.asked) == 2
    patch, only, _ = trainer.asked[1]
    assert {"terrain", "encode"} <= set(only or ())
    assert patch is session.patch  # with what was turned and learned meanwhile
    assert not dispatcher.training.wait(0.0)
    trainer.done({})
    assert dispatcher.training.wait(0.0)
    assert [values for address, values in told if address == "/training/ended"] == [[1], [1]]


def test_a_cancel_drops_what_waits_too(dispatcher: Dispatcher, made: list[ToyTrainer]) -> None:
    dispatcher.do("/train", ["terrain"])
    dispatcher.do("/train", ["terrain"])
    dispatcher.do("/train/cancel", [])
    assert dispatcher.training.wait(0.0)
    made[0].done({}, training=1)
    assert len(made[0].asked) == 1


def test_what_failed_is_told_and_asked_for(
    dispatcher: Dispatcher, made: list[ToyTrainer], told: list[tuple[str, list[Any]]]
) -> None:
    dispatcher.do("/train", [])
    made[0].heard(JobFailed(1, "the trainer crashed; train again to restart it"))
    assert told[0] == ("/training/failed", ["", "the trainer crashed; train again to restart it"])
    assert told[1] == ("/training/ended", [0])
    assert "crashed" in dispatcher.do("/train/status", [])[1][3]


def test_sounds_that_are_left_out_are_told(
    session: Held, dispatcher: Dispatcher, made: list[ToyTrainer], told: list[tuple[str, list[Any]]]
) -> None:
    """A folder that is away at night: what is trained then knows nothing of its sounds, and nobody heard of it."""
    dispatcher.do("/train", [])
    missing = tuple(Problem("encode", "", f"no sound file {number}.wav", "warning") for number in range(20))
    made[0].done({"terrain": trained(session.patch)}, warnings=missing)
    warned = [values for address, values in told if address == "/training/warning"]
    assert warned[0] == ["encode", "no sound file 0.wav"]
    assert warned[-1] == ["", "and 4 more like these"]
    assert len(warned) == 17
    assert told[-1] == ("/training/ended", [1])


def test_it_works_no_faster_than_the_sound_allows_and_ends_with_it(
    session: Held, dispatcher: Dispatcher, made: list[ToyTrainer]
) -> None:
    dispatcher.do("/train", [])
    session.latest_status = {"pace": 0.3}
    for done in (0.1, 0.2):
        made[0].heard(JobProgressed(1, "terrain", "learn", done, "on its way"))
    assert made[0].paces == [0.3]
    dispatcher.training.close()
    assert made[0].is_closed


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["out"], "out: no such node to train; there is encode"),
        (["nowhere"], "nowhere: no such node to train"),
        (["terrain", "walk"], "/train takes a node"),
        (["terrain", 0], "above 0"),
        (["terrain", -1.0], "above 0"),
        (["terrain", float("inf")], "/train takes a node|above 0"),
        (["terrain", float("nan")], "/train takes a node|above 0"),
        ([None], "/train takes a node"),
        (["terrain", 1, 2], "/train takes a node"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(dispatcher: Dispatcher, arguments: list[Any], why: str) -> None:
    with pytest.raises(ControlError, match=why):
        dispatcher.do("/train", arguments)


def test_again_trains_the_node_alone(dispatcher: Dispatcher, made: list[ToyTrainer]) -> None:
    dispatcher.do("/train", ["terrain", "again"])
    assert made[0].asked[0][1:] == (frozenset({"terrain"}), True)


def test_one_word_to_learn_is_a_node_to_train(dispatcher: Dispatcher, made: list[ToyTrainer]) -> None:
    assert dispatcher.do("/learn", ["terrain"]) == ("/done", [1])
    assert len(made[0].asked) == 1


def test_a_pedal_does_a_command(session: Held, dispatcher: Dispatcher, made: list[ToyTrainer]) -> None:
    dispatcher.do("/learn", ["command", "/train", "terrain", 5])
    dispatcher.control("midi:Pedal/1/cc/64", [1.0])
    (mapping,) = mappings_of(session.patch)
    assert (mapping.node, mapping.param, mapping.target) == ("", "/train terrain 5", "/train terrain 5")
    for place in (0.0, 1.0):
        dispatcher.control("midi:Pedal/1/cc/64", [place])
    dispatcher.do("/sync", [])
    dispatcher.close()  # when all that waits is done
    assert len(made[0].asked) == 1


@pytest.mark.parametrize("words", [["/nothing"], ["/learn", "a", "b"], ["/get", "x"], ["/train", "x" * 300], ["/ "]])
def test_what_is_no_command_cannot_be_put_on_a_controller(dispatcher: Dispatcher, words: list[Any]) -> None:
    with pytest.raises(ControlError, match="can't be put on a controller"):
        dispatcher.do("/learn", ["command", *words])


def test_an_engine_that_dies_while_it_trains_ends_the_run_and_says_why(
    session: Held,
    dispatcher: Dispatcher,
    made: list[ToyTrainer],
    told: list[tuple[str, list[Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dispatcher.do("/train", ["terrain"])

    def gone(change: Callable[[Patch], Patch]) -> Patch:
        raise EngineGone("the engine has gone")

    with monkeypatch.context() as dead:
        dead.setattr(session, "edit", gone)
        made[0].done({"terrain": trained(session.patch)})
    assert [address for address, _ in told] == ["/training/failed", "/training/ended"]
    assert "the engine has gone" in told[0][1][1]
    assert dispatcher.do("/train/status", [])[1][0] == 0
    assert dispatcher.training.wait(0.0)
    dispatcher.do("/train", ["terrain"])
    made[0].done({"terrain": trained(session.patch)})
    assert bias(session.patch) == 7.0


@pytest.mark.parametrize("command", ["/train/cancel", "/train"])
def test_what_comes_at_the_moment_of_its_end_is_obeyed(
    session: Held,
    dispatcher: Dispatcher,
    made: list[ToyTrainer],
    told: list[tuple[str, list[Any]]],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    before, edit = bias(session.patch), dispatcher.edit
    dispatcher.do("/train", ["terrain"])

    def late(change: Callable[[Patch], Patch], label: str) -> None:
        dispatcher.do(command, [])
        edit(change, label)

    monkeypatch.setattr(dispatcher, "edit", late)
    made[0].done({"terrain": trained(session.patch)})
    is_cancelled = command == "/train/cancel"
    assert bias(session.patch) == (before if is_cancelled else 7.0)
    assert dispatcher.do("/train/status", [])[1][0] == int(not is_cancelled), "the one that waited has begun"
    assert told[-1] == ("/training/ended", [0 if is_cancelled else 1])
    assert len(made[0].asked) == (1 if is_cancelled else 2)


def test_time_that_was_too_short_is_a_sentence(
    dispatcher: Dispatcher, made: list[ToyTrainer], told: list[tuple[str, list[Any]]]
) -> None:
    dispatcher.do("/train", ["terrain"])
    dispatcher.do("/train/cancel", ["keep"])
    made[0].done({}, stopped=True)
    assert [address for address, _ in told] == ["/training/failed", "/training/ended"]
    assert "give it more seconds" in told[0][1][1]


def test_a_cancelled_run_leaves_the_error_of_the_one_before(
    session: Held, dispatcher: Dispatcher, made: list[ToyTrainer]
) -> None:
    dispatcher.do("/train", ["terrain"])
    made[0].done({"terrain": {**trained(session.patch), "learn/log.error": np.array([0.25], np.float32)}})
    dispatcher.do("/train", ["terrain"])
    dispatcher.do("/train/cancel", [])
    assert dispatcher.do("/train/status", [])[1][4] == 0.25

"""What the patch's nodes learn beside the sound, as the editor sees it: how far they are, and what came of it."""

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from ....engine.palette import Palette
from ....engine.training.results import results_of, with_results
from ....engine.training.trainer import Heard, JobDone, JobFailed, JobProgressed, JobSnapshot, Trainer, TrainerOf
from ....engine.values import Content
from ....graphs import Patch, Value
from .interface import Happening, JobResult, JobStatus

PACE_STEP = 0.02
# So long after an edit of what is learned from, learning begins by itself; again and again while a drag goes on.
LEARN_AFTER_SECONDS = 0.3
MOST_TRAININGS = 16
# A training run that has given nothing for so long is replaced by the next; one that has begun tells of itself by then.
LONGEST_SECONDS = 1.0


class Trainings:
    """Training runs, one after another; all methods belong to the window's thread and return at once.

    make: gives the trainer, when there is something to learn for the first time; what it hears may come on any thread.
    """

    def __init__(self, make: Callable[[Callable[[Heard], None]], TrainerOf] = Trainer) -> None:
        self._make = make
        self._trainer: TrainerOf | None = None
        self._heard: deque[Heard] = deque()
        self._pace = 1.0
        self._training = 0
        self._patch = Patch()
        self._tuned: dict[str, dict[str, float]] = {}
        self._trainings: dict[tuple[str, str], JobStatus] = {}
        self._trained: list[JobResult] = []
        self._happened: list[Happening] = []

    @property
    def trainings(self) -> tuple[JobStatus, ...]:
        """What is being learned now."""
        return tuple(self._trainings.values())

    @property
    def is_busy(self) -> bool:
        """Whether a training run has not come to its end."""
        return self._training > 0

    def learn(self, patch: Patch, folder: Path, only: str | None = None, again: bool = False) -> int:
        """Begin a training run in place of the present one; gives its number."""
        if self._trainer is None:
            self._trainer = self._make(self._heard.append)
            self._trainer.pace(self._pace)
        self._trainings.clear()
        self._training = self._trainer.learn(patch, str(folder), only=only, again=again)
        self._patch = patch
        for node in self._tuned:
            self._trainer.tune(node)
        self._tuned.clear()
        return self._training

    def edited(self, patch: Patch) -> None:
        """The patch has been edited: numbers of a node that is learning are turned while it learns, where they can be.

        A learning rate for instance; what can't be turned waits for the next training run.
        """
        if self._trainer is None:
            return
        for node, _ in self._trainings:
            if node in patch.nodes and node in self._patch.nodes:
                turned = _turned_numbers(self._patch.nodes[node].values, patch.nodes[node].values)
                if turned != self._tuned.get(node, {}):
                    self._tuned[node] = turned
                    self._trainer.tune(node, **turned)

    def stop(self) -> None:
        """End the training run; its best comes as trained."""
        if self._trainer is not None:
            self._trainer.stop()

    def forget(self) -> None:
        """End it, and take in nothing of it: another document is open."""
        self.stop()
        self._training, self._trained = 0, []
        self._trainings.clear()
        self._heard.clear()

    def pace(self, share: float) -> None:
        """Work only this share of the time, so that the sound does not suffer."""
        if abs(share - self._pace) >= PACE_STEP or (share == 1.0 != self._pace):
            self._pace = share
            if self._trainer is not None:
                self._trainer.pace(share)

    def tick(self) -> None:
        """Take in what was heard since last time."""
        while self._heard:
            self._take(self._heard.popleft())

    def trained(self) -> list[JobResult]:
        """What was learned since last asked, each once; of one node's snapshots only the latest."""
        found, self._trained = self._trained, []
        return found

    def happenings(self) -> list[Happening]:
        """What is to be told since last asked, each once."""
        found, self._happened = self._happened, []
        return found

    def close(self) -> None:
        """End it, whatever it is doing."""
        if self._trainer is not None:
            self._trainer.close()

    def _take(self, heard: Heard) -> None:
        if heard.training not in (self._training, 0):
            return
        match heard:
            case JobProgressed(_, node, job, done, text):
                self._trainings[node, job] = JobStatus(node, job, done, text)
                if done >= 1.0:
                    del self._trainings[node, job]
            case JobSnapshot(training, node, content):
                self._trained = [one for one in self._trained if one.node != node or one.is_final]
                self._trained.append(JobResult(node, content, False, training, self._base(node)))
            case JobDone():
                self._finish(heard)
            case JobFailed(_, text, problems):
                self._end()
                told = [Happening(one.text, "learn", one.severity, one.node, one.details) for one in problems]
                self._happened += told or [Happening(f"training failed: {text}", "learn", "error")]

    def _finish(self, heard: JobDone) -> None:
        self._end()
        self._trained = [one for one in self._trained if one.is_final or one.node not in heard.contents]
        for node, content in heard.contents.items():
            self._trained.append(JobResult(node, content, True, heard.training, self._base(node)))
        for problem in (*heard.skipped, *heard.warnings):
            self._happened.append(Happening(problem.text, "learn", problem.severity, problem.node, problem.details))

    def _base(self, node: str) -> Content | None:
        known = self._patch.nodes.get(node)
        return known.content if known is not None else None

    def _end(self) -> None:
        self._training = 0
        self._trainings.clear()


def _turned_numbers(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, float]:
    changed = {key: one for key, one in after.items() if one != before.get(key)}
    return {
        key: float(one) for key, one in changed.items() if isinstance(one, int | float) and not isinstance(one, bool)
    }


def with_learned(patch: Patch, trained: JobResult, palette: Palette) -> Patch:
    """The patch with what a node learned (see ``with_results``). Raises EditError."""
    return with_results(patch, palette, trained.node, trained.content, trained.base)


def learned_of(patch: Patch, node: str, palette: Palette) -> object:
    """What a node has learned in a patch, to be compared with what it has in another one of the same history."""
    there = patch.nodes.get(node)
    if there is None or (spec := palette.get(there.type)) is None:
        return None
    jobs = results_of(spec)
    return {name: id(array) for name, array in there.content.items() if name.startswith(jobs)}


def to_learn(patch: Patch, palette: Palette) -> object:
    """All that slow work depends on, to be compared: settings, content and cords of nodes with trajectories."""
    nodes = []
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        if spec is None or not spec.offline:
            continue
        jobs = results_of(spec)
        settings = tuple((key, repr(value)) for key, value in sorted(node.values.items()) if key in spec.settings)
        content = tuple((key, id(array)) for key, array in node.content.items() if not jobs or not key.startswith(jobs))
        nodes.append((name, node.type, settings, content))
    if not any(one.is_job for name, *_ in nodes for one in palette[patch.nodes[name].type].offline.values()):
        return None
    names = {name for name, *_ in nodes}
    cords = sorted(
        (cord.source, cord.target) for cord in patch.cords if cord.source_node in names and cord.target_node in names
    )
    return patch.seed, tuple(nodes), tuple(cords)

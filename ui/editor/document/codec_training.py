"""Training the patch's codec on its own sounds: offered once they are encoded, and done beside the sound."""

from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ....engine.messages import Gone, Message, Unable
from ....engine.messages.workers import FROM_TRAINING, CodecProgress, CodecTrained, EndTraining, TrainCodec
from ....engine.processes.policy import Policy
from ....engine.processes.supervisor import SupervisedChild
from ....graphs import Node, Patch
from ....graphs.file_write import data_folder, free_beside
from ....nodes.codec.space import space_in
from ....nodes.codec.training.cost import AUDIBLE_STEPS, STEPS, core_speed, in_words, is_enough, is_trainable, minutes
from ....nodes.encode import SPACE, encoded
from ...one_codec import followers, patch_codec
from ...patcher.window_requests import Offer
from ..sound.interface import JobStatus
from .patch_codec import use_codec

if TYPE_CHECKING:
    from .desk import Desk

PROCESS = "latent_terrain.ui.editor.sound.codec_process:work"
# It has the lowest priority, and hours of work are not ended because a library kept its threads waiting.
POLICY = Policy(niceness=19, start_seconds=120.0, silent_seconds=300.0, pauses=())
NODE, JOB = "codec", "train"

Start = Callable[[TrainCodec, Callable[[Message], None]], SupervisedChild]


class CodecTraining:
    """Belongs to the window's thread; nothing here waits. start: begins the process, another in tests.

    steps, audible_steps: how long it learns. core_speed: as in ``recipe.cost``.
    """

    def __init__(
        self,
        desk: "Desk",
        start: Start | None = None,
        steps: int = STEPS,
        audible_steps: int = AUDIBLE_STEPS,
        core_speed: Callable[[], float] = core_speed,
    ) -> None:
        self._desk = desk
        self._start = start or started
        self._steps, self._audible_steps, self._speed = steps, audible_steps, core_speed
        self._child: SupervisedChild | None = None
        self._heard: deque[Message] = deque()
        self._status: JobStatus | None = None
        self._output = Path()
        self._document: object = None
        """The history of the patch that is being trained for."""
        self._looked_at: Patch | None = None
        self._seen: object = None
        self._offered: object = None
        """The histories of the patches that were looked at, and to which it was offered, last."""

    @property
    def trainings(self) -> tuple[JobStatus, ...]:
        """How far it is, while it works."""
        return (self._status,) if self._status is not None else ()

    def can_train(self, desk: "Desk") -> bool:
        """Whether the patch has sounds and a codec that can be trained on them, and nothing is being trained."""
        return self._status is None and bool(_sounds(desk))

    def tick(self) -> None:
        """Once per frame: offer it where sounds were encoded for the first time, and take in what the process says."""
        while self._heard:
            self._take(self._heard.popleft())
        desk = self._desk
        if desk.patch is not self._looked_at:
            self._looked_at = desk.patch
            self._look()

    def begin(self) -> None:
        """Train a codec on the patch's sounds, into a new file beside the patch."""
        desk, document = self._desk, self._desk.document
        sounds = _sounds(desk)
        if not sounds or self._status is not None:
            return
        folder = data_folder() / "codecs" if document.path is None else document.folder
        self._output = free_beside(folder / f"{document.name} codec.npz")
        order = TrainCodec(
            sounds=list(sounds),
            folder=str(document.folder),
            output=str(self._output),
            steps=self._steps,
            audible_steps=self._audible_steps,
            seed=desk.patch.seed,
        )
        self._document, self._status = document.history, JobStatus(NODE, JOB, 0.0, "training started")
        self._child = self._start(order, self._heard.append)
        desk.say(f"training a codec on the patch's sounds into {self._output}; you can stop it at any time")

    def stop(self) -> None:
        """End it soon, keeping the best so far."""
        if self._child is not None:
            self._child.send(EndTraining())
            self._desk.say("training stopped; the best result is kept")

    def close(self) -> None:
        """End it at once; what was written so far stays."""
        child, self._child, self._status = self._child, None, None
        if child is not None:
            child.close(0.0)

    def _look(self) -> None:
        """A patch whose sounds were encoded with such a codec when it was opened is offered nothing any more."""
        desk, history = self._desk, self._desk.document.history
        is_new, self._seen = self._seen is not history, history
        if self._offered is history or not any(map(_is_of_bank, _encoders(desk, desk.patch.nodes))):
            return
        self._offered = history
        seconds = _seconds(desk)
        if not is_new and self.can_train(desk) and is_enough(seconds):
            desk.untrusted.behind(lambda: self._offer(history, minutes(seconds, self._speed(), *self._plan)))

    @property
    def _plan(self) -> tuple[int, int]:
        return self._steps, self._audible_steps

    def _offer(self, history: object, cost: float) -> Callable[[], None]:
        def show() -> None:
            desk = self._desk
            if desk.document.history is history:
                text = f"Train the codec on these sounds: {in_words(cost)}"
                desk.say(f"{text}; also in the Learn menu")
                desk.offer = Offer(text, "Train", self.begin)

        return show

    def _take(self, message: Message) -> None:
        if self._status is None:
            return
        match message:
            case CodecProgress():
                self._status = JobStatus(NODE, JOB, message.done, message.text)
            case CodecTrained():
                self.close()
                self._use(message.warnings, message.has_forgotten)
            case Unable():
                self.close()
                self._desk.say(f"no codec was trained: {message.text}", "warning")
            case Gone():
                self.close()
                best = f"; the best result so far is {self._output}" if self._output.is_file() else ""
                self._desk.say(f"training stopped unexpectedly{best}; start again", "error")

    def _use(self, warnings: list[str], has_forgotten: bool) -> None:
        desk, output = self._desk, self._output
        for sentence in warnings:
            desk.say(sentence)
        if desk.document.history is self._document:
            less = "; it reproduces other sounds less accurately" if has_forgotten else ""
            text = f"A codec was trained on these sounds{less}. Use it in the patch?"
            desk.offer = Offer(text, "Use it", lambda: use_codec(desk, output))


def started(order: TrainCodec, hear: Callable[[Message], None], policy: Policy = POLICY) -> SupervisedChild:
    """The process that trains; hear: also how it ended, Unable with its reason, or Gone."""

    def ended(why: str) -> None:
        hear(Unable(text=why) if why else Gone(code=0))

    child = SupervisedChild("the training", PROCESS, lambda: order, FROM_TRAINING, hear, policy=policy, ended=ended)
    child.start()
    return child


def _is_of_bank(node: Node) -> bool:
    """Whether a node's sounds were encoded with a codec that can be trained."""
    space = space_in(node.content, f"encode/{SPACE}")
    return space is not None and is_trainable(space.name)


def _sounds(desk: "Desk") -> tuple[str, ...]:
    """The sounds, as nodes name them, that are encoded with the patch's codec; none where it can't be trained."""
    patch, palette = desk.patch, desk.palette
    if not is_trainable(patch_codec(patch, palette)):
        return ()
    named = _encoders(desk, followers(patch, palette))
    found = (sounds for node in named if isinstance(sounds := node.values.get("sounds"), list | tuple))
    return tuple(dict.fromkeys(str(one) for sounds in found for one in sounds))


def _seconds(desk: "Desk") -> float:
    """How long the sounds are that were encoded with the patch's codec."""
    from ....nodes.codec.bank.layout import RATIO, SAMPLE_RATE

    nodes = _encoders(desk, followers(desk.patch, desk.palette))
    frames = sum(len(one) for node in nodes for one in encoded(node.content).values())
    return frames * RATIO / SAMPLE_RATE


def _encoders(desk: "Desk", among: Iterable[str]) -> list[Node]:
    return [desk.patch.nodes[name] for name in desk.palette.names(desk.patch, "encoder") if name in among]

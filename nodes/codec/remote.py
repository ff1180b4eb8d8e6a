"""Codecs for who does not play them live: models that are programs run in a confined process of their own.

``open_codec`` is ``load_codec`` for renders, for learning and for commands: what is no program is loaded here, what is
one is loaded by a child, which gives up its freedom first and is asked call by call. One child serves all streams of a
file; it ends when nobody has one any more.
"""

import logging
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from ...engine import FloatArray
from ...engine.frames.interface import FrameError
from ...engine.frames.worker_start import LOAD_SECONDS, WorkerStart
from ...engine.logs import failed
from ...engine.messages import Done, Error, Message, Unable
from ...engine.messages.workers import (
    FROM_MODEL,
    TO_MODEL,
    CallModel,
    EffectOpened,
    Facts,
    Forget,
    LoadModel,
    MakeStream,
    Numbers,
    OpenEffect,
    Reset,
    StreamMade,
)
from ...engine.processes.child import ChildError, ChildGone, Parent
from .effect import EffectWork
from .interface import Array, Codec, CodecError, CodecFacts
from .loader import KEPT_MODELS, is_program, load_codec, model_file
from .tasks import SoundTask
from .trial import memory_for
from .work import facts_from

log = logging.getLogger(__name__)
# For one call, however many frames it has.
CALL_SECONDS = 120.0
# Of one message; longer calls go in pieces.
MOST_NUMBERS = 1 << 24
Some = TypeVar("Some", bound=Message)
TARGET = f"{__name__}:serve"
_models: "OrderedDict[tuple[str, ...], RemoteModel]" = OrderedDict()
_lock = threading.Lock()
# Hears that a model takes long to load.
say: Callable[[str], None] = lambda text: None  # noqa: E731


def open_codec(name: str, folder: Path | None = None, sounds: tuple[str, ...] = ()) -> Codec:
    """A fresh one-lane stream of a codec (see ``loader.load_codec``). Raises CodecError with a sentence."""
    if not name.strip() or not runs_remotely(name):
        return load_codec(name, folder, sounds=sounds)
    path = model_file(name, folder)
    status = path.stat()
    key = ("codec", name, str(path.resolve()), str(status.st_mtime_ns), str(status.st_size))
    model = _kept(key, LoadModel(codec=name, folder=str(folder or Path.cwd())))
    return RemoteCodec(model, facts_from(model.facts))


def open_effect(arguments: Mapping[str, Any], how: Mapping[str, Any]) -> tuple[Mapping[str, Any], SoundTask | None]:
    """A method of a model as ``EffectWork`` takes it: what it says of itself, and a stream unless it has a fault.

    Raises CodecError.
    """
    if not runs_remotely(str(arguments["file"])):
        work = EffectWork(**arguments)
        return work.facts(), None if "fault" in work.facts() else work.open(how)
    model = RemoteModel(LoadModel(effect=dict(arguments)))
    if "fault" in model.facts:
        model.close()
        return model.facts, None
    return model.facts, RemoteEffect(model, how)


def runs_remotely(name: str) -> bool:
    """Whether a model of this name runs in a process of its own: any that is a program."""
    return is_program(name)


class RemoteModel:
    """A model in a process of its own, and what it is. order: what ``serve`` is to load. Raises CodecError."""

    def __init__(self, order: LoadModel) -> None:
        loading = WorkerStart(TARGET, order, FROM_MODEL, is_confined=True)
        try:
            loaded = loading.wait(LOAD_SECONDS, say)
        except FrameError as error:
            raise CodecError(str(error)) from None
        except BaseException:
            loading.kill()
            raise
        self.facts, self._child, self._box = loaded.facts, loaded.child, loaded.box
        self.forgotten: deque[int] = deque()
        """Streams that nobody has any more; told with the next question, as the collector may come at any time."""
        self._end = weakref.finalize(self, loaded.child.close, 0.1)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._child.is_alive

    def ask(self, question: Message, wanted: type[Some]) -> Some:
        """Have something done. Raises CodecError, also where its process has ended or hangs."""
        try:
            if forgotten := [self.forgotten.popleft() for _ in range(len(self.forgotten))]:
                self._child.send(Forget(streams=forgotten))
            return self._child.ask(question, wanted, CALL_SECONDS)
        except ChildError as error:
            raise CodecError(str(error)) from None
        except ChildGone:
            self._child.kill()
            tried = f": it wanted to {self._box.tried[0]}" if self._box.tried else ""
            raise CodecError(f"the model's process stopped or hangs{tried}; use another model") from None

    def close(self) -> None:
        """End its process."""
        self._end()


class RemoteCodec:
    """A stream of a codec whose model runs in a process of its own (see ``interface.Codec``)."""

    def __init__(self, model: RemoteModel, facts: CodecFacts, lanes: int = 1, seed: int = 0) -> None:
        self._model, self._facts, self.lanes, self.seed = model, facts, lanes, seed
        self._number: int | None = None
        self.faults = 0

    @property
    def facts(self) -> CodecFacts:
        """What this codec is."""
        return self._facts

    def decode(self, latents: Array) -> Array:
        """See ``Codec``. Raises CodecError."""
        return self._called("decode", latents, 1, self._facts.channels * self._facts.ratio)

    def encode(self, audio: Array) -> Array:
        """See ``Codec``. Raises CodecError."""
        return self._called("encode", audio, self._facts.ratio, 1)

    def reset(self, lane: int | None = None) -> None:
        """See ``Codec``. Raises CodecError."""
        self._model.ask(Reset(stream=self._opened(), lane=lane), Done)

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "RemoteCodec":
        """See ``Codec``. Raises CodecError."""
        fresh = RemoteCodec(self._model, self._facts, lanes, seed)
        fresh._opened()
        return fresh

    def _opened(self) -> int:
        if self._number is None:
            self._number = self._model.ask(MakeStream(lanes=self.lanes, seed=self.seed), StreamMade).stream
            weakref.finalize(self, self._model.forgotten.append, self._number).atexit = False
        return self._number

    def _called(self, method: Literal["decode", "encode"], given: Array, unit: int, out: int) -> Array:
        """Call by call, so that no message grows too large. unit: numbers of a frame in its last axis."""
        stream = self._opened()
        if given.ndim != 3:
            given = np.atleast_1d(given)
        frames = given.shape[-1] // unit if given.ndim else 0
        per_frame = max(given.size // max(frames, 1), out * self.lanes, 1)
        step = max(1, MOST_NUMBERS // per_frame) * unit
        pieces = [given[..., at : at + step] for at in range(0, given.shape[-1], step)] or [given]
        made = []
        for piece in pieces:
            answer = self._model.ask(CallModel(method=method, given=_packed(piece), stream=stream), Numbers)
            self.faults = answer.faults
            made.append(_unpacked(answer))
        return made[0] if len(made) == 1 else np.concatenate(made, axis=-1)


class RemoteEffect:
    """A running method of a model in a process of its own (see ``effect.Effect``)."""

    def __init__(self, model: RemoteModel, how: Mapping[str, Any]) -> None:
        self._model = model
        reported = model.ask(OpenEffect(how=dict(how)), EffectOpened)
        self.rows, self.onset, self.delay, self.ratio = (
            reported.rows,
            reported.onset,
            reported.delay,
            Fraction(*reported.ratio),
        )
        self.faults = 0

    def run(self, given: FloatArray, is_first: bool = False, offset: int = 0) -> FloatArray:
        """See ``Effect``. Raises CodecError."""
        answer = self._model.ask(CallModel(method="run", given=_packed(given)), Numbers)
        self.faults = answer.faults
        return _unpacked(answer)

    def reset(self) -> None:
        """See ``Effect``. Raises CodecError."""
        self._model.ask(Reset(), Done)


def serve(parent: Parent) -> None:
    """Be that process: load the model, tell what it is, then do what is asked."""
    order = parent.order(LoadModel)
    try:
        desk = _Streams(parent, order)
    except (CodecError, MemoryError) as error:
        parent.send(Unable(text=str(error) or "not enough memory"))
        return
    parent.begin()
    parent.send(Facts(facts=dict(desk.facts)))
    while True:
        message = parent.receive(TO_MODEL)
        if message is None:
            continue
        try:
            answer = desk.do(message)
        except Exception as error:
            failed(log, f"a model failed: {error}", error)
            answer = Error(text=str(error) or type(error).__name__)
        if answer is not None:
            parent.answer(message, answer)


class _Streams:
    """The streams of a model, by number."""

    def __init__(self, parent: Parent, order: LoadModel) -> None:
        self._streams: dict[int, Any] = {}
        self._next = 0
        self._task: Any = None

        def confine(size: int) -> None:
            parent.confine(memory_for(size))

        if order.effect is not None:
            self._work = EffectWork(**order.effect, confine=parent.confine)
            self.facts: Mapping[str, Any] = self._work.facts()
        else:
            self._codec: Any = load_codec(order.codec, Path(order.folder), confine)
            self.facts = asdict(self._codec.facts)

    def do(self, message: object) -> Message | None:
        """What is asked for; None where there is nothing to answer."""
        match message:
            case Forget():
                for number in message.streams:
                    self._streams.pop(number, None)
                return None
            case MakeStream():
                self._next += 1
                self._streams[self._next] = self._codec.new_instance(message.lanes, message.seed)
                return StreamMade(stream=self._next)
            case CallModel(method="run"):
                return _packed(self._task.run(_unpacked(message.given)), self._task.faults)
            case CallModel():
                stream = self._streams[message.stream]
                return _packed(getattr(stream, message.method)(_unpacked(message.given)), stream.faults)
            case Reset(stream=0):
                self._task.reset()
            case Reset():
                self._streams[message.stream].reset(message.lane)
            case OpenEffect():
                task = self._task = self._work.open(message.how)
                ratio = (task.ratio.numerator, task.ratio.denominator)
                return EffectOpened(rows=task.rows, ratio=ratio, onset=task.onset, delay=task.delay)
        return Done()


def _kept(key: tuple[str, ...], order: LoadModel) -> RemoteModel:
    with _lock:
        model = _models.get(key)
    if model is None or not model.is_alive:
        model = RemoteModel(order)  # without the lock: it runs somebody's program
    with _lock:
        _models[key] = model
        _models.move_to_end(key)
        while len(_models) > KEPT_MODELS:
            _models.popitem(last=False)
    return model


def _packed(array: Array, faults: int = 0) -> Numbers:
    given = np.ascontiguousarray(array, np.float32)
    return Numbers(shape=[*given.shape], data=given.tobytes(), faults=faults)


def _unpacked(numbers: Numbers) -> Array:
    """An array from a message. Raises CodecError for what is none."""
    try:
        return np.frombuffer(numbers.data, np.float32).reshape(numbers.shape).copy()
    except (ValueError, OverflowError):
        raise CodecError("the model's process sends invalid audio; use another model") from None

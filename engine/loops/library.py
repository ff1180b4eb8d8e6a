"""The loops of this process: each compiled once, elsewhere, and loaded on a thread that may be slow."""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import Any, TypeAlias

from ..logs import failed
from ..messages.workers import FROM_COMPILER, CompileLoop, CompileLoops, LoopDone, TryLoop
from ..missing_package import MissingError, need
from ..processes.child import ChildError, ChildGone, ChildSilent
from ..processes.policy import Policy
from ..processes.supervisor import SupervisedChild
from .cache import LoopError, cache_folder, forget, is_compiled, make_room, module_file
from .description import PerSample
from .module import Call, load, warm_up

WHO = "a node with code per sample"
TARGET = "latent_terrain.engine.loops.compiler:serve"
START_SECONDS, COMPILE_SECONDS, TRIAL_SECONDS = 60.0, 60.0, 20.0
# The compiling process ends when it has not been asked anything for so long.
IDLE_SECONDS = 20.0
# What failed is tried again for who asks after this: a process was killed, a disk was full.
AGAIN_SECONDS = 10.0
POLICY = Policy(start_seconds=START_SECONDS, silent_seconds=0.0, pauses=(0.0,), within_seconds=5.0, niceness=10)
Ranges: TypeAlias = Sequence[tuple[float, float, float]]
log = logging.getLogger(__name__)


class Loop:
    """A loop on its way. call: None until it can be played; problem: a sentence why it never will be."""

    def __init__(self, kind: PerSample, ranges: Ranges) -> None:
        self.kind, self.ranges = kind, tuple(ranges)
        self.call: Call | None = None
        self.problem, self.ended = "", 0.0
        self._is_over = threading.Event()

    @property
    def is_over(self) -> bool:
        """Whether it is ready, or has failed."""
        return self._is_over.is_set()

    def wait(self) -> None:
        """Until it is ready or has failed, for who may wait. Every step on its way has an end."""
        self._is_over.wait()

    def finish(self, call: Call | None, problem: str = "") -> None:
        """It is ready, or has failed."""
        self.problem, self.ended = problem, time.monotonic()
        self.call = call
        self._is_over.set()


class LoopLibrary:
    """All loops by their text. ``get`` may be called from any thread but the audio thread, and does not wait."""

    def __init__(self) -> None:
        self._loops: dict[str, Loop] = {}
        self._lock = threading.Lock()
        self._asked: queue.SimpleQueue[Loop] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None
        self._waiting = 0

    def get(self, kind: PerSample, ranges: Ranges) -> Loop:
        """The loop of a description; what failed some time ago is tried again. ranges: default, low, high by param."""
        with self._lock:
            found = self._loops.get(kind.text)
            is_stale = found is not None and found.problem and time.monotonic() - found.ended > AGAIN_SECONDS
            if found is None or is_stale:
                found = self._loops[kind.text] = Loop(kind, ranges)
                self._waiting += 1
                self._asked.put(found)
                if self._worker is None:
                    self._worker = threading.Thread(target=self._work, name="load loops", daemon=True)
                    self._worker.start()
            return found

    def _work(self) -> None:
        compiler: SupervisedChild | None = None
        while True:
            try:
                loop = self._asked.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._waiting:
                        continue
                    self._worker = None
                if compiler is not None:
                    compiler.close()
                return
            try:
                call, compiler = _made(loop, compiler)
                loop.finish(call)
            except (LoopError, MissingError) as error:
                loop.finish(None, str(error))
            except Exception as error:
                text = f"its code per sample can't be loaded ({str(error) or type(error).__name__}); set it again"
                loop.finish(None, failed(log, text, error))
            with self._lock:
                self._waiting -= 1


library = LoopLibrary()
"""Of this process."""


def _made(loop: Loop, compiler: SupervisedChild | None) -> tuple[Call, SupervisedChild | None]:
    """Load it, compiled before if need be. Raises LoopError, MissingError, and whatever a damaged file raises."""
    numba: Any = need("numba", WHO)
    if numba.config.DISABLE_JIT:
        raise LoopError("numba is switched off by NUMBA_DISABLE_JIT; start without it")
    folder, kind = cache_folder(), loop.kind
    is_fresh = not is_compiled(folder, kind.name)
    if is_fresh:
        make_room(folder)
        compiler = _compiled(loop, str(folder), compiler)
    try:
        return _loaded(loop), compiler
    except LoopError:
        raise
    except Exception as error:
        if is_fresh:
            raise
        log.info("%s can't be loaded as it was kept: %s", kind.name, error, exc_info=error)
        forget(folder, kind.name)
        compiler = _compiled(loop, str(folder), compiler)
        return _loaded(loop), compiler


def _loaded(loop: Loop) -> Call:
    kind = loop.kind
    call = load(module_file(cache_folder(), kind.name, kind.text), kind.name)
    warm_up(call, len(kind.inputs), len(kind.params), kind.size)
    return call


def _compiled(loop: Loop, folder: str, compiler: SupervisedChild | None) -> SupervisedChild:
    """Have it compiled and tried. Raises LoopError, which says why it can't be."""
    if compiler is None or not compiler.is_running:
        if compiler is not None:
            compiler.close()
        order = CompileLoops(folder=folder)
        compiler = SupervisedChild("the compiler", TARGET, lambda: order, FROM_COMPILER, policy=POLICY)
    kind, start = loop.kind, tuple(value for _, value in loop.kind.state)
    steps = (
        (CompileLoop(name=kind.name, text=kind.text), COMPILE_SECONDS + START_SECONDS, "can't be compiled"),
        (
            TryLoop(name=kind.name, inputs=len(kind.inputs), params=loop.ranges, size=kind.size, start=start),
            TRIAL_SECONDS,
            "fails",
        ),
    )
    for question, seconds, what in steps:
        try:
            problem = compiler.ask(question, LoopDone, seconds).problem
        except ChildSilent:
            compiler.rest()
            what = "takes too long to compile" if what != "fails" else "never ends"
            raise LoopError(f"its code per sample {what}; make it simpler") from None
        except (ChildGone, ChildError) as error:
            why = str(error).replace(TARGET, "the compiler")
            raise LoopError(f"its code per sample can't be compiled ({why}); set it again to try again") from error
        if problem:
            raise LoopError(f"its code per sample {what} ({problem}); correct it")
    return compiler

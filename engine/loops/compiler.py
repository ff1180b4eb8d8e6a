"""The process that compiles loops and tries them, so that neither can stop the sound."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..logs import failed
from ..messages import Ready, Unable
from ..messages.workers import TO_COMPILER, CompileLoop, CompileLoops, LoopDone, TryLoop
from ..processes.child import Parent
from .cache import LoopError, mark_file, module_file
from .module import Call, load, trial

log = logging.getLogger(__name__)
LONGEST_REASON = 200
TELLING = ("Untyped", "Cannot", "No implementation", "Unknown", "Use of unsupported", "NameError", "name ")


def serve(parent: Parent) -> None:
    """Compile and try what is asked for, until nobody asks any more."""
    folder = Path(parent.order(CompileLoops).folder)
    try:
        import numba  # noqa: F401
    except Exception as error:
        parent.send(Unable(text=reason_in(error)))
        return
    parent.send(Ready())
    compiled: dict[str, Call] = {}
    while True:
        question = parent.receive(TO_COMPILER)
        if isinstance(question, CompileLoop):
            parent.answer(question, _answer(_compile, folder, question, compiled))
        elif isinstance(question, TryLoop):
            parent.answer(question, _answer(_try, folder, question, compiled))


def reason_in(error: BaseException) -> str:
    """The line of a message that says most: numba's are pages, and end with where and why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(TELLING)]
    others = [line for line in lines if not line.startswith(("Failed in", "During:"))]
    return next(iter((*telling, *others, *lines)), type(error).__name__)[:LONGEST_REASON]


def _answer(work: Callable[..., None], folder: Path, question: object, compiled: dict[str, Call]) -> LoopDone:
    try:
        work(folder, question, compiled)
    except LoopError as error:
        return LoopDone(problem=str(error))
    except Exception as error:
        return LoopDone(problem=failed(log, reason_in(error), error))
    return LoopDone()


def _compile(folder: Path, question: CompileLoop, compiled: dict[str, Call]) -> None:
    compiled.clear()
    compiled[question.name] = load(module_file(folder, question.name, question.text), question.name)


def _try(folder: Path, question: TryLoop, compiled: dict[str, Call]) -> None:
    params = [(float(default), float(low), float(high)) for default, low, high in question.params]
    start = np.zeros((1, question.size))
    start[:, : len(question.start)] = question.start
    with np.errstate(all="ignore"):
        trial(compiled[question.name], question.inputs, params, start)
    mark_file(folder, question.name).touch()

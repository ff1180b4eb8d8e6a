"""The process that trains a codec beside the editor: it gives way to everything, and ends when the editor does.

First message: sounds (as nodes name them), folder, output, steps, audible_steps, seed. Messages in: stop. Out:
progress (done, text), then trained (said: sentences, has_forgotten) or failed (text).
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.missing import MissingError, need
from ...engine.offline import offline_setup
from ...engine.processes.child import Parent
from ...engine.processes.wire import Message
from ...graphs import Patch
from ...nodes.audiofile import SoundError
from ...nodes.audiofile.meant import passages_of
from ...nodes.codec.interface import CodecError

if TYPE_CHECKING:
    from ...nodes.codec.recipe.teach import Taught

WHO = "training a codec"


def work(parent: Parent, first: Message | None) -> None:
    """Train what is asked for, once."""
    try:
        taught, output = _trained(parent, first or {})
    except (CodecError, SoundError, MissingError, ValueError, OSError) as error:
        parent.send({"op": "failed", "text": str(error)})
        return
    parent.send({"op": "trained", "said": taught.told(output), "has_forgotten": taught.has_forgotten})


def _trained(parent: Parent, asked: Message) -> "tuple[Taught, Path]":
    for package, extra in (("scipy", "recipe"), ("torch", "")):
        need(package, WHO, extra)
    from ...nodes.codec.recipe.teach import Lesson, teach
    from ...nodes.codec.recipe.train import Plan

    is_stopped = False

    def tell(done: float, text: str) -> bool:
        nonlocal is_stopped
        while (message := parent.receive(0)) is not None:
            is_stopped |= message.get("op") == "stop"
        parent.send({"op": "progress", "done": float(done), "text": text})
        return not is_stopped

    resolve = offline_setup(Patch(), Path(str(asked["folder"]))).resolve
    passages, problems = passages_of([str(one) for one in asked["sounds"]], resolve)
    files = list(dict.fromkeys(one.path for one in passages))
    if not files:
        raise CodecError(problems[0] if problems else "there are no sound files to train a codec on")
    output = Path(str(asked["output"]))
    output.parent.mkdir(parents=True, exist_ok=True)
    plan = Plan(int(asked["steps"]), int(asked["audible_steps"]), int(asked["seed"]))
    return teach(files, output, Lesson(plan), tell), output

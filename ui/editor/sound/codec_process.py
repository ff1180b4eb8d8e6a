"""The process that trains a codec beside the editor: at the lowest priority, ends when the editor does."""

from pathlib import Path
from typing import TYPE_CHECKING

from ....engine.messages import Ready, Unable
from ....engine.messages.workers import TO_TRAINING, CodecProgress, CodecTrained, EndTraining, TrainCodec
from ....engine.missing_package import MissingError, need
from ....engine.offline import offline_setup
from ....engine.processes.child import Parent
from ....graphs import Patch
from ....nodes.audiofile import SoundError
from ....nodes.audiofile.meant import passages_of
from ....nodes.codec.interface import CodecError

if TYPE_CHECKING:
    from ....nodes.codec.training.train_codec import TrainedCodec

WHO = "training a codec"


def work(parent: Parent) -> None:
    """Train what is asked for, once."""
    parent.send(Ready())
    try:
        trained, output = _trained(parent, parent.order(TrainCodec))
    except (CodecError, SoundError, MissingError, ValueError, OSError) as error:
        parent.send(Unable(text=str(error)))
        return
    parent.send(CodecTrained(warnings=trained.told(output), has_forgotten=trained.has_forgotten))


def _trained(parent: Parent, order: TrainCodec) -> "tuple[TrainedCodec, Path]":
    for package, extra in (("scipy", "recipe"), ("torch", "")):
        need(package, WHO, extra)
    from ....nodes.codec.training.train import TrainingPlan
    from ....nodes.codec.training.train_codec import TrainingOptions, train_codec

    is_stopped = False

    def tell(done: float, text: str) -> bool:
        nonlocal is_stopped
        while (message := parent.receive(TO_TRAINING, 0)) is not None:
            is_stopped |= isinstance(message, EndTraining)
        parent.send(CodecProgress(done=float(done), text=text))
        return not is_stopped

    resolve = offline_setup(Patch(), Path(order.folder)).resolve
    passages, problems = passages_of(order.sounds, resolve)
    files = list(dict.fromkeys(one.path for one in passages))
    if not files:
        raise CodecError(problems[0] if problems else "there are no sound files to train a codec on")
    output = Path(order.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    plan = TrainingPlan(order.steps, order.audible_steps, order.seed)
    return train_codec(files, output, TrainingOptions(plan), tell), output

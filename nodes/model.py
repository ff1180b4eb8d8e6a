"""Model: any method of an nn~ model in the signal path: effects, features, a codec's halves."""

from math import ceil
from typing import Annotated

import numpy as np

from ..engine import FloatArray, FrameTimes, Help, Param, PortSize, Setting, SettingError, Setup, Signal, node
from ..engine.frames import FrameError, SoundStream
from .codec.effect import EffectFacts, effect_facts, effect_order
from .codec.gate import Gate
from .codec.handover import Handover, StreamNode
from .codec.interface import CodecError
from .codec.remote import open_effect
from .codec.streams import InlineSound, NoStream

Dry = Annotated[float, Param(0.0, 1.0, help="dry level of the input (not latency-compensated)", randomize=False)]
Turn = Annotated[
    float, Param(0.0, 1.0, help="controls the attribute at this position of the setting 'turned', over its range")
]
KNOBS = 8


@node(other_names=("nn~", "effect", "torchscript", "ts", "feature", "neural", "fx", "plugin"), nearest_to=("vst",))
class Model(StreamNode):
    """Runs one method of an nn~ model on a signal, with as many channels as the method has.

    Of inputs at a lower rate the last sample of each frame is taken, and outputs at a lower rate are held, as nn~ does
    in Max; so a method ``encode`` gives latents as signals and ``decode`` takes them. The sound comes one period of the
    model later, and, while playing live, by the lookahead that its worker needs. A model at another sample rate than
    the engine's is converted at its edge. Attributes are set once by ``attributes``; those named in ``turned`` follow
    the knobs ``turn_1`` … ``turn_8``, which take effect at the next period. Another model, or the same with other
    attributes, takes over from the one before in an equal-power crossfade.
    """

    def __init__(
        self,
        setup: Setup,
        file: Annotated[str, Setting(help="a TorchScript file for nn~", file="model")] = "",
        method: Annotated[str, Setting(help="method to call")] = "forward",
        attributes: Annotated[
            tuple[str, ...],
            Setting(
                help="its attributes as NAME=VALUE: numbers, words, [1, 2] for a tensor, a sound file for a buffer"
            ),
        ] = (),
        turned: Annotated[
            tuple[str, ...], Setting(help="up to eight attributes controlled by the knobs, as NAME LOW HIGH")
        ] = (),
    ) -> None:
        self.facts: EffectFacts | None = None
        self.stream: SoundStream = NoStream()
        self.handover = Handover(setup.sample_rate)
        self.gate = Gate(setup.sample_rate, setup.block)
        self._silent: FloatArray = np.zeros((1, setup.block), np.float32)
        self._turned: list[float | FloatArray] = [0.0] * KNOBS
        self._count = self._sample = 0
        if not file:
            setup.warn("no model chosen; set 'file' to a .ts file")
            return
        try:
            self.facts, self.stream = _opened(setup, file, method, attributes, _knobs(turned))
        except CodecError as error:
            raise SettingError("file", str(error)) from error
        ratio = self.facts.ratio(setup.sample_rate)
        self._room = ceil(ratio) + 1
        self._begin = 1 + self.facts.turned
        self._times = FrameTimes(ratio, setup.block)
        self._columns: FloatArray = np.zeros((self.facts.rows(setup.sample_rate), self._times.most + 1), np.float32)
        self._waiting: FloatArray = np.zeros((self.facts.inputs, self._room), np.float32)
        self._silent = np.zeros((self.facts.outputs, setup.block), np.float32)

    def ports(self) -> dict[str, PortSize]:
        """Channels of the method."""
        if self.facts is None:
            return {}
        return {"audio": PortSize(self.facts.inputs), "out": PortSize(self.facts.outputs)}

    def process(
        self,
        audio: Annotated[Signal, Help("the model's input channels")],
        out: Signal,
        dry: Dry = 0.0,
        turn_1: Turn = 0.0,
        turn_2: Turn = 0.0,
        turn_3: Turn = 0.0,
        turn_4: Turn = 0.0,
        turn_5: Turn = 0.0,
        turn_6: Turn = 0.0,
        turn_7: Turn = 0.0,
        turn_8: Turn = 0.0,
    ) -> Annotated[Signal, Help("the model's output channels")]:
        """Sound ``[inputs, n]`` in, sound ``[outputs, n]`` out."""
        if self.facts is not None:
            turned = self._turned
            turned[0], turned[1], turned[2], turned[3] = turn_1, turn_2, turn_3, turn_4
            turned[4], turned[5], turned[6], turned[7] = turn_5, turn_6, turn_7, turn_8
            self._give(audio)
        sounds = self.stream.pull(out)
        old = self.handover.outgoing
        if isinstance(old, Model):
            self.handover.cross(self.stream, old._go_on(audio), out, sounds)
        if self.facts is not None:
            shared = min(len(audio), len(out))
            out[:shared] += audio[:shared] * dry
        self.gate.apply(out, audio)
        return out

    def reset(self) -> None:
        """Forget the sound in flight."""
        super().reset()
        self._count = self._sample = 0

    def _give(self, audio: FloatArray) -> None:
        """Hand over the periods that are complete in this block."""
        facts, begin = self.facts, 0
        if facts is None:
            return
        times = self._times
        times.block = audio.shape[1]
        times.move_to(self._sample)
        self._sample += audio.shape[1]
        for number in range(times.count):
            begin = self._gather(audio, begin, int(times.due[number]))
            column = self._columns[:, number]
            column[0] = self._count
            for knob in range(facts.turned):
                place = self._turned[knob]
                column[1 + knob] = place[0, times.due[number]] if isinstance(place, np.ndarray) else place
            column[self._begin :].reshape(facts.inputs, self._room)[:, : self._count] = self._waiting[:, : self._count]
            self._count = 0
        self.stream.post(self._columns[:, : times.count], times)
        self._gather(audio, begin, audio.shape[1])

    def _go_on(self, audio: FloatArray) -> FloatArray:
        """The sound of a model on its way out: what comes in goes to it too, its knobs stay."""
        for knob, place in enumerate(self._turned):
            if isinstance(place, np.ndarray):
                self._turned[knob] = float(place[0, -1])
        self._give(audio)
        sound = self._silent[:, : audio.shape[1]]
        self.stream.pull(sound)
        return sound

    def _gather(self, audio: FloatArray, begin: int, end: int) -> int:
        """Keep the samples from ``begin`` to ``end`` for the next period; gives the end."""
        count = min(end - begin, self._room - self._count)
        rows = min(len(audio), len(self._waiting))
        self._waiting[:rows, self._count : self._count + count] = audio[:rows, begin : begin + count]
        if rows < len(self._waiting):
            self._waiting[rows:] = 0.0
        self._count += count
        return end


def _knobs(turned: tuple[str, ...]) -> tuple[str, ...]:
    if len(turned) > KNOBS:
        raise SettingError("turned", f"there are {KNOBS} knobs, not {len(turned)}; list up to {KNOBS} attributes")
    return turned


def _opened(
    setup: Setup, file: str, method: str, attributes: tuple[str, ...], turned: tuple[str, ...]
) -> tuple[EffectFacts, SoundStream]:
    how = {"sample_rate": setup.sample_rate, "seed": setup.seed}
    if setup.frames is None:
        arguments = effect_order(file, setup.folder, method, attributes, turned).arguments
        reported, task = open_effect(arguments, how)
        facts = effect_facts(reported)
        assert task is not None  # or there would have been a fault
        return facts, InlineSound(task, setup)
    order = effect_order(file, setup.folder, method, attributes, turned)
    try:
        facts = effect_facts(setup.frames.facts(order))
        rate = setup.sample_rate
        stream = setup.frames.open_sound(setup.node, order, facts.rows(rate), facts.outputs, facts.ratio(rate), how)
    except FrameError as error:
        raise CodecError(str(error)) from None
    return facts, stream

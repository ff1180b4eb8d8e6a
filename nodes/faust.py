"""Faust: a program in the Faust language as a node: reverbs, filters, strings, and all of Faust's libraries."""

from collections import deque
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Labels, Param, PortSize, Setting, SettingError, Setup, Signal, Size, node
from ..engine.faces import ParamFace
from ..engine.loops.node import FadeIn
from ..engine.missing_package import MissingError
from .faust_program.compiler import program
from .faust_program.controls import Control, named, told_face
from .faust_program.file_watch import FileWatch
from .faust_program.library import FaustError, Instance
from .faust_program.player import FaustPlayer
from .faust_program.source import CODE, FaustSource, read_code, read_file

KNOBS = 16
TURN = Param(
    -1.0,
    1.0,
    soft=(0.0, 1.0),
    randomize=False,
    help="the program's control of this number, from its low end (0) to its high end (1); below 0: as it begins",
)
Turn1 = Annotated[float, TURN, Labels(named_by=("turned", 0))]
Turn2 = Annotated[float, TURN, Labels(named_by=("turned", 1))]
Turn3 = Annotated[float, TURN, Labels(named_by=("turned", 2))]
Turn4 = Annotated[float, TURN, Labels(named_by=("turned", 3))]
Turn5 = Annotated[float, TURN, Labels(named_by=("turned", 4))]
Turn6 = Annotated[float, TURN, Labels(named_by=("turned", 5))]
Turn7 = Annotated[float, TURN, Labels(named_by=("turned", 6))]
Turn8 = Annotated[float, TURN, Labels(named_by=("turned", 7))]
Turn9 = Annotated[float, TURN, Labels(named_by=("turned", 8))]
Turn10 = Annotated[float, TURN, Labels(named_by=("turned", 9))]
Turn11 = Annotated[float, TURN, Labels(named_by=("turned", 10))]
Turn12 = Annotated[float, TURN, Labels(named_by=("turned", 11))]
Turn13 = Annotated[float, TURN, Labels(named_by=("turned", 12))]
Turn14 = Annotated[float, TURN, Labels(named_by=("turned", 13))]
Turn15 = Annotated[float, TURN, Labels(named_by=("turned", 14))]
Turn16 = Annotated[float, TURN, Labels(named_by=("turned", 15))]


@node(
    title="Faust program",
    other_names=("dsp", "faustgen~", "faust~", "zita", "code"),
    nearest_to=("reverb", "chorus", "flanger", "phaser", "rnbo~", "physical model"),
)
class Faust:
    """Plays a program in the Faust language, from a file or written into the patch.

    The program's inputs are the channels of ``audio``, its outputs those of ``out``. Its sliders, buttons, check boxes
    and number entries are turned by ``turn_1`` … ``turn_16``, in the program's order or as ``turned`` names them: from
    0, the control's low end, to 1, its high end, logarithmically where the program says [scale:log]; below 0 a control
    stays as the program begins, or as ``values`` says in the control's own unit. The log names the controls with their
    ranges. Faust reads its controls at block rate: while one moves it is read every 32 samples, at any block
    size. A file that changes while it plays is compiled again and crosses over. A program may import Faust's own
    libraries and files in the patch's folder; it is compiled in a process of its own, which reads nothing else and is
    stopped after 20 seconds. Sound files (soundfile), foreign functions and polyphony (nvoices) are not for it. Needs
    the package cyfaust-llvm.
    """

    def __init__(
        self,
        setup: Setup,
        file: Annotated[str, Setting(help="a Faust program (.dsp)", file="faust")] = "",
        code: Annotated[str, Setting(help="a Faust program as text, in place of a file")] = "",
        values: Annotated[
            tuple[str, ...],
            Setting(
                help="where controls begin, as LABEL=VALUE: in the program's own units, a choice's word, on or off"
            ),
        ] = (),
        turned: Annotated[
            tuple[str, ...],
            Setting(help="labels of up to 16 controls, in the order of the knobs; none: the program's first 16"),
        ] = (),
    ) -> None:
        self._player: FaustPlayer | None = None
        self._watch: FileWatch[FaustPlayer] | None = None
        self._remarks: list[str] = []
        self._faces: dict[str, ParamFace] = {}
        if not file and not code.strip():
            setup.warn("no program chosen; set 'file' to a .dsp file, or write one into 'code'")
            return
        self._setup, self._values, self._turned = setup, values, turned
        self._next: tuple[FaustPlayer, FadeIn] | None = None
        self._before: FaustPlayer | None = None
        self._fade: FadeIn | None = None
        self._left: deque[FaustPlayer] = deque()
        source = _source(setup, file, code)
        self._name = source.name
        try:
            self._player = self._made(source)
        except (FaustError, MissingError) as error:
            raise SettingError("file" if file else "code", _told(error)) from error
        instance = self._player.instance
        self._inputs, self._outputs = instance.inputs, instance.outputs
        if self._player.load > 1.0:
            setup.warn(_too_slow(source.name, self._player.load))
        self._tell(self._player, f"{source.name}: ")
        self._places: list[float | FloatArray] = [-1.0] * KNOBS
        self._under: FloatArray = np.zeros((self._outputs, setup.block), np.float32)
        if source.paths and not setup.offline:
            read = partial(_source, setup, file, code)
            self._watch = FileWatch(source, read, self._made, lambda player: player.instance.close())

    def ports(self) -> dict[str, PortSize]:
        """Channels of the program."""
        if self._player is None:
            return {}
        return {"audio": PortSize(self._inputs or None), "out": PortSize(self._outputs)}

    def process(
        self,
        audio: Annotated[Signal, Size("any"), Help("the program's inputs; one without inputs does not listen")],
        out: Signal,
        turn_1: Turn1 = -1.0,
        turn_2: Turn2 = -1.0,
        turn_3: Turn3 = -1.0,
        turn_4: Turn4 = -1.0,
        turn_5: Turn5 = -1.0,
        turn_6: Turn6 = -1.0,
        turn_7: Turn7 = -1.0,
        turn_8: Turn8 = -1.0,
        turn_9: Turn9 = -1.0,
        turn_10: Turn10 = -1.0,
        turn_11: Turn11 = -1.0,
        turn_12: Turn12 = -1.0,
        turn_13: Turn13 = -1.0,
        turn_14: Turn14 = -1.0,
        turn_15: Turn15 = -1.0,
        turn_16: Turn16 = -1.0,
    ) -> Annotated[Signal, Help("the program's outputs")]:
        """Sound ``[inputs, n]`` in, sound ``[outputs, n]`` out."""
        if self._player is None:
            out.fill(0.0)
            return out
        places = self._places
        places[0], places[1], places[2], places[3] = turn_1, turn_2, turn_3, turn_4
        places[4], places[5], places[6], places[7] = turn_5, turn_6, turn_7, turn_8
        places[8], places[9], places[10], places[11] = turn_9, turn_10, turn_11, turn_12
        places[12], places[13], places[14], places[15] = turn_13, turn_14, turn_15, turn_16
        if self._next is not None and self._before is None:
            self._before = self._player
            (self._player, self._fade), self._next = self._next, None
        self._player.play(audio, out, places)
        if self._before is not None and self._fade is not None:
            under = self._under[:, : out.shape[1]]
            self._before.play(audio, under, places)
            self._fade.apply(out, under)
            if self._fade.is_over:
                self._left.append(self._before)
                self._before = self._fade = None
        return out

    def reset(self) -> None:
        """Forget what sounds; the controls stay."""
        if self._player is None:
            return
        self._player.instance.clear()
        if self._before is not None:
            self._before.instance.clear()

    def faces(self) -> dict[str, ParamFace]:
        """The program's controls that the knobs turn."""
        return self._faces

    def remarks(self) -> list[str]:
        """Which knob turns what."""
        told, self._remarks = self._remarks, []
        return told

    def tidy(self) -> None:
        """Look whether the program's files have changed; what is compiled by then is played from the next block on."""
        if self._player is None or self._watch is None:
            return
        while self._left:
            self._left.popleft().instance.close()
        if self._next is not None:
            return
        try:
            player = self._watch.look()
        except ValueError as error:
            raise FaustError(f"{self._name} has changed, but {_told(error)}; as it was before, it plays on") from error
        if player is not None:
            self._tell(player, f"{self._name} has changed and is played as it is now: ")
            if player.load > 1.0:
                self._remarks.append(_too_slow(self._name, player.load))
            self._next = player, FadeIn(self._setup.sample_rate)

    def close(self) -> None:
        """Let go of the program."""
        if self._watch is not None:
            self._watch.close()
        if self._player is None:
            return
        waiting = self._next[0] if self._next is not None else None
        for player in (self._player, self._before, waiting, *self._left):
            if player is not None:
                player.instance.close()

    def _made(self, source: FaustSource) -> FaustPlayer:
        """The program, ready to be played. Raises FaustError, MissingError, SettingError. Slow."""
        found, load = program(source)
        instance = Instance(found, self._setup.sample_rate, self._setup.block)
        controls = _begun(instance.controls, self._values)
        for control in controls:
            control.zone.value = control.kept(control.initial)
        return FaustPlayer(instance, _turned(controls, self._turned), load)

    def _tell(self, player: FaustPlayer, words: str) -> None:
        """Say what is played from now on, and what the knobs stand for."""
        self._remarks.append(words + _about(player))
        self._faces = {f"turn_{number}": told_face(control) for number, control in enumerate(player.turned, 1)}
        instance = player.instance
        if (instance.inputs, instance.outputs) != (self._inputs, self._outputs):
            self._remarks.append(
                f"{self._name} now has {instance.inputs} in, {instance.outputs} out; the node keeps {self._inputs} in, "
                f"{self._outputs} out until the patch is opened again or a setting of the node changes"
            )


def _source(setup: Setup, file: str, code: str) -> FaustSource:
    if file and code.strip():
        raise SettingError("code", "a program is chosen as 'file' already; empty one of the two")
    try:
        if not file:
            return read_code(code, setup.folder)
        if PurePath(file).suffix != ".dsp":
            raise FaustError(f"{file}: is not a Faust program; choose a .dsp file")
        return read_file(setup.resolve(file), setup.folder, file)
    except (FaustError, MissingError) as error:
        raise SettingError("file" if file else "code", _told(error)) from error


def _told(error: Exception) -> str:
    """What is wrong, without what the setting's name says."""
    return str(error).removeprefix(f"{CODE}: ").removeprefix(f"{CODE}, ")


def _begun(controls: tuple[Control, ...], values: tuple[str, ...]) -> list[Control]:
    """The controls as they begin. Raises SettingError for a value that none can have."""
    found = list(controls)
    for text in values:
        label, mark, value = text.rpartition("=")
        try:
            if not mark:
                raise ValueError(f"{text!r} is not a value; write LABEL=VALUE")
            control = named(found, label)
            found[found.index(control)] = replace(control, initial=control.read(value.strip()))
        except ValueError as error:
            raise SettingError("values", str(error)) from None
    return found


def _turned(controls: list[Control], labels: tuple[str, ...]) -> list[Control]:
    """The controls that the knobs turn, in order. Raises SettingError for a label that there is not."""
    if not labels:
        return controls[:KNOBS]
    if len(labels) > KNOBS:
        raise SettingError("turned", f"there are {KNOBS} knobs, not {len(labels)}; list up to {KNOBS} controls")
    try:
        return [named(controls, label) for label in labels]
    except ValueError as error:
        raise SettingError("turned", str(error)) from None


def _too_slow(name: str, load: float) -> str:
    return f"{name} takes {load:.1f} times as long as its sound lasts; it can be rendered, not played"


def _about(player: FaustPlayer) -> str:
    """The program in a sentence: its channels, and which knob turns what."""
    instance, turned = player.instance, player.turned
    knobs = "; ".join(f"turn_{number}: {control.words}" for number, control in enumerate(turned, 1))
    left = len(instance.controls) - len(turned)
    more = f"; {left} more can be named in 'turned'" if left > 0 else ""
    return f"{instance.inputs} in, {instance.outputs} out; {knobs or 'no controls'}{more}"

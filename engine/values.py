"""What flows along cords: signals, latents, events and trajectories, and the numbers a player turns.

A node's signature is written in these types; everything else (palette, inspector, file format, OSC, help, tests)
is read from it. See ``docs/design.md`` for the table of kinds.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
Content: TypeAlias = Mapping[str, NDArray[np.generic]]
"""Arrays that belong to a node in a patch: drawings, takes, learned weights. Read-only."""
# Content of a job under this (``<job>/shared/NAME``) is shared with every node of the patch that asks for it.
SHARED = "shared/"

Kind = Literal["signal", "latent", "event", "trajectories"]


@dataclass(frozen=True)
class SharedContent:
    """What the nodes of a patch share, by name: what any of them has under ``<job>/shared/NAME``.

    A node whose ``__init__`` takes it is made anew when it changes.
    """

    content: Content = field(default_factory=dict)


@dataclass(frozen=True)
class Port:
    """The kind of value that a port takes or gives. is_control: a signal of values, not of sound."""

    kind: Kind
    is_control: bool = False


@dataclass(frozen=True)
class Help:
    """Beside a port's kind: what it is for, in a few words: ``Annotated[Signal, Help("the sound to delay")]``."""

    text: str


@dataclass(frozen=True)
class Size:
    """How many channels (signal) or latents (latent) a port has.

    A number fixes it. ``"same"`` (the default): all such ports of a node are one size, mono inputs are copied.
    ``"any"``: takes what comes. ``"sum"`` (outputs): the inputs' sizes added.
    """

    size: int | Literal["same", "any", "sum"]


@dataclass(frozen=True)
class LatentSpace:
    """Which codec's latents numbers are: two codecs of equally many latents mean other sounds by them.

    mark: what is in the codec's file, so that a copy under another name is the same space. name: as a patch names the
    codec, for sentences.
    """

    mark: str
    name: str = field(compare=False)


@dataclass(frozen=True)
class PortSize:
    """What an instance knows of a port only once it is made: its size, and for latents their ratio and space.

    ratio: samples of the engine's clock per latent frame, exact. space: None where nothing is known of it. counted: the
    setting that says of how many voices or playheads it is the size; each: the size of one. untrained: an output that
    gives only zeros until its node is trained, which are no sound.
    """

    size: int | None = None
    ratio: Fraction | None = None
    space: LatentSpace | None = None
    counted: str = ""
    each: int = 0
    untrained: bool = False


@dataclass(frozen=True)
class Param:
    """A number the player may turn while the patch runs.

    low, high: the range, both ends included. unit: as shown. curve: how a slider spreads it; bipolar: fine near the
    middle. soft: the part of the range that is of use by hand: knobs, learned controllers and Randomize cover it, while
    typed values, OSC and files may go further; None: all of it. randomize: False for what Randomize never turns, since
    it is a level or could silence; no level in dB is turned, nor what a controller sets.
    ramp: whether a change glides (10 ms) and cords may modulate it; a node then gets a float while the value is
    steady and ``[1, block]`` (``[1, frames]`` for nodes on latents only) while it moves. Whole numbers, switches and
    choices never glide; cords step them, once per block. source: the controller that sets it, such as ``midi:cc/1``
    (see ``engine/sources``).
    """

    low: float
    high: float
    unit: str = ""
    help: str = ""
    curve: Literal["linear", "log", "bipolar"] = "linear"
    ramp: bool = True
    source: str = ""
    soft: tuple[float, float] | None = None
    randomize: bool = True


@dataclass(frozen=True)
class UsedWhen:
    """Beside ``Param`` or ``Setting``: the node uses it only while another of its params or settings has such a value.

    ``Annotated[float, Param(0, 50), UsedWhen("mode", ("orbit",))]``. name: a choice, a switch, a text or a count of the
    same node. While it is not used, cards leave it out and the inspector folds it; it keeps its value.
    """

    name: str
    values: tuple[str | int, ...]

    @property
    def words(self) -> str:
        """The condition in words."""
        words = [("off", "on")[one] if isinstance(one, bool) else str(one) for one in self.values]
        return f"used when {self.name.replace('_', ' ')} is {' or '.join(words)}"


@dataclass(frozen=True)
class Setting:
    """A choice made before a node runs; changing it makes that node anew.

    low, high: range of a number. file: what kind of file a path names (``sound``, ``model``, ``terrain``). writes: the
    file is written, not read. advanced: for those who know machine learning; the inspector folds it.
    """

    help: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    file: str = ""
    writes: bool = False
    advanced: bool = False


Signal: TypeAlias = Annotated[FloatArray, Port("signal")]
"""Audio or control at sample rate: float32 ``[channels, block]``; audio is nominally within -1 … 1."""

ControlSignal: TypeAlias = Annotated[FloatArray, Port("signal", is_control=True)]
"""A signal of values, such as coordinates or an LFO's: any cord takes it; it is shown in numbers, not as a level."""

Latent: TypeAlias = Annotated[FloatArray, Port("latent")]
"""Codec-rate latents: float32 ``[size, frames due in this block]``, often zero frames."""

Events: TypeAlias = list[tuple[int, float]]
Event: TypeAlias = Annotated[Events, Port("event")]
"""What happened in this block: a list of (sample offset, value), in order of offset."""


@dataclass(frozen=True)
class Source:
    """The sound file that a path was made from, as the patch writes it, or a part of it in seconds (end None: all)."""

    path: str
    begin: float = 0.0
    end: float | None = None


@dataclass(frozen=True, eq=False)
class Trajectories:
    """An immutable, named set of paths: float32 ``[points, size]`` each, all of one size.

    Training data between Encode, Record, GUI and Terrain; paired by position in the set. weights: how much each counts
    when it is learned from, 1 being usual and 0 not at all; empty when all are 1. space: which codec's latents they
    are, where known. descriptors: what each path's sound is like, in numbers ``[d]``; empty where not known. sources:
    the files they are of; None where there is none. are_takes: they were recorded, so that their order alone says what
    each belongs to. The last four are no part of the digest, since what was trained before they were remembered is not
    to be done again.
    """

    names: tuple[str, ...] = ()
    arrays: tuple[FloatArray, ...] = ()
    weights: tuple[float, ...] = ()
    space: LatentSpace | None = None
    descriptors: tuple[FloatArray, ...] = ()
    sources: tuple[Source | None, ...] = ()
    are_takes: bool = False

    def __post_init__(self) -> None:
        if self.descriptors and len(self.descriptors) != len(self.arrays):
            raise ValueError(f"{len(self.descriptors)} descriptors for {len(self.arrays)} trajectories; give one each")
        if self.sources and len(self.sources) != len(self.arrays):
            raise ValueError(f"{len(self.sources)} sources for {len(self.arrays)} trajectories; give one each")
        if len(self.names) != len(self.arrays):
            raise ValueError(f"{len(self.names)} names for {len(self.arrays)} trajectories; give one name each")
        if self.weights and len(self.weights) != len(self.arrays):
            raise ValueError(f"{len(self.weights)} weights for {len(self.arrays)} trajectories; give one each or none")
        if len({array.shape[1] for array in self.arrays if array.ndim == 2}) > 1 or any(
            array.ndim != 2 for array in self.arrays
        ):
            raise ValueError("trajectories must be [points, size] arrays of one size")

    @property
    def size(self) -> int:
        """Numbers per point; 0 when empty."""
        return self.arrays[0].shape[1] if self.arrays else 0

    @property
    def lengths(self) -> tuple[int, ...]:
        """Points of each trajectory."""
        return tuple(len(array) for array in self.arrays)

    @property
    def digest(self) -> str:
        """A sha256 over names and numbers: equal sets have equal digests."""
        sum_ = hashlib.sha256()
        for name, array in zip(self.names, self.arrays, strict=True):
            sum_.update(f"{name}\0{array.shape}\0".encode())
            sum_.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        if any(weight != 1.0 for weight in self.weights):
            sum_.update(np.array(self.weights, "<f8").tobytes())
        return sum_.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trajectories) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class Progress(Protocol):
    """Called by long work with how far it is (0 … 1) and a few words; False asks it to stop and keep its best.

    snapshot: gives what the work has made so far, to be heard while it goes on; asked within the call, or not at all.
    """

    def __call__(self, done: float, text: str, /, snapshot: Callable[[], Content] | None = None) -> bool:
        """Tell how far the work is."""
        ...


class Wishes(Protocol):
    """Called by long work between its steps: what was turned meanwhile ("rate": 0.01), by names that the work knows."""

    def __call__(self) -> Mapping[str, float]:
        """What is wished now."""
        ...


@dataclass(frozen=True, eq=False)
class Reading:
    """What a node shows now: a meter's peaks, a scope's samples, a playhead's place; float32 of any shape."""

    node: str
    name: str
    array: FloatArray


@dataclass
class Bus:
    """Where the patch meets the device: float32 ``[channels, block]`` in and out, one block at a time.

    asked_inputs, asked_outputs: the highest channels of the device that nodes have asked for, counted from 1; they
    raise them when they are made. offered: those that a device has that was opened for what was asked, inputs and
    outputs; None while that is not known.
    """

    input: FloatArray
    output: FloatArray
    asked_inputs: int = 0
    asked_outputs: int = 0
    offered: tuple[int, int] | None = None
    block: int = field(init=False)
    """Samples per block of the device: while a plan of shorter blocks runs, the arrays are parts of it."""

    def __post_init__(self) -> None:
        self.block = self.output.shape[1]

    def ask(self, inputs: int = 0, outputs: int = 0) -> None:
        """Have the device opened for so many channels, where it has them. Not for the audio thread."""
        if inputs > self.asked_inputs or outputs > self.asked_outputs:
            self.asked_inputs = max(self.asked_inputs, inputs)
            self.asked_outputs = max(self.asked_outputs, outputs)
            self.offered = None

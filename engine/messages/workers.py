"""The messages of a process and those that compute for it: frames, what models make, pictures, sounds of a map."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, structs

from ...graphs.frozen import Array, array_sha256
from ...graphs.parts import blob_in, blob_out
from . import Count, Finite, General, Message, decoder

# Workers that compute frames (``frames.host``).


class RunWork(Message, frozen=True):
    """The order. work: ``module:function``; path: where modules are looked for first."""

    work: str
    arguments: dict[str, Any]
    path: tuple[str, ...] = ()
    is_confined: bool = False


class Facts(Message, frozen=True):
    """What a worker has to say of its work (see ``host.Work``)."""

    facts: dict[str, Any]


class Open(Message, frozen=True):
    """A stream in this memory is to be warmed up. how: see ``host.Work.open``. Answered by Opened."""

    memory: str
    layout: dict[str, tuple[str, tuple[Count, ...]]]
    how: dict[str, Any]
    period_seconds: Finite
    ratio: Finite
    is_handed_over: bool


class StreamOpened(Message, frozen=True):
    """How its first frames were. onset: samples by which its first sound is late."""

    computing_ns: list[Annotated[int, Meta(ge=0, le=10**12)]]
    onset: Annotated[float, Meta(ge=0, le=1 << 24)]
    is_realtime: bool = False


class WorkFault(Message, frozen=True):
    """Why frames fail."""

    text: str


TO_WORKER = decoder(RunWork | Open)
FROM_WORKER = decoder(Facts | StreamOpened | WorkFault | General)

# Codecs and methods of models for who does not play them live (``nodes.codec.remote``). stream: which, from StreamMade.


class LoadModel(Message, frozen=True):
    """The order: a codec, or an effect (see ``nodes.codec.effect.EffectWork``). Answered by Facts."""

    codec: str = ""
    folder: str = ""
    effect: dict[str, Any] | None = None


class Numbers(Message, frozen=True):
    """A float32 array. faults: frames that were replaced by silence until now."""

    shape: list[Count]
    data: bytes
    faults: int = 0


class Forget(Message, frozen=True):
    """Streams that nobody has any more."""

    streams: list[int]


class MakeStream(Message, frozen=True):
    """Answered by StreamMade."""

    lanes: int
    seed: int


class StreamMade(Message, frozen=True):
    """Its number."""

    stream: int


class CallModel(Message, frozen=True):
    """Answered by Numbers. method: of the codec, or run for the effect."""

    method: Literal["decode", "encode", "run"]
    given: Numbers
    stream: int = 0


class Reset(Message, frozen=True):
    """Forget what was heard, of a stream (one lane, or all) or of the effect. Answered by Done."""

    stream: int = 0
    lane: int | None = None


class OpenEffect(Message, frozen=True):
    """Answered by EffectOpened."""

    how: dict[str, Any]


class EffectOpened(Message, frozen=True):
    """What an effect's stream is (see ``nodes.codec.effect``)."""

    rows: int
    ratio: tuple[int, Annotated[int, Meta(ge=1)]]
    onset: int
    delay: int


TO_MODEL = decoder(LoadModel | Forget | MakeStream | CallModel | Reset | OpenEffect)
FROM_MODEL = decoder(Facts | StreamMade | Numbers | EffectOpened | General)

# Models that nobody knows yet (``nodes.codec.trial``).


class Examine(Message, frozen=True):
    """The order. scan: judge its archive and operators; memory: bytes; cpu_seconds: both at most."""

    name: str
    path: str
    sha256: str
    scan: bool
    memory: int
    cpu_seconds: int


class TrialStep(Message, frozen=True):
    """A method that is being tried."""

    method: str


class Described(Message, frozen=True):
    """What was found (see ``nodes.codec.describe.ModelDescription.as_json``)."""

    description: dict[str, Any]


TO_TRIAL = decoder(Examine)
FROM_TRIAL = decoder(TrialStep | Described | General)

# Training a codec (``ui.editor.codec_work``).


class TrainCodec(Message, frozen=True):
    """The order. sounds: as nodes name them; output: the file of the codec."""

    sounds: list[str]
    folder: str
    output: str
    steps: int
    audible_steps: int
    seed: int


class EndTraining(Message, frozen=True):
    """End it, and keep the best."""


class CodecProgress(Message, frozen=True):
    """How far it is, 0 … 1."""

    done: Finite
    text: str


class CodecTrained(Message, frozen=True):
    """What came of it, in sentences."""

    warnings: list[str]
    has_forgotten: bool


TO_TRAINING = decoder(TrainCodec | EndTraining)
FROM_TRAINING = decoder(CodecProgress | CodecTrained | General)

# What the doctor asks (``ui.cli.doctor``, ``ui.cli.confined``).


class Begin(Message, frozen=True):
    """Do it now; an order too, where there is nothing to say."""


class Times(Message, frozen=True):
    """How long frames take."""

    frame_ms: Finite
    p50_ms: Finite
    p90_ms: Finite
    p99_ms: Finite
    is_realtime: bool


TO_TRIED = decoder(LoadModel | Begin)
FROM_TRIED = decoder(Times | General)

# Pictures and sounds of a map (``ui.editor.picturing``, ``ui.editor.map.terrain.work``).


class Blob(Struct, frozen=True):
    """An array."""

    dtype: str
    shape: list[Count]
    data: bytes
    sha256: str


def blobs_of(arrays: Mapping[str, Array]) -> dict[str, Blob]:
    """Arrays by name, for a message."""
    raw = {name: (blob_out(one), array_sha256(one)) for name, one in sorted(arrays.items())}
    return {
        name: Blob(dtype=one["dtype"], shape=one["shape"], data=bytes(one["data"]), sha256=key)
        for name, (one, key) in raw.items()
    }


def arrays_of(blobs: Mapping[str, Blob]) -> dict[str, Array]:
    """Arrays by name, from a message. Raises ValueError."""
    return {name: blob_in(structs.asdict(one), one.sha256) for name, one in blobs.items()}


class Draw(Message, frozen=True):
    """Small: a terrain with lines to learn from and walks on it. box: left, top, right, bottom. Answered by Picture.

    colours: as ``nodes.terrain.colours`` has them; weights and colours are empty where there is no terrain.
    """

    weights: dict[str, Blob]
    colours: dict[str, Blob]
    lines: dict[str, Blob]
    walks: dict[str, Blob]
    box: tuple[Finite, ...]
    size: tuple[Count, Count]


class Paint(Message, frozen=True):
    """A terrain as it sounds (see ``layers.terrain_picture``). codec: none for colours alone. Answered by Picture."""

    weights: dict[str, Blob]
    colours: dict[str, Blob]
    points: dict[str, Blob]
    view: tuple[Finite, Finite, Finite, Finite]
    size: tuple[Count, Count]
    sides: tuple[Finite, Finite]
    facet: Any
    codec: str
    folder: str
    sounds: tuple[str, ...]


class Picture(Message, frozen=True):
    """RGBA of so many columns and rows. legend: what its colours mean."""

    size: tuple[Count, Count]
    pixels: bytes
    legend: str = ""


class Hear(Message, frozen=True):
    """Latents, then a terrain along coordinates, through a codec. Answered by Sound."""

    arrays: dict[str, Blob]
    codec: str
    folder: str
    sounds: tuple[str, ...]
    level: Finite = 0.0
    tail: Finite = 0.0
    controls: tuple[Finite, ...] = ()


class LineSound(Message, frozen=True):
    """float32 ``[channels, samples]``."""

    sound: bytes
    channels: Annotated[int, Meta(ge=1)]
    rate: int


class Find(Message, frozen=True):
    """Where is a sound file on the map of a patch? Answered by Found."""

    patch: bytes
    terrain: str
    sound: str
    folder: str


class SoundFound(Message, frozen=True):
    """float64 seconds, x, y ``[n, 3]``; words: along which lines."""

    moments: bytes
    words: str


TO_PAINTER = decoder(Begin | Draw | Paint | Hear | Find)
FROM_PAINTER = decoder(Picture | LineSound | SoundFound | General)

# Loops per sample, compiled beside the engine (``loops.compiler``).


class CompileLoops(Message, frozen=True):
    """The order: loops are to be compiled into this folder, one after the other, as they are asked for."""

    folder: str


class CompileLoop(Message, frozen=True):
    """Write this module, compile its ``loop`` and keep it. Answered by LoopDone."""

    name: str
    text: str


class TryLoop(Message, frozen=True):
    """Play the loop compiled last, and if it ends as it should, mark it as tried. Answered by LoopDone.

    params: default, low and high of each. size: how many numbers it keeps; start: with what the first of them begin.
    """

    name: str
    inputs: Count
    params: tuple[tuple[Finite, Finite, Finite], ...]
    size: Count
    start: tuple[Finite, ...]


class LoopDone(Message, frozen=True):
    """It is done, or can't be: the reason, in words."""

    problem: str = ""


class BuildKernels(Message, frozen=True):
    """The order: the kernels are to be compiled into this file; ready when it is there."""

    path: str


TO_COMPILER = decoder(CompileLoops | CompileLoop | TryLoop)
FROM_COMPILER = decoder(LoopDone | General)
TO_KERNEL_BUILDER = decoder(BuildKernels)
FROM_KERNEL_BUILDER = decoder(General)

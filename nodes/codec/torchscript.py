"""Play with any sound model exported for nn~ (RAVE and its relatives): a TorchScript file behind the Codec protocol."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.missing_package import MissingError, need
from ...graphs.file_read import ReadError, read_bytes
from ..audiofile import SoundError
from .attributes import BufferSound, as_type, taken
from .discrete import REASON, is_discrete
from .interface import Array, CodecError, CodecFacts, reason_of
from .method import MethodStream
from .operators import check_operators
from .portable import for_this_machine
from .prints import prints_kept
from .probe import Manner, measure
from .scan import scan_model
from .signature import Signature, elements, read_signature
from .stream import ModuleStream, clear_residue
from .trust import UntrustedError, digest_of, is_trusted

ASSUMED_RATE = 44_100
LARGEST_FILE = 4 << 30
# Bytes read at a time: one long read holds a processor, and who plays on it comes late.
LANE_STEP = 0x9E37_79B9_7F4A_7C15


@dataclass(frozen=True)
class LoadedModel:
    """A model file in memory. pristine: the module, never called. shares_weights: it leaves its parameters alone."""

    name: str
    pristine: Any
    signature: Signature
    size: int
    sha256: str = ""


def load_model(path: Path, name: str = "", confine: Callable[[int], object] = lambda size: None) -> LoadedModel:
    """Read a TorchScript file that its user has allowed to run, and load it (see ``load_program``).

    confine: called with the file's bytes when all is read and imported that is needed, before the first of its program
    runs: the place for a process to give up its freedom. Raises CodecError; UntrustedError for what nobody has allowed.
    """
    name = name or str(path)
    data = read_model(path, name)
    sha256 = digest_of(data)
    if not is_trusted(sha256):
        scan_model(data, name)  # what is no model at all is not worth asking about
        raise UntrustedError(name, sha256, path)
    ready_torch(name)
    confine(len(data))
    return load_program(data, name, sha256)


def ready_torch(who: str) -> Any:
    """Torch as models are run with it: on one thread, with which a busy machine decodes many times faster.

    What it imports and starts late is had at once, so that a process can be confined afterwards. Raises CodecError.
    """
    torch = need_torch(who)
    torch.set_num_threads(1)
    with quiet():
        tried = torch.jit.script(torch.nn.Conv1d(1, 1, 1))
        for _ in range(2):
            tried(torch.zeros(1, 1, 4)).detach().numpy()
    return torch


def load_program(data: bytes, name: str, sha256: str = "", scan: bool = True) -> LoadedModel:
    """Load a TorchScript program from a file's bytes, check what it is made of, clear its streaming memory.

    scan: without it neither archive nor operators are checked: only where confinement itself is tried.
    Raises CodecError.
    """
    if scan:
        scan_model(data, name)
    torch = need_torch(name)
    with quiet():
        try:
            unit, place = torch._C.CompilationUnit(), torch.device("cpu")
            held = torch._C.import_ir_module_from_buffer(unit, for_this_machine(data), place, {}, False)
            if scan:
                check_operators(unit.get_functions(), name)
            module = torch.jit._recursive.wrap_cpp_module(held)
            module.eval()
            for tensor in (*module.parameters(), *module.buffers()):
                if tensor.requires_grad:  # exporters leave it on, even in caches
                    tensor.requires_grad_(False)
            signature = read_signature(module, name)
            if module._c._has_method("set_sample_rate"):
                module.set_sample_rate(signature.sample_rate or ASSUMED_RATE)
            clear_residue(module)
        except CodecError:
            raise
        except Exception as error:
            raise CodecError(f"{name} cannot be loaded ({reason_of(error)}); get it again or export it again") from None
    return LoadedModel(name, module, signature, len(data), sha256)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep torch's notes on the future of TorchScript, and what a model prints, from the musician."""
    with warnings.catch_warnings(), prints_kept():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class CodecModel:
    """A loaded model known to work as a codec: what it is and how its methods are called."""

    loaded: LoadedModel
    facts: CodecFacts
    decode: Manner
    encode: Manner | None
    shares_weights: bool
    notes: tuple[str, ...]


def as_codec(loaded: LoadedModel) -> CodecModel:
    """Try a model's decode and encode. Raises CodecError when it cannot decode latents to sound."""
    signature, name = loaded.signature, loaded.name
    method = signature.methods.get("decode")
    if method is None:
        raise CodecError(
            f"{name} has no method 'decode' (only {', '.join(signature.methods)}); choose a model that decodes latents"
        )
    if method.output_ratio != 1:
        raise CodecError(f"{name} decodes to {method.output_ratio} samples at a time; only sound rate can be played")
    with quiet():
        notes = list(signature.notes)
        decode = measure(loaded.pristine, signature, method, method.input_ratio, name)
        encode = _encode_manner(loaded, decode, notes)
        if is_discrete(loaded, decode, encode):
            raise CodecError(REASON.format(name=name))
        shares_weights = all(one.shares_weights for one in (decode, encode) if one is not None)
    for one in (decode, encode):
        if one is not None and not one.is_finite:
            notes.append(f"its method {one.method.name} sometimes outputs NaN; it is replaced by silence")
    if not decode.is_exact:
        notes.append(
            "its frames depend on more context than is available: the sound depends slightly on the block size"
        )
    rate = signature.sample_rate or ASSUMED_RATE
    dimension, ratio = method.input_channels, method.input_ratio
    labels = method.input_labels or (signature.methods["encode"].output_labels if encode else ())
    facts = CodecFacts(
        name=name,
        latent_dim=dimension,
        ratio=ratio,
        sample_rate=rate,
        channels=method.output_channels,
        input_channels=encode.method.input_channels if encode else 0,
        labels=labels or tuple(f"latent {number}" for number in range(1, dimension + 1)),
        latency=round((decode.lag + decode.future) * ratio),
        encoder_latency=round((encode.lag + encode.future) * ratio) if encode else 0,
        is_streaming=decode.is_exact,
        is_stochastic=decode.is_stochastic,
        hidden_latents=decode.width - dimension,
    )
    return CodecModel(loaded, facts, decode, encode, shares_weights, tuple(notes))


class TorchCodec:
    """A stream through a TorchScript model, or several as lanes: a batch where the model can, else copies.

    Made without copying the model; the copy is made by the first call, or at once by ``new_instance``. ``faults``
    counts the calls whose result was not finite and was replaced by silence.
    """

    def __init__(self, model: CodecModel, lanes: int = 1, seed: int = 0) -> None:
        self.model, self.lanes, self.seed = model, lanes, seed
        self._parts: list[_Part] = []

    @property
    def facts(self) -> CodecFacts:
        """What this codec is."""
        return self.model.facts

    @property
    def faults(self) -> int:
        """Calls that gave something not finite so far."""
        return sum(one.faults for part in self._parts for one in (part.decode, part.encode) if one is not None)

    def decode(self, latents: Array) -> Array:
        """Latents ``[lanes, latent_dim, frames]`` to sound ``[lanes, channels, frames * ratio]``, continuing.

        The ``hidden_latents`` may follow the others. Latents are held within ±10000; what is not a number counts as 0.
        Raises CodecError.
        """
        facts = self.facts
        sizes = (facts.latent_dim, facts.latent_dim + facts.hidden_latents)
        if latents.ndim != 3 or len(latents) != self.lanes or latents.shape[1] not in sizes:
            raise CodecError(
                f"{facts.name} decodes latents shaped [{self.lanes}, {facts.latent_dim}, frames], "
                f"got {list(latents.shape)}; give it {facts.latent_dim} latents in {self.lanes} lane(s)"
            )
        parts = self._opened()
        if len(parts) == 1:
            return parts[0].decode.run(latents)
        return np.concatenate([part.decode.run(latents[[lane]]) for lane, part in enumerate(parts)])

    def encode(self, audio: Array) -> Array:
        """Sound ``[lanes, input_channels, frames * ratio]`` to latents ``[lanes, latent_dim, frames]``, continuing.

        Raises CodecError for a model that cannot encode and for wrong shapes.
        """
        facts = self.facts
        if not facts.input_channels:
            raise CodecError(f"{facts.name} is decode-only; choose a model that can encode")
        if audio.ndim != 3 or audio.shape[:2] != (self.lanes, facts.input_channels) or audio.shape[2] % facts.ratio:
            raise CodecError(
                f"{facts.name} encodes sound shaped [{self.lanes}, {facts.input_channels}, a multiple of {facts.ratio}]"
                f", got {list(audio.shape)}; adapt the channels and pad the end with silence"
            )
        encoders = [part.encode for part in self._opened() if part.encode is not None]
        if len(encoders) == 1:
            return encoders[0].run(audio)
        return np.concatenate([one.run(audio[[lane]]) for lane, one in enumerate(encoders)])

    def reset(self, lane: int | None = None) -> None:
        """Forget the stream (of one lane): the next call sounds as the first one did. Attributes stay as set."""
        if lane is not None and not 0 <= lane < self.lanes:
            raise CodecError(
                f"{self.facts.name} has lanes 0 to {self.lanes - 1} here; there is no lane {lane} to reset"
            )
        if lane is None or len(self._parts) < 2:
            for part in self._parts:
                part.reset(lane if self.lanes > 1 else None)
        else:
            self._parts[lane].reset()

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "TorchCodec":
        """An independent stream over the same weights, warmed up. ``seed`` matters to models that draw numbers."""
        if lanes < 1:
            raise CodecError(f"{self.facts.name} needs at least one lane, not {lanes}")
        fresh = TorchCodec(self.model, lanes, seed)
        fresh._opened()
        return fresh

    def get_attribute(self, name: str) -> tuple[Any, ...]:
        """The values of a model's attribute, as plain numbers and words."""
        self._known(name)
        try:
            return elements(self._opened()[0].stream.get_attribute(name))
        except Exception as error:
            raise CodecError(f"{self.facts.name} does not return its attribute {name} ({error})") from None

    def set_attribute(self, name: str, *values: bool | int | float | str | Array | BufferSound) -> None:
        """Set a model's attribute, for good: a reset keeps it. Not for the audio thread. Raises CodecError.

        A tensor takes an array or text such as ``[1, 2]``, a buffer a sound or the name of a sound file.
        """
        types = self._known(name)
        if len(values) != len(types):
            raise CodecError(
                f"{self.facts.name}: {name} takes {len(types)} value(s) ({', '.join(types)}), got {len(values)}"
            )
        try:
            given = tuple(as_type(value, kind) for value, kind in zip(values, types, strict=True))
            answers = [part.stream.set_attribute(name, given) for part in self._opened()]
        except SoundError as error:
            raise CodecError(f"{self.facts.name}: {name} cannot be set: {error}") from None
        except Exception:
            raise CodecError(f"{self.facts.name}: {name} takes {taken(types)}, not {list(values)}") from None
        if any(answers):
            raise CodecError(f"{self.facts.name} rejects {list(values)} for {name}; choose another value")

    def _known(self, name: str) -> tuple[str, ...]:
        attributes = self.model.loaded.signature.attributes
        if name not in attributes:
            known = ", ".join(attributes) or "none"
            raise CodecError(f"{self.facts.name} has no attribute {name}; its attributes: {known}")
        return attributes[name].types

    def _opened(self) -> "list[_Part]":
        if not self._parts:
            with quiet():
                self._parts = self._open()
        return self._parts

    def _open(self) -> "list[_Part]":
        """One batch if the model takes it (cached convolutions hold 64 lanes), else a copy per lane; warmed up."""
        model = self.model
        still = np.zeros((self.lanes, model.facts.latent_dim, 1), np.float32)
        if self.lanes == 1 or (model.decode.batches and (model.encode is None or model.encode.batches)):
            part = _Part(model, self.lanes, self.seed)
            try:
                part.warm_up(still)
                return [part]
            except CodecError:
                if self.lanes == 1:
                    raise
        parts = [_Part(model, 1, self.seed + lane * LANE_STEP) for lane in range(self.lanes)]
        for part in parts:
            part.warm_up(still[:1])
        return parts


class _Part:
    """A copy of the module with its two methods, for one batch."""

    def __init__(self, model: CodecModel, lanes: int, seed: int) -> None:
        manners = [manner for manner in (model.decode, model.encode) if manner is not None]
        is_stochastic = any(manner.is_stochastic for manner in manners)
        by_copy = any(manner.by_copy for manner in manners)
        pristine, name = model.loaded.pristine, model.facts.name
        self.stream = ModuleStream(pristine, lanes, seed if is_stochastic else None, by_copy, model.shares_weights)
        self.decode = MethodStream(self.stream, model.decode, name)
        self.encode = MethodStream(self.stream, model.encode, name) if model.encode else None

    def warm_up(self, latents: Array) -> None:
        """Decode twice, since torch is slow the first two times, and forget it."""
        for _ in range(2):
            self.decode.run(latents)
        self.reset()
        self.decode.faults = 0

    def reset(self, lane: int | None = None) -> None:
        self.stream.reset(lane)
        self.decode.reset(lane)
        if self.encode is not None:
            self.encode.reset(lane)


def _encode_manner(loaded: LoadedModel, decode: Manner, notes: list[str]) -> Manner | None:
    method = loaded.signature.methods.get("encode")
    if method is None:
        notes.append("it has no method 'encode': sounds cannot be encoded with it")
        return None
    frame = (1, decode.method.input_channels, decode.method.input_ratio)
    if (method.input_ratio, method.output_channels, method.output_ratio) != frame:
        notes.append("its encode does not give the frames its decode takes: sounds cannot be encoded with it")
        return None
    try:
        return measure(loaded.pristine, loaded.signature, method, method.output_ratio, loaded.name)
    except CodecError as error:
        notes.append(str(error))
        return None


def read_model(path: Path, name: str) -> bytes:
    """The bytes of a model file. Raises CodecError."""
    if not path.is_file():
        raise CodecError(f"no model file {path}; check its name and folder")
    try:
        return read_bytes(path, LARGEST_FILE)
    except ReadError as error:
        raise CodecError(f"{name}: {error}") from None


def need_torch(who: str) -> Any:
    """Torch, for somebody who needs it. Raises CodecError with the way to get it."""
    try:
        return need("torch", who)
    except MissingError as error:
        raise CodecError(str(error)) from error

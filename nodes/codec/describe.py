"""Tell what a model file can do before it is played: methods, attributes, rate, and how it behaves when tried."""

from dataclasses import asdict, dataclass
from math import lcm
from pathlib import Path
from typing import Any

from .interface import CodecError
from .prints import printed
from .probe import Manner, measure, workable_period
from .signature import AttributeFacts, MethodFacts
from .torchscript import LoadedModel, as_codec, load_model, quiet


@dataclass(frozen=True)
class MethodDescription:
    """A method as declared, and as measured (None: not tried, or it failed; see the notes of the model).

    is_streaming: calls of any length give the same. is_stochastic: it draws random numbers. latency: samples by which
    its answer is late. context: frames before and after that it looks at. multiple: samples that a call must be a
    multiple of.
    """

    facts: MethodFacts
    is_streaming: bool | None = None
    is_stochastic: bool | None = None
    latency: int | None = None
    context: tuple[int, int] | None = None
    multiple: int | None = None


@dataclass(frozen=True)
class ModelDescription:
    """Everything known of a model file. rate_source: where the sample rate was found; empty if nowhere.

    layout: ``nn~`` when the file lists its methods, ``early`` when they were found by their parameters.
    is_codec: whether encode and decoder nodes take it; otherwise ``no_codec`` says why not. is_usable: whether at least
    one of its methods runs, in a ``model`` node if nowhere else. parameters: numbers learnt. size: bytes.
    printed: what it printed while it was tried.
    """

    name: str
    size: int
    sha256: str
    layout: str
    parameters: int
    sample_rate: int | None
    rate_source: str
    methods: tuple[MethodDescription, ...]
    attributes: tuple[AttributeFacts, ...]
    is_codec: bool
    is_streaming: bool | None
    notes: tuple[str, ...]
    no_codec: str = ""
    is_usable: bool = True
    printed: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same as plain dicts, lists, numbers and words."""
        plain: dict[str, Any] = _plain(asdict(self))
        plain["methods"] = [{**method.pop("facts"), **method} for method in plain["methods"]]
        return plain


def describe(path: Path | str) -> ModelDescription:
    """Load a model file that its user has allowed, in this process, and describe it. Raises CodecError."""
    return described(load_model(Path(path)))


def described(loaded: LoadedModel) -> ModelDescription:
    """What a loaded model is; its methods are run."""
    signature, module = loaded.signature, loaded.pristine
    known: dict[str, tuple[Manner, int]] = {}
    notes, no_codec = list(signature.notes), ""
    try:
        codec = as_codec(loaded)
        notes = list(codec.notes)
        known = {one.method.name: (one, codec.facts.ratio) for one in (codec.decode, codec.encode) if one is not None}
    except CodecError as error:
        no_codec = str(error)
    methods = tuple(_described(loaded, one, notes, known.get(one.name)) for one in signature.methods.values())
    decode = next((one for one in methods if one.facts.name == "decode"), None)
    return ModelDescription(
        name=loaded.name,
        size=loaded.size,
        sha256=loaded.sha256,
        layout="nn~" if module._c._has_method("get_methods") else "early",
        parameters=sum(int(one.numel()) for one in module.parameters()),
        sample_rate=signature.sample_rate,
        rate_source=signature.rate_source,
        methods=methods,
        attributes=tuple(signature.attributes.values()),
        is_codec=not no_codec,
        is_streaming=decode.is_streaming if decode else None,
        notes=tuple(dict.fromkeys(notes)),
        no_codec=no_codec,
        is_usable=any(one.latency is not None for one in methods),
        printed=printed(),
    )


def _described(
    loaded: LoadedModel, method: MethodFacts, notes: list[str], known: tuple[Manner, int] | None
) -> MethodDescription:
    least = lcm(method.input_ratio, method.output_ratio)
    try:
        with quiet():
            period = max(loaded.signature.period, least)
            if known is None:
                period = workable_period(loaded.pristine, loaded.signature, method, period, loaded.name)
                known = measure(loaded.pristine, loaded.signature, method, period, loaded.name), period
    except CodecError as error:
        notes.append(str(error))
        return MethodDescription(method)
    manner, period = known
    multiple = manner.block * period
    if multiple > max(least, loaded.signature.period):
        notes.append(f"its method {method.name} accepts only multiples of {multiple} samples; it is called with those")
    latency = round((manner.lag + manner.future) * period)
    context = manner.past, manner.future
    return MethodDescription(method, manner.is_streaming, manner.is_stochastic, latency, context, multiple)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)

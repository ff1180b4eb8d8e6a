"""Tell what a model file can do before it is played: methods, attributes, rate, and how it behaves when tried."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .interface import CodecError
from .probe import Manner, measure
from .signature import AttributeFacts, MethodFacts
from .torchscript import LoadedModel, load_model, quiet


@dataclass(frozen=True)
class MethodDescription:
    """A method as declared, and as measured (None: not tried, or it failed; see the notes of the model).

    is_streaming: calls of any length give the same. is_stochastic: it draws random numbers. latency: samples by which
    its answer is late. context: frames before and after that it looks at.
    """

    facts: MethodFacts
    is_streaming: bool | None = None
    is_stochastic: bool | None = None
    latency: int | None = None
    context: tuple[int, int] | None = None


@dataclass(frozen=True)
class ModelDescription:
    """Everything known of a model file. rate_source: where the sample rate was found; empty if nowhere.

    layout: ``nn~`` when the file lists its methods, ``early`` when they were found by their parameters.
    is_codec: whether it can decode latents to sound. parameters: numbers learnt. size: bytes.
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

    def as_json(self) -> dict[str, Any]:
        """The same as plain dicts, lists, numbers and words."""
        plain: dict[str, Any] = _plain(asdict(self))
        plain["methods"] = [{**method.pop("facts"), **method} for method in plain["methods"]]
        return plain


def describe(path: Path | str, *, name: str = "", confined: bool = False, scan: bool = True) -> ModelDescription:
    """Load a TorchScript file and describe it; its methods are run. Raises CodecError.

    confined: this is a process that can do no harm (see ``trial``), so nobody need have allowed the file to run; only
    there may its archive go without a ``scan``.
    """
    path = Path(path)
    loaded = load_model(path, name, allowed=confined, scan=scan or not confined)
    signature = loaded.signature
    notes = list(signature.notes)
    methods = tuple(_described(loaded, one, notes) for one in signature.methods.values())
    decode = next((one for one in methods if one.facts.name == "decode"), None)
    module = loaded.pristine
    return ModelDescription(
        name=name or str(path),
        size=loaded.size,
        sha256=loaded.sha256,
        layout="nn~" if module._c._has_method("get_methods") else "early",
        parameters=sum(int(one.numel()) for one in module.parameters()),
        sample_rate=signature.sample_rate,
        rate_source=signature.rate_source,
        methods=methods,
        attributes=tuple(signature.attributes.values()),
        is_codec=decode is not None and decode.facts.output_ratio == 1,
        is_streaming=decode.is_streaming if decode else None,
        notes=tuple(notes),
    )


def _described(loaded: LoadedModel, method: MethodFacts, notes: list[str]) -> MethodDescription:
    period = max(loaded.signature.period, method.input_ratio, method.output_ratio)
    try:
        with quiet():
            manner: Manner = measure(loaded.pristine, loaded.signature, method, period, loaded.name)
    except CodecError as error:
        notes.append(str(error))
        return MethodDescription(method)
    latency = round((manner.lag + manner.future) * period)
    return MethodDescription(method, manner.is_streaming, manner.is_stochastic, latency, (manner.past, manner.future))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)

"""What a TorchScript model says of itself: its methods, attributes and sample rate (the nn~ conventions, spec §16)."""

import math
from dataclasses import dataclass
from typing import Any

from .interface import CodecError, reason_of

# An attribute's types by their codes.
TYPES = ("bool", "int", "float", "str", "tensor", "buffer")
MOST_CHANNELS = 1024
MOST_RATIO = 1 << 16
RATES = (1_000, 768_000)


@dataclass(frozen=True)
class MethodFacts:
    """A method as declared: channels, and audio samples per frame, of what goes in and what comes out.

    latency: audio samples by which its answer is late, where the model says so (``M_latency``, a way of our own).
    """

    name: str
    input_channels: int
    input_ratio: int
    output_channels: int
    output_ratio: int
    input_labels: tuple[str, ...] = ()
    output_labels: tuple[str, ...] = ()
    latency: int | None = None


@dataclass(frozen=True)
class AttributeFacts:
    """A setting of the model: the types of its elements and their present values (arrays as nested tuples)."""

    name: str
    types: tuple[str, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Signature:
    """Everything declared. rate_source: where the sample rate was found, empty if nowhere (then the rate is None)."""

    methods: dict[str, MethodFacts]
    attributes: dict[str, AttributeFacts]
    sample_rate: int | None
    rate_source: str
    full_latent_size: int
    notes: tuple[str, ...]

    @property
    def period(self) -> int:
        """Audio samples after which every method has whole frames."""
        ratios = [ratio for one in self.methods.values() for ratio in (one.input_ratio, one.output_ratio)]
        return math.lcm(*ratios) if ratios else 1


def read_signature(module: Any, name: str) -> Signature:
    """The declarations of a loaded module. Raises CodecError when it has no usable method."""
    notes: list[str] = []
    left_out: list[str] = []
    methods: dict[str, MethodFacts] = {}
    for method in _method_names(module):
        try:
            methods[method] = _method(module, method)
        except Exception as error:  # torch raises kinds of its own
            left_out.append(f"method {method} is skipped: {reason_of(error)}")
    notes += left_out
    if not methods and left_out:
        raise CodecError(f"{name} cannot be used: {'; '.join(left_out)}; export it with other settings")
    if not methods:
        raise CodecError(f"{name} has no method that follows the nn~ conventions; export it for nn~ (RAVE: export)")
    if math.lcm(*(ratio for one in methods.values() for ratio in (one.input_ratio, one.output_ratio))) > MOST_RATIO:
        ratios = sorted({ratio for one in methods.values() for ratio in (one.input_ratio, one.output_ratio)})
        raise CodecError(
            f"{name} has methods with frames of {', '.join(map(str, ratios))} samples, which come together only after "
            f"more than {MOST_RATIO}; export it with ratios that divide each other"
        )
    rate, source = _sample_rate(module)
    if rate is None:
        notes.append("the model gives no sample rate; assuming 44100 Hz")
    full = _whole_number(getattr(module, "full_latent_size", 0)) or 0
    return Signature(methods, _attributes(module, notes), rate, source, full, tuple(notes))


def elements(value: Any) -> tuple[Any, ...]:
    """What a getter gave, as a tuple of plain values whatever the exporter's version made of it."""
    if value is None:
        return ()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(_plain(one) for one in value)
    return (value,)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    return tuple(_plain(one) for one in value) if isinstance(value, (list, tuple)) else value


def _method_names(module: Any) -> list[str]:
    known = list(module._c._method_names())
    if "get_methods" in known:
        return [str(one) for one in module.get_methods()]
    return [one for one in known if hasattr(module, f"{one}_params")]


def _method(module: Any, method: str) -> MethodFacts:
    if not module._c._has_method(method):
        raise ValueError("it does not exist")
    numbers = [int(one) for one in getattr(module, f"{method}_params").flatten().tolist()]
    if len(numbers) != 4:
        raise ValueError("its parameters are not four numbers")
    channels_in, ratio_in, channels_out, ratio_out = numbers
    if not (1 <= channels_in <= MOST_CHANNELS and 1 <= channels_out <= MOST_CHANNELS):
        raise ValueError(
            f"it declares {channels_in} channels in and {channels_out} out, and 1 to {MOST_CHANNELS} can be played"
        )
    if not (1 <= ratio_in <= MOST_RATIO and 1 <= ratio_out <= MOST_RATIO):
        raise ValueError(
            f"it declares frames of {ratio_in} samples in and {ratio_out} out, and 1 to {MOST_RATIO} can be played"
        )
    inputs = _labels(module, f"{method}_input_labels", channels_in)
    outputs = _labels(module, f"{method}_output_labels", channels_out)
    latency = _whole_number(getattr(module, f"{method}_latency", None))
    known = latency if latency is not None and 0 <= latency <= MOST_RATIO else None
    return MethodFacts(method, channels_in, ratio_in, channels_out, ratio_out, inputs, outputs, known)


def _labels(module: Any, name: str, count: int) -> tuple[str, ...]:
    found = getattr(module, name, None)
    labels = tuple(str(one) for one in found) if isinstance(found, (list, tuple)) else ()
    return labels if len(labels) == count else ()


def _attributes(module: Any, notes: list[str]) -> dict[str, AttributeFacts]:
    found: dict[str, AttributeFacts] = {}
    names = module.get_attributes() if module._c._has_method("get_attributes") else []
    for name in (str(one) for one in names):
        if name == "none":
            continue
        try:
            codes = [int(one) for one in elements(getattr(module, f"{name}_params", ()))]
            values = elements(getattr(module, f"get_{name}")()) if module._c._has_method(f"get_{name}") else ()
            found[name] = AttributeFacts(name, tuple(TYPES[code] for code in codes), values)
        except Exception as error:
            notes.append(f"attribute {name} is skipped: {reason_of(error)}")
    return found


def _sample_rate(module: Any) -> tuple[int | None, str]:
    if module._c._has_method("get_sample_rate"):
        try:
            rate = _whole_number(module.get_sample_rate())
        except Exception:
            rate = None
        if rate is not None and RATES[0] <= rate <= RATES[1]:
            return rate, "get_sample_rate"
    for name in ("sr", "sampling_rate"):
        rate = _whole_number(getattr(module, name, None))
        if rate is not None and RATES[0] <= rate <= RATES[1]:
            return rate, name
    return None, ""


def _whole_number(value: Any) -> int | None:
    values = elements(value)
    is_number = len(values) == 1 and isinstance(values[0], (int, float)) and not isinstance(values[0], bool)
    return int(values[0]) if is_number and math.isfinite(values[0]) else None

"""Any method of an nn~ model as a stream of sound: effects, feature extractors, codecs taken apart.

As hosts of nn~ do (spec §16.2): of what goes in, the last sample of each frame is kept; what comes out is held for its
frame. The method is called for one period after the other: the samples after which all its ratios are whole frames.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from math import ceil, lcm
from pathlib import Path
from typing import Any

import numpy as np

from ...engine import FloatArray, SettingError
from ...engine.frames.service import WorkOrder
from ...engine.processes.confinement import Limits
from .attribute_changes import AttributeChanges, AttributeElement, turn_of
from .attributes import parsed, sounds_in
from .interface import CodecError, reason_of
from .method import MethodStream
from .probe import MOST_PERIOD, measure, workable_period
from .queue import AudioQueue, RateBridge, rate_ratio
from .signature import MOST_CHANNELS, MOST_RATIO, RATES, MethodFacts, Signature
from .stream import ModuleStream
from .torchscript import ASSUMED_RATE, LoadedModel, load_model, quiet
from .trial import memory_for
from .work import NONSENSE, check_numbers

# Model samples of silence before the first, so that rounding between two rates never leaves a period short.
MARGIN = 2


@dataclass(frozen=True)
class EffectFacts:
    """A method as a box with sound inputs and outputs. period: samples at the model's rate for which it is called.

    turned: attributes that are turned while it plays.
    """

    name: str
    method: str
    inputs: int
    outputs: int
    input_labels: tuple[str, ...]
    output_labels: tuple[str, ...]
    period: int
    sample_rate: int
    methods: tuple[str, ...]
    turned: int = 0

    def ratio(self, engine_rate: float) -> Fraction:
        """Engine samples per period."""
        return self.period * rate_ratio(self.sample_rate, engine_rate)

    def rows(self, engine_rate: float) -> int:
        """Numbers handed over per period: how many samples there are, what is turned, and room for the samples."""
        return 1 + self.turned + self.inputs * (ceil(self.ratio(engine_rate)) + 1)


class EffectWork:
    """Loads a model and opens streams of one of its methods; what is wrong with a setting is among its facts."""

    def __init__(
        self,
        file: str,
        folder: str,
        method: str,
        attributes: Sequence[str] = (),
        turned: Sequence[str] = (),
        confine: Callable[[Limits], object] = lambda limits: None,
    ) -> None:
        from .loader import model_file

        self._reported: Mapping[str, Any] = {}
        setting = "file"
        sounds = sounds_in(attributes, Path(folder))  # while files can still be read
        try:
            path = model_file(file, Path(folder))
            self._loaded = load_model(path, file, lambda size: confine(memory_for(size)))
            setting = "method"
            self._method = method_of(self._loaded.signature, method, file)
            setting = "attributes"
            self._attributes = parsed(attributes, self._loaded.signature, file, Path(folder), sounds)
            _check_taken(self._loaded, self._attributes)
            setting = "turned"
            self._turns = tuple(turn_of(text, self._loaded.signature, file) for text in turned)
            setting = "method"
            self._facts = replace(facts_of(self._loaded, self._method), turned=len(self._turns))
            self._reported = asdict(self._facts)
        except CodecError as error:
            self._reported = {"fault": str(error), "setting": setting}

    def facts(self) -> Mapping[str, Any]:
        """What the method is, as plain data; ``fault`` and ``setting`` where it can't be used."""
        return self._reported

    def open(self, how: Mapping[str, Any]) -> "Effect":
        """how: ``sample_rate``, ``seed``."""
        rate, seed = float(how["sample_rate"]), int(how["seed"])
        return Effect(self._loaded, self._method, self._facts, self._attributes, rate, seed, self._turns)


class Effect:
    """A running method: periods of sound at the engine's rate in and out, its own ``period`` late."""

    is_sound = True

    def __init__(
        self,
        loaded: LoadedModel,
        method: MethodFacts,
        facts: EffectFacts,
        attributes: Mapping[str, tuple[Any, ...]],
        engine_rate: float,
        seed: int,
        turns: Sequence[AttributeElement] = (),
    ) -> None:
        self.facts, self.rows = facts, facts.outputs
        self.ratio = facts.ratio(engine_rate)
        with quiet():
            manner = measure(loaded.pristine, loaded.signature, method, facts.period, loaded.name)
            self._module = ModuleStream(
                loaded.pristine, 1, seed if manner.is_stochastic else None, manner.by_copy, manner.shares_weights
            )
        self._method, self._stream = method, MethodStream(self._module, manner, loaded.name)
        starts = {name: one.values for name, one in loaded.signature.attributes.items()} | dict(attributes)
        self._turning = AttributeChanges(self._module, turns, starts)
        for name, values in attributes.items():
            self._module.set_attribute(name, values)
        self._enter = RateBridge(engine_rate, facts.sample_rate, facts.inputs)
        self.bridge = RateBridge(facts.sample_rate, engine_rate, facts.outputs)
        self._queue = AudioQueue(facts.inputs, 4 * facts.period)
        self.delay = self.onset = self.bridge.delay
        self._begin = 1 + facts.turned
        self._room = (facts.rows(engine_rate) - self._begin) // facts.inputs
        self._queue.push_silence(facts.period + self._margin)

    @property
    def faults(self) -> int:
        """Calls whose result was no number."""
        return self._stream.faults

    def run(self, given: FloatArray, is_first: bool = False, offset: int = 0) -> FloatArray:
        """Periods of input ``[rows]`` or ``[rows, periods]`` to sound ``[outputs, samples]``."""
        columns = given[:, np.newaxis] if given.ndim == 1 else given
        made = []
        for column in columns.T:
            count = int(column[0])
            self._turning.set_to(column[1 : self._begin])
            sound = np.ascontiguousarray(column[self._begin :].reshape(self.facts.inputs, self._room)[:, :count])
            if count:
                self._queue.push(self._enter.convert(sound))
            self._queue.push_silence(max(0, self.facts.period - len(self._queue)))
            made.append(self.bridge.convert(self._period(self._queue.pop(self.facts.period))))
        return np.concatenate(made, axis=1) if made else np.zeros((self.facts.outputs, 0), np.float32)

    def reset(self) -> None:
        """Forget the sound in flight."""
        self._module.reset()
        self._stream.reset()
        self._enter.reset()
        self.bridge.reset()
        self._queue.clear()
        self._queue.push_silence(self.facts.period + self._margin)

    @property
    def _margin(self) -> int:
        return MARGIN if self._enter.ratio != 1 else 0

    def _period(self, sound: FloatArray) -> FloatArray:
        taken, held = self._method.input_ratio, self._method.output_ratio
        with quiet():
            made = self._stream.run(sound[np.newaxis, :, taken - 1 :: taken])[0]
        return np.ascontiguousarray(made.repeat(held, axis=1) if held > 1 else made)


def _check_taken(loaded: LoadedModel, attributes: Mapping[str, tuple[Any, ...]]) -> None:
    """Raise CodecError for values that a model's setters refuse; they are tried on a copy of it."""
    if not attributes:
        return
    with quiet():
        copy = ModuleStream(loaded.pristine, 1, shares_weights=False)
        for name, values in attributes.items():
            try:
                is_refused = bool(copy.set_attribute(name, values))
            except Exception as error:
                raise CodecError(f"{loaded.name}: {name} cannot be set ({reason_of(error)})") from None
            if is_refused:
                raise CodecError(f"{loaded.name} rejects {list(values)} for {name}; choose another value")


def method_of(signature: Signature, method: str, name: str) -> MethodFacts:
    """A model's method. Raises CodecError naming those that there are."""
    if method not in signature.methods:
        raise CodecError(f"{name} has no method '{method}'; it has {', '.join(signature.methods)}")
    found = signature.methods[method]
    if lcm(found.input_ratio, found.output_ratio) > MOST_PERIOD:
        raise CodecError(f"{name}: the ratios of its method {method} have no common frame; export it again")
    return found


def facts_of(loaded: LoadedModel, method: MethodFacts) -> EffectFacts:
    """What a method is as an effect."""
    period = lcm(method.input_ratio, method.output_ratio, loaded.signature.period)
    with quiet():
        period = workable_period(loaded.pristine, loaded.signature, method, period, loaded.name)
    return EffectFacts(
        name=loaded.name,
        method=method.name,
        inputs=method.input_channels,
        outputs=method.output_channels,
        input_labels=method.input_labels,
        output_labels=method.output_labels,
        period=period,
        sample_rate=loaded.signature.sample_rate or ASSUMED_RATE,
        methods=tuple(loaded.signature.methods),
    )


def effect_facts(reported: Mapping[str, Any]) -> EffectFacts:
    """An effect's facts as a worker tells them. Raises SettingError, naming the setting, where there is a fault."""
    if "fault" in reported:
        raise SettingError(str(reported.get("setting")), str(reported["fault"]))
    numbers = {
        "inputs": (1, MOST_CHANNELS),
        "outputs": (1, MOST_CHANNELS),
        "period": (1, MOST_RATIO),
        "sample_rate": RATES,
        "turned": (0, MOST_CHANNELS),
    }
    try:
        check_numbers(reported, numbers)
        facts: dict[str, Any] = {name: reported[name] for name in numbers}
        facts |= {name: str(reported[name]) for name in ("name", "method")}
        facts |= {name: tuple(map(str, reported[name])) for name in ("input_labels", "output_labels", "methods")}
    except (CodecError, KeyError, TypeError):
        raise SettingError("file", NONSENSE) from None
    return EffectFacts(**facts)


def effect_order(
    file: str, folder: Path, method: str, attributes: Sequence[str] = (), turned: Sequence[str] = ()
) -> WorkOrder:
    """The order to a worker to load a model for one of its methods."""
    arguments: dict[str, Any] = {"file": file, "folder": str(folder), "method": method, "attributes": list(attributes)}
    arguments["turned"] = list(turned)
    return WorkOrder(f"{__name__}:EffectWork", arguments, is_confined=True)

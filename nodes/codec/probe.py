"""Find out how a model behaves by trying it: what files say of themselves is not to be relied on.

Measured per method: whether calls of any length give the same (streaming), whether it draws random numbers, whether it
remembers, how far it looks around (context), and how late its answer is.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .interface import Array, CodecError, reason_of
from .lag import BEGINNING, FRAMES, HALF, lag_frames
from .signature import MethodFacts, Signature
from .stream import ModuleStream

# Frames of a trial: delays shorter than that are noticed.
LONG = 16
MOST_CONTEXT = 32
# Samples that are handed over at once at most.
MOST_PERIOD = 1 << 15
LENGTH = 3 * MOST_CONTEXT
# Per frame, on either side of a method.
MOST_NUMBERS = 1 << 17
# Of the peak: results nearer than this are the same result.
CLOSE = 1e-4
# Of the peak: a neighbouring frame that changes more than this belongs to the context.
FELT = 1e-5


def _unwatched(method: str) -> None:
    """Nobody wants to know."""


# Called with a method's name before each call while it is tried, so that somebody can tell trying from hanging.
step: ContextVar[Callable[[str], None]] = ContextVar("step", default=_unwatched)


@dataclass(frozen=True)
class Manner:
    """How one method behaves and is therefore called.

    unit_in / unit_out: samples or frames of its input and output per codec frame. width: channels to feed, the
    declared ones and then zeros. is_streaming: calls of any length give the same. is_stochastic: draws random numbers.
    is_stateful: remembers. one_by_one: always called with a single frame, so that the split of a stream changes
    nothing. past / future: frames of context to be given around, in calls of a multiple of ``block``. is_exact: that
    context is enough; where it is not, ``fades`` says that each call fades in over what the one before foresaw.
    lag: codec frames by which the answer is late beside that, as the model says or as ``lag_frames`` finds. by_copy:
    resets by copying. batches: lanes of a batch are independent streams. shares_weights: it leaves the module's
    parameters alone.
    is_finite: all it gave while it was tried were numbers.
    """

    method: MethodFacts
    unit_in: int
    unit_out: int
    width: int
    is_streaming: bool = True
    is_stochastic: bool = False
    is_stateful: bool = False
    one_by_one: bool = False
    past: int = 0
    future: int = 0
    block: int = 1
    is_exact: bool = True
    fades: bool = False
    lag: float = 0.0
    by_copy: bool = False
    batches: bool = True
    shares_weights: bool = True
    is_finite: bool = True


def measure(pristine: Any, signature: Signature, method: MethodFacts, period: int, name: str) -> Manner:
    """Try a method on copies of a module. ``period``: audio samples per codec frame.

    Raises CodecError when the method fails at every length or gives a wrong size.
    """
    try:
        return _measured(pristine, signature, method, period, name)
    except CodecError:
        raise
    except Exception as error:
        raise CodecError(
            f"{name} cannot be used: its method {method.name} fails at times ({reason_of(error)}); export it again"
        ) from None


def workable_period(pristine: Any, signature: Signature, method: MethodFacts, period: int, name: str) -> int:
    """``period``, or the least power of two times it, up to MOST_PERIOD, that a method takes in one call.

    Some want far more than they declare, such as whole windows of 8192 samples. ``period`` where none is taken.
    """
    tried = period
    while tried <= MOST_PERIOD:
        manner = Manner(method, tried // method.input_ratio, tried // method.output_ratio, method.input_channels)
        if max(manner.width * manner.unit_in, method.output_channels * manner.unit_out) > MOST_NUMBERS:
            break
        if _Trial(pristine, replace(manner, shares_weights=False), 1).works(1):
            return tried
        tried *= 2
    return period


def _measured(pristine: Any, signature: Signature, method: MethodFacts, period: int, name: str) -> Manner:
    manner = Manner(method, period // method.input_ratio, period // method.output_ratio, method.input_channels)
    if max(manner.width * manner.unit_in, method.output_channels * manner.unit_out) > MOST_NUMBERS:
        raise CodecError(f"{name} cannot be used: a frame of its method {method.name} is too large to test")
    trial = _Trial(pristine, replace(manner, shares_weights=False))
    least = trial.least_frames(name)
    some = LONG if least == 1 else 2 * least
    manner = replace(manner, shares_weights=trial.leaves_weights(some))
    if manner.shares_weights:
        trial = _Trial(pristine, manner)
    if not _same(trial.run([some, some]), trial.run([some, some])):
        manner = replace(manner, by_copy=True)
        trial = _Trial(pristine, manner)
    is_stochastic = trial.is_stochastic(some)
    if is_stochastic and method.name == "decode" and signature.full_latent_size > manner.width:
        wider = replace(manner, width=signature.full_latent_size)
        wide = _Trial(pristine, wider)
        if wide.works(some) and wide.spread(some) < trial.spread(some):
            manner, trial, is_stochastic = wider, wide, wide.is_stochastic(some)
    manner = replace(
        manner,
        is_stochastic=is_stochastic,
        is_stateful=trial.remembers(some),
        block=1 if trial.works(least + 1) else least,
    )
    if least > 1 or is_stochastic or not _same(trial.run([LONG]), trial.run([1] * LONG)):
        manner = _mended(manner, trial, least)
    if method.latency is not None:
        manner = replace(manner, lag=method.latency / period)
    elif manner.is_exact:
        # What has no memory gives what a call of the whole gives, the frames ahead later; only a shift in that is lag.
        lag = trial.lag(manner, HALF if manner.is_stateful else BEGINNING)
        if manner.is_stateful or lag >= 1.0:
            manner = replace(manner, lag=max(lag, 0.0))
    batches = not (is_stochastic or manner.by_copy) and trial.batches(some)
    return replace(manner, batches=batches, is_finite=trial.is_finite)


def _mended(manner: Manner, trial: "_Trial", least: int) -> Manner:
    """How to call a method whose result depends on the split: frame by frame, or with context around."""
    if manner.is_stateful and least == 1:
        return replace(manner, one_by_one=True, is_streaming=manner.is_stochastic)
    if manner.is_stateful:
        return replace(manner, past=least - 1, is_streaming=False, is_exact=False)
    past, future = trial.context(manner.block)
    if not (past or future) and least == 1:
        return replace(manner, one_by_one=True)
    is_exact = max(past, future) < MOST_CONTEXT
    if not is_exact:
        future = max(future, 1)
    return replace(
        manner,
        past=max(past, least - 1 - future),
        future=future,
        is_streaming=False,
        is_exact=is_exact,
        fades=not is_exact,
    )


class _Trial:
    """One method of a module tried on the same two lanes of noise, from rest each time."""

    def __init__(self, pristine: Any, manner: Manner, frames: int = LENGTH) -> None:
        self._pristine, self._manner, self._frames = pristine, manner, frames
        self._inputs = self._noise(12)
        self.is_finite = True
        self._stream = ModuleStream(pristine, 1, 0, manner.by_copy, manner.shares_weights)

    def run(self, calls: list[int], seed: int = 0, inputs: Array | None = None) -> Array:
        """From rest, calls of so many frames one after the other; ``[1, channels, all frames * unit_out]``."""
        self._stream.reset()
        self._stream.reseed(seed)
        return self._go_on(self._stream, calls, self._inputs[:1] if inputs is None else inputs)

    def leaves_weights(self, frames: int) -> bool:
        """Whether parameters stay as they are when it is called."""
        self.run([frames])
        return self._stream.weights_written() == 0

    def works(self, frames: int) -> bool:
        """Whether a call of so many frames gives the right size."""
        try:
            self.run([frames])
        except Exception:
            return False
        return True

    def least_frames(self, name: str) -> int:
        """The fewest frames a call may have."""
        for frames in (1, 2, 4, 8, 16):
            if self.works(frames):
                return frames
        try:
            self.run([MOST_CONTEXT])
        except Exception as error:
            method = self._manner.method.name
            raise CodecError(
                f"{name} cannot be used: its method {method} fails ({reason_of(error)}); export it again"
            ) from None
        return MOST_CONTEXT

    def is_stochastic(self, frames: int) -> bool:
        """Whether other random numbers give another result."""
        return not _same(self.run([frames]), self.run([frames], seed=1))

    def remembers(self, frames: int) -> bool:
        """Whether an earlier call changes what a later one gives."""
        fresh = self.run([frames])
        self._stream.reseed(0)
        return not _same(fresh, self._go_on(self._stream, [frames], self._inputs[:1]))

    def context(self, block: int) -> tuple[int, int]:
        """Frames before and after a frame that its result depends on, at most MOST_CONTEXT each."""
        at = MOST_CONTEXT
        whole, change = self._perturbed([-(-(2 * at + 1) // block) * block], at)
        frames = np.abs(change).max((0, 1)).reshape(-1, self._manner.unit_out).max(1)
        felt = np.nonzero(frames > FELT * np.abs(whole).max())[0]
        if not len(felt):
            return 0, 0
        return int(min(max(felt[-1] - at, 0), at)), int(max(at - felt[0], 0))

    def lag(self, manner: Manner, part: float) -> float:
        """Codec frames until a part of a change has come when it is called as ``manner`` says, context not counted."""
        size = 1 if manner.one_by_one or not self.works(manner.block) else FRAMES // manner.block * manner.block
        calls = [size] * (FRAMES // size)
        calls += [manner.block] * ((FRAMES - sum(calls)) // manner.block)
        missing = FRAMES - sum(calls)

        def run(given: Array) -> Array:
            made = self.run(calls, inputs=given)
            return np.concatenate([made, made[..., made.shape[2] - missing * manner.unit_out :]], axis=2)

        return lag_frames(run, manner.method, manner.width, manner.unit_in, manner.unit_out, part)

    def spread(self, frames: int) -> float:
        """By how much results of other random numbers differ: their variance."""
        return float(np.var([self.run([frames], seed=seed) for seed in range(4)], axis=0).mean())

    def batches(self, frames: int) -> bool:
        """Whether the lanes of a batch are streams of their own that can be reset one by one."""
        step = frames * self._manner.unit_in
        first, second, third = (self._inputs[..., place * step : (place + 1) * step] for place in range(3))
        after_reset = np.stack([first[0], third[1]])
        try:
            stream = ModuleStream(self._pristine, 2, 0, shares_weights=self._manner.shares_weights)
            made = [self._go_on(stream, [frames], one) for one in (first, second)]
            stream.reset(0)
            made.append(self._go_on(stream, [frames], after_reset))
        except Exception:
            return False
        alone = self.run([frames] * 3, inputs=self._inputs[1:])
        single = self.run([frames] * 2)
        joined = np.concatenate(made, axis=2)
        restarted = made[2][:1], single[..., : made[2].shape[2]]
        return _same(joined[1:], alone) and _same(joined[:1, :, : single.shape[2]], single) and _same(*restarted)

    def _perturbed(self, calls: list[int], at: int) -> tuple[Array, Array]:
        """A result, and how it changes when one frame of the input is another."""
        other = self._inputs[:1].copy()
        span = slice(at * self._manner.unit_in, (at + 1) * self._manner.unit_in)
        other[..., span] = self._noise(13)[:1, :, span]
        whole = self.run(calls)
        return whole, self.run(calls, inputs=other) - whole

    def _go_on(self, stream: ModuleStream, calls: list[int], source: Array) -> Array:
        manner, place, made = self._manner, 0, []
        for frames in calls:
            given = source[..., place * manner.unit_in : (place + frames) * manner.unit_in]
            step.get()(manner.method.name)
            made.append(stream.call(manner.method.name, given))
            self.is_finite = self.is_finite and bool(np.isfinite(made[-1]).all())
            place += frames
            wanted = (len(source), manner.method.output_channels, frames * manner.unit_out)
            if made[-1].shape != wanted:
                raise ValueError(f"it gives {list(made[-1].shape)} where {list(wanted)} is declared")
        return np.nan_to_num(np.concatenate(made, axis=2), posinf=0.0, neginf=0.0)

    def _noise(self, seed: int) -> Array:
        manner = self._manner
        scale = 1.0 if manner.unit_in == 1 else 0.2
        noise = np.random.default_rng(seed).standard_normal(
            (2, manner.width, self._frames * manner.unit_in), np.float32
        )
        noise[:, manner.method.input_channels :] = 0.0
        return noise * np.float32(scale)


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(np.abs(one - other).max() <= CLOSE * max(np.abs(one).max(), 1e-6))

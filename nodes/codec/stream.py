"""One copy of a TorchScript model at work: its state, its random generator, and the way back to the beginning."""

import copy
import threading
from operator import attrgetter
from typing import Any

import numpy as np

from .attributes import BufferSound
from .interface import Array
from .prints import prints_kept

# Last names of the buffers in which streaming exports keep the past (cached convolutions).
STATE_NAMES = ("pad", "cache")
_rng, _copying = threading.Lock(), threading.Lock()


def clear_residue(module: Any) -> None:
    """Zero the streaming memory of a fresh module, which holds what the exporter last tried it with."""
    for name, buffer in module.named_buffers():
        if name.rpartition(".")[2] in STATE_NAMES:
            buffer.zero_()


def _light_copy(pristine: Any) -> Any:
    """A copy whose parameters are those of the original: large models are copied in no time, and without the memory."""
    import torch

    with _copying:
        parameters = list(pristine.parameters())
        kept = [one.data for one in parameters]
        try:
            for one in parameters:
                one.data = torch.empty(0, dtype=one.dtype)
            module = copy.deepcopy(pristine)
        finally:
            for one, data in zip(parameters, kept, strict=True):
                one.data = data
        for mine, data in zip(module.parameters(), kept, strict=True):
            mine.data = data
    return module


class ModuleStream:
    """A module with its state, called method by method on float32 arrays ``[lanes, channels, frames]``.

    pristine: a module never called, which stays so. by_copy: reset by copying it (for models that keep state outside
    their buffers) instead of restoring the buffers. shares_weights: parameters are those of ``pristine``, not copies.
    With a seed, random numbers are this stream's own and begin anew on reset; None leaves torch's generator alone.
    """

    def __init__(
        self,
        pristine: Any,
        lanes: int = 1,
        seed: int | None = None,
        by_copy: bool = False,
        shares_weights: bool = True,
    ) -> None:
        self.lanes, self.seed, self.by_copy = lanes, seed, by_copy
        self._pristine, self._shares_weights = pristine, shares_weights
        self._settings: dict[str, tuple[Any, ...]] = {}
        self.module = self._copied()
        self._start = {} if by_copy else self._snapshot()
        self._random = self._fresh_random()

    def call(self, method: str, array: Array) -> Array:
        """Run a method; neither the array given nor the one returned is touched later.

        Raises whatever the model raises: torch.jit.Error is no RuntimeError, so expect any Exception.
        """
        import torch

        with torch.inference_mode(), prints_kept():
            given = torch.tensor(array, dtype=torch.float32)
            if self._random is None:
                made = getattr(self.module, method)(given)
            else:
                made = self._with_own_random(method, given)
            if not isinstance(made, torch.Tensor):
                raise RuntimeError(f"{method} gives {type(made).__name__} instead of a tensor")
            return np.array(made.to(torch.float32).numpy(), np.float32, order="C")

    def reset(self, lane: int | None = None) -> None:
        """Back to the state of the start, attributes as they were set; with a lane only that slice of the batch."""
        import torch

        if self.by_copy:
            self.module = self._copied()
        else:
            with torch.inference_mode():
                self._restore(lane)
        if lane is None:
            self._random = self._fresh_random()
        for name, values in self._settings.items():
            self._set(name, values)

    def reseed(self, seed: int) -> None:
        """Begin this stream's random numbers anew from another seed, its state kept."""
        self.seed = seed
        self._random = self._fresh_random()

    def set_attribute(self, name: str, values: tuple[Any, ...]) -> int:
        """Call a setter now and after every reset; its answer, 0 for done."""
        answer = self._set(name, values)
        if answer == 0:
            self._settings[name] = values
        return answer

    def get_attribute(self, name: str) -> Any:
        """Call a getter."""
        import torch

        with torch.inference_mode(), prints_kept():
            return getattr(self.module, f"get_{name}")()

    def _set(self, name: str, values: tuple[Any, ...]) -> int:
        import torch

        buffers = {number: one for number, one in enumerate(values) if isinstance(one, BufferSound)}
        with torch.inference_mode(), prints_kept():
            answer: int | None = 0
            if len(buffers) < len(values) or self.module._c._has_method(f"set_{name}"):
                words = (one.name if isinstance(one, BufferSound) else one for one in values)
                answer = getattr(self.module, f"set_{name}")(*words)
            for number, one in buffers.items():
                answer = answer or self._fill(f"{name}#{number}", one)
        return 0 if answer is None else int(answer)

    def _fill(self, buffer: str, content: BufferSound) -> int | None:
        """Give a buffer its sound (nn~ 1.6: elements of attributes are named ``attribute#index``)."""
        import torch

        if not content.sound.size:
            self.module.clear_buffer_attribute(buffer)
            return 0
        answer: int | None = self.module.set_buffer_attribute(buffer, torch.tensor(content.sound), content.rate)
        return answer

    def weights_written(self) -> int:
        """How many times parameters were written into since the module was copied."""
        return sum(int(one._version) for one in self.module.parameters()) - self._version

    def _copied(self) -> Any:
        module = _light_copy(self._pristine) if self._shares_weights else copy.deepcopy(self._pristine)
        self._version = sum(int(one._version) for one in module.parameters())
        return module

    def _snapshot(self) -> dict[str, Any]:
        return {name: buffer.clone() for name, buffer in self.module.named_buffers() if not name.endswith("_params")}

    def _restore(self, lane: int | None) -> None:
        """Set the buffers anew (a model may have made them views of anything), or one lane's slice of them."""
        now = dict(self.module.named_buffers())
        for name, start in self._start.items():
            if lane is None:
                owner, _, last = name.rpartition(".")
                setattr(attrgetter(owner)(self.module) if owner else self.module, last, start.clone())
                continue
            buffer = now[name]
            if buffer.dim() and buffer.shape[0] >= self.lanes:
                buffer[lane] = start[lane] if start.shape == buffer.shape else 0.0

    def _fresh_random(self) -> Any:
        if self.seed is None:
            return None
        import torch

        return torch.Generator().manual_seed(self.seed % (1 << 63)).get_state()

    def _with_own_random(self, method: str, given: Any) -> Any:
        """Torch has one source of random numbers for everybody; it is borrowed and given back as it was."""
        import torch

        with _rng:
            others = torch.get_rng_state()
            torch.set_rng_state(self._random)
            try:
                return getattr(self.module, method)(given)
            finally:
                self._random = torch.get_rng_state()
                torch.set_rng_state(others)

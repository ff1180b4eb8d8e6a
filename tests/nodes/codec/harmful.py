"""Models that mean harm, made when a test asks for them; none of them can do any in a confined process."""

import torch
from torch import Tensor, nn

from .models import LATENT, RATIO, Codec, unfolded


class Planting(Codec):
    """Writes a file when it is loaded."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    @torch.jit.export
    def __getstate__(self) -> tuple[str, Tensor, Tensor, bool]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.where, self.decode_params, self.encode_params, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[str, Tensor, Tensor, bool]) -> None:
        self.where = state[0]
        self.decode_params = state[1]
        self.encode_params = state[2]
        self.training = state[3]
        torch.save(state[1], self.where)


class Overwriting(Codec):
    """Fills a file of the user's with numbers, through a tensor that is mapped to it."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        mapped = torch.from_file(self.where, True, 4)
        mapped.fill_(7.0)
        return unfolded(torch.tanh(self.make(z)), self.channels) + mapped[0] * 0.0


class Peeping(Codec):
    """Reads a file of the user's."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return unfolded(torch.tanh(self.make(z)), self.channels) + torch.from_file(self.where, False, 4)[0] * 0.0


class Endless(Codec):
    """Never answers."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        while bool(z.abs().sum() >= 0.0):
            z = z * 0.5
        return unfolded(self.make(z), self.channels)


class HangingLater(Codec):
    """Does not answer what is loud; trying it is quiet."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        while bool(z.abs().max() > 500.0):
            z = z * 1.0
        return unfolded(self.make(z), self.channels)


class FailingLater(Codec):
    """Fails where it is loud; trying it is quiet. size: gives twice as much instead. number: gives none instead."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        made = unfolded(self.make(z), self.channels)
        if bool(z.abs().max() > 500.0):
            if self.how == "size":
                made = torch.cat([made, made], -1)
            elif self.how == "number":
                made = made / 0.0
            else:
                assert self.how == "quiet", "it is too loud for me"
        return made


class HangingAtOnce(Codec):
    """Never says what it can do."""

    @torch.jit.export
    def get_methods(self) -> list[str]:
        n = 1
        while n > 0:
            n = 3 - n
        return ["decode"]


class Greedy(Codec):
    """Asks for more memory than there is, in pieces that each look harmless."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        kept: list[Tensor] = []
        for _ in range(1 << 20):
            kept.append(torch.ones(1 << 24))
        return unfolded(self.make(z), self.channels) + kept[0][0]


class Huge(Codec):
    """Asks for 2^40 numbers at once."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return unfolded(self.make(z), self.channels) + torch.zeros(1 << 40)[0]


class Empty(Codec):
    """Answers with what is no number."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return unfolded(self.make(z), self.channels) / 0.0 - torch.inf


class Growing(Codec):
    """Answers twice as much from the fourth call on."""

    calls: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        self.calls += 1
        made = unfolded(self.make(z), self.channels)
        return torch.cat([made, made], -1) if bool(self.calls > 3) else made


__all__ = [
    "LATENT",
    "RATIO",
    "Empty",
    "Endless",
    "FailingLater",
    "Greedy",
    "Growing",
    "HangingAtOnce",
    "HangingLater",
    "Huge",
    "Overwriting",
    "Peeping",
    "Planting",
    "nn",
]

"""How the terrain looks at places while it learns: few clean directions instead of hundreds of tangled waves.

Whitening the Fourier features over the data makes every direction learn at the same speed, which is most of the
recipe's gain; it is a linear map, so it disappears into the first layer afterwards. Points between neighbours on a
line are learnt too, and places all over the map watched, both prepared here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor

# Points looked at between two checks: a few milliseconds' work.
PIECE = 1024
# So many points are whitened over at once; more in pieces.
AT_ONCE = 4 * PIECE


def no_check() -> None:
    """Between pieces of work: nothing."""


@dataclass(frozen=True, eq=False)
class Basis:
    """From coordinates to what the first layer sees.

    frequencies: ``[control_dim, features]`` in cycles per unit, or None: the coordinates themselves. mean ``[waves]``
    and transform ``[waves, directions]``: whitening, or None for the waves as they are.
    """

    frequencies: Tensor | None
    mean: Tensor | None = None
    transform: Tensor | None = None

    def to(self, device: str) -> Basis:
        """The same on another device."""
        parts = (self.frequencies, self.mean, self.transform)
        return Basis(*(part.to(device) if part is not None else None for part in parts))

    def __call__(self, x: Tensor, check_stop: Callable[[], None] = no_check) -> Tensor:
        """What the first layer sees at coordinates ``[points, control_dim]``: ``[points, directions]``."""
        import torch

        if self.mean is None or self.transform is None:
            return waves(x, self.frequencies)
        seen = torch.empty(len(x), self.transform.shape[1], device=x.device)
        for begin in range(0, len(x), PIECE):
            piece = waves(x[begin : begin + PIECE], self.frequencies) - self.mean
            torch.mm(piece, self.transform, out=seen[begin : begin + PIECE])
            check_stop()
        return seen


def whitened(
    frequencies: Tensor | None,
    x: Tensor,
    directions: int,
    ridge: float,
    random: Generator,
    check_stop: Callable[[], None] = no_check,
) -> Basis:
    """The basis of the ``directions`` strongest directions over ``x``, of mean variance 1 there.

    ridge: damping of weak directions, relative to the strongest. check_stop: called between pieces of work.
    """
    import torch

    mean, covariance = _spread(frequencies, x, check_stop)
    value, vector = _eigen(covariance, directions, random)
    check_stop()
    transform = vector * (value.clamp_min(0) + ridge * value[0]).rsqrt()
    variance = (transform * (covariance @ transform)).sum(0).mean()
    return Basis(frequencies, mean, torch.div(transform, variance.sqrt()))


def waves(x: Tensor, frequencies: Tensor | None) -> Tensor:
    """Sines, then cosines of coordinates ``[points, control_dim]``; the coordinates themselves without frequencies."""
    import torch

    if frequencies is None:
        return x
    angle = (2 * math.pi * x) @ frequencies
    return torch.cat([angle.sin(), angle.cos()], 1)


def scattered(low: Tensor, high: Tensor, margin: float, count: int, seed: int) -> Tensor:
    """``[count, control_dim]`` places spread evenly over the box between two corners, made ``margin`` times as wide."""
    import torch

    sobol = torch.quasirandom.SobolEngine(len(low), scramble=True, seed=seed)  # type: ignore[no-untyped-call]
    places: Tensor = (low + high) / 2 + (sobol.draw(count) * 2 - 1) * (high - low) / 2 * margin
    return places


def densified(x: Tensor, z: Tensor, lengths: tuple[int, ...], times: int, jump: float) -> tuple[Tensor, Tensor]:
    """The points, then those between neighbours on one line: ``times`` as many, linear in both.

    lengths: points of each line. A step longer than ``jump`` times the median is a lifted pen and stays empty.
    """
    import torch

    line = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    same = line[1:] == line[:-1]
    if not same.any():
        return x, z
    step = (x[1:] - x[:-1]).norm(dim=1)
    joined = same & (step <= jump * step[same].median())
    xs, zs = [x], [z]
    for index in range(1, times):
        share = index / times
        xs.append((x[:-1] * (1 - share) + x[1:] * share)[joined])
        zs.append((z[:-1] * (1 - share) + z[1:] * share)[joined])
    return torch.cat(xs), torch.cat(zs)


def drawn_together(z: Tensor, lengths: tuple[int, ...], points: float) -> Tensor:
    """Latents ``[points, latents]`` smoothed along each line by a Gaussian, its width in points."""
    import torch

    reach = max(1, math.ceil(3 * points))
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / points) ** 2)
    smoothed = []
    for line in torch.split(z, list(lengths)):
        if len(line) < 3:
            smoothed.append(line)
            continue
        padded = torch.cat([line[:1].expand(reach, -1), line, line[-1:].expand(reach, -1)]).T[:, None]
        smoothed.append(torch.nn.functional.conv1d(padded, (kernel / kernel.sum())[None, None].to(z.dtype))[:, 0].T)
    return torch.cat(smoothed)


def _spread(frequencies: Tensor | None, x: Tensor, check_stop: Callable[[], None]) -> tuple[Tensor, Tensor]:
    """Mean ``[waves]`` and covariance ``[waves, waves]`` of the waves over places.

    Of many places piece by piece, about a mean of some of them, so that little is lost where waves hardly change.
    """
    import torch

    if len(x) <= AT_ONCE:
        seen = waves(x, frequencies)
        mean = seen.mean(0)
        seen = seen - mean
        return mean, seen.T @ seen / len(seen)
    about = waves(x[:: math.ceil(len(x) / AT_ONCE)], frequencies).mean(0)
    total, products = torch.zeros(len(about)).double(), torch.zeros(len(about), len(about)).double()
    for piece in torch.split(x, PIECE):
        seen = waves(piece, frequencies) - about
        total += seen.sum(0)
        products += seen.T @ seen
        check_stop()
    off = total / len(x)
    return about + off.float(), (products / len(x) - torch.outer(off, off)).float()


def _eigen(covariance: Tensor, directions: int, random: Generator) -> tuple[Tensor, Tensor]:
    """The largest eigenvalues and their vectors: exact up to 1024 waves, by subspace iteration beyond."""
    import torch

    size = len(covariance)
    if size <= 1024:
        value, vector = torch.linalg.eigh(covariance)
        return value.flip(0)[:directions], vector.flip(1)[:, :directions]
    guess = torch.randn(size, directions + 32, generator=random)
    for _ in range(3):
        guess = torch.linalg.qr(covariance @ guess).Q
    value, turn = torch.linalg.eigh(guess.T @ covariance @ guess)
    return value.flip(0)[:directions], (guess @ turn).flip(1)[:, :directions]

"""Latent scale: stretch, shift or freeze the latents on their way to a decoder."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Latent, Param, Setting, SettingError, node

LIMIT = 1e6

Factor = Annotated[float, Param(-10.0, 10.0, soft=(-3, 3), help="Scales all latents; above 1 exaggerates.")]
Shift = Annotated[float, Param(-10.0, 10.0, soft=(-3, 3), help="Added to all latents after scaling.")]
Freeze = Annotated[bool, Param(0, 1, help="Hold the latest frame; scale and offset still act on it.")]
PerLatent = Annotated[tuple[float, ...], Setting(help="One value per latent, from the first.")]


@node(role="latent_scaler")
class LatentScale:
    """Scale and shift latents, or freeze them.

    ``latent · scale · scales[i] + offset + offsets[i]``. Latents beyond a list's end count as scale 1 and offset 0.
    """

    def __init__(self, scales: PerLatent = (), offsets: PerLatent = ()) -> None:
        self._scales, self._offsets = _checked("scales", scales), _checked("offsets", offsets)
        self._factors: FloatArray = np.ones((0, 1), np.float32)
        self._shifts: FloatArray = np.zeros((0, 1), np.float32)
        self._frozen: FloatArray = np.zeros((0, 1), np.float32)

    def process(
        self,
        latents: Annotated[Latent, Help("the latents to scale")],
        out: Latent,
        scale: Factor = 1.0,
        offset: Shift = 0.0,
        freeze: Freeze = False,
    ) -> Annotated[Latent, Help("the scaled latents")]:
        """Fill ``out`` ``[size, frames]``."""
        if not latents.shape[1]:
            return out
        if len(self._factors) != len(latents):
            self._fit(len(latents))
        if not freeze and np.isfinite(latents[:, -1]).all():
            self._frozen[:] = latents[:, -1:]
        np.multiply(self._frozen if freeze else latents, self._factors, out=out)
        np.multiply(out, scale, out=out)
        np.add(out, self._shifts, out=out)
        return np.add(out, offset, out=out)

    def reset(self) -> None:
        """Forget the frame that is held."""
        self._frozen.fill(0.0)

    def _fit(self, size: int) -> None:
        self._factors, self._shifts = np.ones((size, 1), np.float32), np.zeros((size, 1), np.float32)
        scales, offsets = self._scales[:size], self._offsets[:size]
        self._factors[: len(scales), 0] = scales
        self._shifts[: len(offsets), 0] = offsets
        self._frozen = np.zeros((size, 1), np.float32)


def _checked(setting: str, values: tuple[float, ...]) -> tuple[float, ...]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LIMIT:
            raise SettingError(setting, f"{value!r} is not valid for a latent; give numbers from -1e6 to 1e6")
    return values

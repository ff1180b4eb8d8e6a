"""A terrain as a wavetable: single cycles met on a walk through its map, as synthesisers read them."""

import numpy as np
from numpy.typing import NDArray

from ..codec.interface import Codec
from ..terrain.network import Weights, evaluate, shape_of

# Samples per cycle, the length that wavetable synthesisers expect.
CYCLE = 2048
MOST_CYCLES = 256
SETTLE_FRAMES = 12
PEAK = 10 ** (-1 / 20)

Box = tuple[float, float, float, float]


def wavetable(weights: Weights, codec: Codec, box: Box, cycles: int = 64) -> NDArray[np.float32]:
    """``cycles`` sounds met from left to right on a map, up and down on the way: float32 ``[1, cycles * 2048]``.

    box: left, top, right, bottom. Each place is held until its sound has settled; of its steady spectrum one cycle is
    made, with phases that don't change from cycle to cycle, so that neighbours blend.
    """
    axes = shape_of(weights).control_dim
    along = np.linspace(0.0, 1.0, cycles)
    places = np.zeros((cycles, axes), np.float32)
    places[:, 0] = box[0] + (box[2] - box[0]) * along
    if axes > 1:
        places[:, 1] = box[1] + (box[3] - box[1]) * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * along))
    phases = np.exp(2j * np.pi * np.random.default_rng(0).random(CYCLE // 2 + 1))
    made = np.zeros((cycles, CYCLE))
    for number, latents in enumerate(evaluate(weights, places)):
        held = np.repeat(latents[None, :, None], SETTLE_FRAMES, axis=2)
        sound = codec.new_instance().decode(np.ascontiguousarray(held, np.float32))[0, 0]
        made[number] = _cycle(sound[len(sound) // 2 :].astype(np.float64), phases)
    made *= PEAK / max(float(np.abs(made).max()), 1e-9)
    return np.asarray(made.reshape(1, -1), dtype=np.float32)


def _cycle(sound: NDArray[np.float64], phases: NDArray[np.complex128]) -> NDArray[np.float64]:
    """One cycle whose harmonics are as strong as the sound is around multiples of its strongest pitch."""
    magnitudes = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    magnitudes[: max(2, int(len(sound) * 25 / 44100))] = 0.0
    pitch = max(2, int(np.argmax(magnitudes)))
    harmonics = np.zeros(CYCLE // 2 + 1)
    for harmonic in range(1, min(CYCLE // 2, (len(magnitudes) - 1) // pitch) + 1):
        around = magnitudes[int(pitch * (harmonic - 0.5)) : int(pitch * (harmonic + 0.5)) + 1]
        harmonics[harmonic] = np.sqrt((around**2).sum())
    cycle = np.fft.irfft(harmonics * phases, CYCLE)
    return np.asarray(cycle / max(float(np.sqrt(np.mean(cycle**2))), 1e-9) * 0.25, dtype=np.float64)

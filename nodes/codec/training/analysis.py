"""Taking a sound apart into what the built-in codec can play: partials on semitones, and noise between them.

Peaks of four spectra (long windows for low notes, short for high), each moved to its nearest semitone; what is
left between the peaks is noise. Sinusoids plus noise after Serra and Smith (1990).
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ....graphs.file_write import write_file
from ..bank.filterbank import BANDS, Filterbank
from ..bank.layout import (
    HOP,
    HOPS_PER_FRAME,
    LOOK_BACK,
    LOWEST_NOTE,
    NOISE_BANDS,
    PARTIALS,
    RATIO,
    SAMPLE_RATE,
    Sound,
    hann,
    noise_centres,
    noise_shapes,
)

FloatArray = NDArray[np.float32]

# Window in samples, and the range in Hz whose peaks are read from it.
RESOLUTIONS = ((8192, 0.0, 180.0), (4096, 180.0, 700.0), (2048, 700.0, 2800.0), (1024, 2800.0, 22050.0))
# How far a peak stands above its surroundings, as a ratio.
PROMINENCE = 3.2
QUIETEST_PEAK = 2e-4
# Below this, what lies between strong partials is their skirt and not noise.
LOW_NOISE_HZ = 350.0
# Noise has a mean power e^0.5772 over its geometric mean; the latter ignores stray partials between the peaks.
GEOMETRIC_MEAN_OF_NOISE = 0.5772
CHUNK = 512


@dataclass(frozen=True)
class Features:
    """A sound as the codec learns it, hop by hop (256 samples at 44.1 kHz), in whole frames of four hops.

    heard: the encoder's filterbank, ``[hops, 152]``. level: rms of each frame, ``[frames]``. amplitude: of 112
    semitone partials (1 is full scale). bend: their distance from the semitone, −0.5 … 0.5. noise: gain of 32 bands
    over uniform noise of ±1. sound: what the decoder should play, ``[hops * 256]``, as late as it will play it.
    """

    heard: FloatArray
    level: FloatArray
    amplitude: FloatArray
    bend: FloatArray
    noise: FloatArray
    sound: FloatArray

    def __len__(self) -> int:
        """How many hops there are."""
        return len(self.amplitude)

    def cut(self, start: int, end: int) -> "Features":
        """The hops ``start`` … ``end``, both at the border of a frame."""
        hops = slice(start, end)
        frames = slice(start // HOPS_PER_FRAME, end // HOPS_PER_FRAME)
        samples = slice(start * HOP, end * HOP)
        return Features(
            self.heard[hops],
            self.level[frames],
            self.amplitude[hops],
            self.bend[hops],
            self.noise[hops],
            self.sound[samples],
        )


FIELDS = ("heard", "level", "amplitude", "bend", "noise", "sound")


def analyse(sound: Sound) -> Features:
    """Features of a mono 44.1 kHz sound, aligned with what the causal encoder has heard by each hop."""
    hops = len(sound) // RATIO * HOPS_PER_FRAME
    amplitude, bend = np.zeros((hops, PARTIALS), np.float32), np.zeros((hops, PARTIALS), np.float32)
    noise = np.zeros((hops, NOISE_BANDS), np.float32)
    padding = RESOLUTIONS[0][0]
    padded = np.pad(sound.astype(np.float32), padding)
    centres = (np.arange(hops) + 1) * HOP - LOOK_BACK
    for length, low, high in RESOLUTIONS:
        windows = sliding_window_view(padded, length)
        sharpness = _sharpness(sound, length, low, high, centres) if length >= 4096 else np.ones(hops)
        for start in range(0, hops, CHUNK):
            part = slice(start, min(hops, start + CHUNK))
            spectra = np.abs(np.fft.rfft(windows[centres[part] + padding - length // 2] * hann(length)))
            found = _peaks((spectra * (4 / length)).astype(np.float32), length, low, high, noise[part])
            hop, partial, height, offset = found
            amplitude[part][hop, partial] = height * sharpness[part][hop]
            bend[part][hop, partial] = offset
    lows = _follow_drum(sound, centres, amplitude, bend)
    heard, level = _heard(sound[: hops * HOP])
    late = np.concatenate([np.zeros(LOOK_BACK, np.float32), sound.astype(np.float32)])[: hops * HOP]
    return Features(heard, level, amplitude, bend, _without_skirts(noise, amplitude, lows), late)


def save_features(path: Path, parts: dict[str, Features]) -> None:
    """Write the features of named sounds as one npz of half floats."""
    arrays = {
        f"{name}/{field}": getattr(features, field).astype(np.float16)
        for name, features in parts.items()
        for field in FIELDS
    }
    held = io.BytesIO()
    np.savez(held, **arrays)
    write_file(path, held.getvalue())


def load_features(path: Path) -> dict[str, Features]:
    """Read what ``save_features`` wrote; the arrays stay half floats until they are used."""
    with np.load(path, allow_pickle=False) as arrays:
        names = sorted({key.split("/")[0] for key in arrays.files})
        read = {key: arrays[key] for key in arrays.files}
    return {name: Features(*(read[f"{name}/{field}"] for field in FIELDS)) for name in names}


def _heard(sound: Sound) -> tuple[FloatArray, FloatArray]:
    filterbank, frames = Filterbank(1), sound.astype(np.float32)[None]
    parts = [filterbank.hear(frames[:, start : start + 64 * RATIO]) for start in range(0, frames.shape[1], 64 * RATIO)]
    bands, levels = zip(*parts, strict=True) if parts else ((np.zeros((1, 0, BANDS)),), (np.zeros((1, 0)),))
    return np.concatenate(bands, axis=1)[0], np.concatenate(levels, axis=1)[0]


def _peaks(
    spectra: FloatArray, length: int, low: float, high: float, noise: FloatArray
) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray, FloatArray]:
    """Partials within low … high Hz as (hop, partial, amplitude, bend); fills the noise bands of that range."""
    first = max(1, int(low * length / SAMPLE_RATE) - 1)
    last = min(length // 2 - 1, int(high * length / SAMPLE_RATE) + 2)
    around = spectra[:, first - 1 : last + 2]
    logs = np.log(around + 1e-7)
    middle = around[:, 1:-1]
    floor = np.exp(_moving_mean(logs, 25))[:, 1:-1]
    is_peak = (middle > around[:, :-2]) & (middle >= around[:, 2:])
    is_peak &= (middle > PROMINENCE * floor) & (middle > QUIETEST_PEAK)
    left, centre, right = logs[:, :-2], logs[:, 1:-1], logs[:, 2:]
    shift = np.clip(0.5 * (left - right) / np.minimum(left - 2 * centre + right, -1e-9), -0.5, 0.5)
    height = np.exp(centre - 0.25 * (left - right) * shift)
    hertz = (np.arange(first, last + 1) + shift) * SAMPLE_RATE / length
    semitone = 12 * np.log2(np.maximum(hertz, 1.0) / 440) + 69 - LOWEST_NOTE
    partial = np.round(semitone).astype(np.intp)
    kept = is_peak & (hertz >= low) & (hertz < high) & (partial >= 0) & (partial < PARTIALS)
    if length <= 4096:
        _fill_noise(noise, middle, is_peak, np.arange(first, last + 1) * SAMPLE_RATE / length, length, low, high)
    hop, place = kept.nonzero()
    loudest_last = np.argsort(height[hop, place], kind="stable")
    hop, place = hop[loudest_last], place[loudest_last]
    chosen = partial[hop, place]
    bend = (semitone[hop, place] - chosen).astype(np.float32)
    return hop, chosen, height[hop, place].astype(np.float32), bend


def _fill_noise(
    noise: FloatArray,
    spectra: FloatArray,
    is_peak: NDArray[np.bool_],
    hertz: NDArray[np.float64],
    length: int,
    low: float,
    high: float,
) -> None:
    centres = noise_centres()
    bands = np.flatnonzero((centres >= (0.0 if length == 4096 else low)) & (centres < high))
    reach = np.maximum(60.0, 0.18 * centres[bands])
    nearby = (np.abs(hertz[:, None] - centres[bands]) < reach).astype(np.float32)
    covered = _moving_mean(is_peak.astype(np.float32), 7) > 1e-3
    between = (~covered).astype(np.float32)
    share = between @ nearby
    level = (np.log(spectra**2 + 1e-14) * between) @ nearby / np.maximum(share, 1.0)
    power = np.where(share > 0, np.exp(level + GEOMETRIC_MEAN_OF_NOISE), 0.0)
    white = hann(length).astype(np.float64)
    unit = (white**2).sum() * (4 / length) ** 2 / 3
    noise[:, bands] = np.sqrt(power / unit)


def _without_skirts(noise: FloatArray, amplitude: FloatArray, lows: Sound) -> FloatArray:
    """Leave to the low noise bands only the power that partials don't explain, and nothing where they explain most."""
    low = noise_centres() < LOW_NOISE_HZ
    reach = int(np.ceil(12 * np.log2(LOW_NOISE_HZ / 27.5)))
    left = lows - (amplitude[:, :reach] ** 2).sum(axis=1) / 2
    found = (noise[:, low] ** 2) @ noise_shapes()[low].mean(axis=1) / 3
    scale = np.sqrt(np.clip(left / (found + 1e-12), 0.0, 1.0)) * (left > lows / 4)
    out = noise.copy()
    out[:, low] *= scale[:, None]
    return out


def _follow_drum(sound: Sound, centres: NDArray[np.intp], amplitude: FloatArray, bend: FloatArray) -> Sound:
    """Hear a falling drum as one gliding partial: its pitch moves too fast for a long window to have a peak.

    Where the lows have one steady instantaneous frequency, and the peaks found so far explain less than half of
    their power, a partial takes the place of the peaks. Returns the power of the lows at each hop.
    """
    from scipy.signal import butter, hilbert, sosfiltfilt

    passed = sosfiltfilt(butter(2, [25.0, LOW_NOISE_HZ], "bandpass", fs=SAMPLE_RATE, output="sos"), sound)
    analytic = np.asarray(hilbert(passed), dtype=np.complex128)
    power = np.abs(analytic[1:]) ** 2
    hertz = np.angle(analytic[1:] * np.conj(analytic[:-1])) * SAMPLE_RATE / (2 * np.pi)
    window = hann(1024)[::16] / hann(1024)[::16].sum()
    places = np.clip(centres // 16, 0, (len(power) - 1) // 16)
    level, first, second = (
        np.convolve((power * hertz**order)[::16], window, mode="same")[places] for order in range(3)
    )
    middle = first / (level + 1e-12)
    spread = np.sqrt(np.maximum(second / (level + 1e-12) - middle**2, 0.0))
    partial = 12 * np.log2(np.clip(middle, 28.0, LOW_NOISE_HZ) / 440) + 69 - LOWEST_NOTE
    reach = int(np.ceil(12 * np.log2(LOW_NOISE_HZ / 27.5)))
    explained = (amplitude[:, :reach] ** 2).sum(axis=1)
    gliding = np.flatnonzero((spread < 0.35 * middle) & (explained < level / 2) & (level > 1e-4) & (middle > 28))
    chosen = np.round(partial[gliding]).astype(np.intp)
    amplitude[gliding, :reach] = 0.0
    amplitude[gliding, chosen] = np.sqrt(level[gliding])
    bend[gliding, chosen] = np.clip(partial[gliding] - chosen, -0.5, 0.5)
    return np.asarray(level / 2, dtype=np.float64)


def _sharpness(sound: Sound, length: int, low: float, high: float, centres: NDArray[np.intp]) -> Sound:
    """How much louder the range is at each centre than its long window says: gives drums their attack back."""
    from scipy.signal import butter, hilbert, sosfiltfilt

    passed = sosfiltfilt(butter(4, [max(low, 20.0), high], "bandpass", fs=SAMPLE_RATE, output="sos"), sound)
    power = np.abs(np.asarray(hilbert(passed), dtype=np.complex128)) ** 2
    places = np.clip(centres // 32, 0, (len(sound) - 1) // 32)
    short, long = (
        np.convolve(power[::32], hann(size)[::32] / hann(size)[::32].sum(), mode="same")[places]
        for size in (1024, length)
    )
    return np.asarray(np.clip(np.sqrt((short + 1e-10) / (long + 1e-10)), 0.0, 2.0), dtype=np.float64)


def _moving_mean(values: FloatArray, width: int) -> FloatArray:
    padded = np.pad(values, ((0, 0), (width // 2, width // 2)), mode="edge")
    total = np.cumsum(padded, axis=1, dtype=np.float64)
    total = np.pad(total, ((0, 0), (1, 0)))
    return ((total[:, width:] - total[:, :-width]) / width).astype(np.float32)

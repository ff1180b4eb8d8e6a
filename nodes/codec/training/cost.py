"""What training a codec on somebody's sounds costs, before anybody begins: minutes of one processor core.

Without torch and scipy, which only the training itself needs.
"""

import time
from collections.abc import Iterable
from math import ceil
from pathlib import Path

import numpy as np

from ...audiofile import SoundFile, list_sounds

# Of a training that goes on from the built-in codec: steps on what was found, and perceptual ones.
STEPS, AUDIBLE_STEPS = 500, 1500
LEAST_SECONDS = 5.0
# Of sound: less is not enough to train a codec on, more does not fit.
MOST_MINUTES = 180.0
# Seconds of processor time on the reference core: for a second of sound, a step of each kind, and all else.
ANALYSING, STEP, AUDIBLE_STEP, BESIDE = 0.11, 0.47, 0.70, 60.0
# GFLOP/s of that core (AVX2, 2026), as ``core_speed`` measures them.
REFERENCE = 85.0
SIDE, MULTIPLIED, TRIES = 384, 4, 24


def minutes(seconds: float, speed: float, steps: int = STEPS, audible_steps: int = AUDIBLE_STEPS) -> float:
    """About how many minutes a training takes at most, with nothing else to do; it ends sooner when nothing comes.

    seconds: of sound to learn from. speed: GFLOP/s of the core, from ``core_speed``. A graphics card is faster.
    """
    work = seconds * ANALYSING + steps * STEP + audible_steps * AUDIBLE_STEP + BESIDE
    return work * REFERENCE / speed / 60


def core_speed(seed: int = 0) -> float:
    """How fast one core of this machine multiplies matrices, in GFLOP/s: measured in a fifth of a second.

    Processor time is taken and the best of many tries, so that others who are at work hardly matter.
    """
    random = np.random.default_rng(seed)
    one, other = random.standard_normal((2, SIDE, SIDE)).astype(np.float32)
    spent = []
    for _ in range(TRIES):
        began = time.process_time()
        for _ in range(MULTIPLIED):
            np.matmul(one, other)
        spent.append(time.process_time() - began)
    work = 2 * SIDE**3 * MULTIPLIED / 1e9
    return work / max(min(spent), 1e-6)


def in_words(minutes: float) -> str:
    """A cost for people: ``at most about 20 minutes``."""
    if minutes >= 90:
        return f"at most about {ceil(minutes / 60)} hours"
    rounded = max(1, ceil(minutes) if minutes < 10 else ceil(minutes / 5) * 5)
    return f"at most about {rounded} minute{'s' if rounded > 1 else ''}"


def is_enough(seconds: float) -> bool:
    """Whether so much sound can be learned from."""
    return LEAST_SECONDS <= seconds <= MOST_MINUTES * 60


def is_trainable(codec: str) -> bool:
    """Whether a codec, as patches name it, is the built-in bank or one trained from it."""
    return codec == "builtin:bank" or codec.lower().endswith(".npz")


def sounds_in(files: Iterable[Path]) -> list[Path]:
    """Sound files, and those in folders. Raises SoundError."""
    return [path for file in files for path in (list_sounds(file) if file.is_dir() else [file])]


def seconds_of(files: Iterable[Path]) -> float:
    """How long the sounds in files and folders are together. Raises SoundError."""
    found = 0.0
    for path in sounds_in(files):
        with SoundFile(path) as file:
            found += file.frames / file.sample_rate
    return found

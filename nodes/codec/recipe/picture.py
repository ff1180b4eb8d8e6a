"""Spectrograms side by side: what went in, what the bank can do at best, and what the codec made of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..bank import load_bank
from ..bank.layout import SAMPLE_RATE
from ..likeness import reproduce, spectrum
from ..training.evaluate import oracle
from .sounds import read_sound

WIDTH, HEIGHT, MARGIN = 300, 110, 16
SECONDS = 3.0
RANGE_DB = (-90.0, -15.0)
LOW_HZ, HIGH_HZ = 40.0, 18000.0
TITLES = ("original", "analysis oracle", "builtin:bank")


def draw_spectrograms(files: Sequence[Path], image: Path) -> None:
    """Write a PNG with a row for every mono 44.1 kHz file; low to high is 40 Hz to 18 kHz, bright is loud."""
    sheet = Image.new("RGB", (3 * (WIDTH + 4) + 4, MARGIN + len(files) * (HEIGHT + MARGIN)), (18, 18, 20))
    pen = ImageDraw.Draw(sheet)
    for row, path in enumerate(files):
        sound = read_sound(path)[: round(SECONDS * SAMPLE_RATE)]
        versions = (sound, oracle(sound), reproduce(load_bank(), sound[None])[0])
        top = MARGIN + row * (HEIGHT + MARGIN)
        for column, version in enumerate(versions):
            left = 4 + column * (WIDTH + 4)
            pen.text((left, top - MARGIN + 2), f"{path.stem} · {TITLES[column]}", fill=(200, 200, 205))
            sheet.paste(Image.fromarray(_pixels(version)), (left, top))
    sheet.quantize(64).save(image, optimize=True)


def _pixels(sound: NDArray[np.float64]) -> NDArray[np.uint8]:
    magnitudes = spectrum(sound)
    hertz = np.geomspace(HIGH_HZ, LOW_HZ, HEIGHT)
    rows = np.clip(hertz * 2048 / SAMPLE_RATE, 0, magnitudes.shape[1] - 1).astype(int)
    columns = np.linspace(0, len(magnitudes) - 1, WIDTH).astype(int)
    decibels = 20 * np.log10(magnitudes[columns][:, rows].T + 1e-6)
    bright = np.clip((decibels - RANGE_DB[0]) / (RANGE_DB[1] - RANGE_DB[0]), 0, 1)
    colours = np.stack([bright**0.8, bright**1.6, 0.25 + 0.4 * bright * (1 - bright) * 2], axis=2)
    return np.asarray(np.clip(colours, 0, 1) * 255, dtype=np.uint8)

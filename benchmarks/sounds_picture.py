"""The picture of docs/sounds.md: recordings, and what a map makes of them, as spectrograms side by side.

Run: .venv/bin/python benchmarks/sounds_picture.py docs/images/sounds.jpg [--clips FOLDER]
The clips come from benchmarks/clips.py. Low to high is 40 Hz to 18 kHz, bright is loud.
"""

import argparse
from pathlib import Path

import numpy as np
from clips import default_folder, make
from own_sounds import Array, learned_map
from PIL import Image, ImageDraw

from latent_terrain.nodes.codec.likeness import spectrum
from latent_terrain.nodes.terrain.line_audio import places_on

SHOWN = ("loop_amen", "guit_em9", "fd_voice50", "tp_blackbird", "wes_traveling_minstrels")
TITLES = ("recording", "map, builtin:bank", "map, builtin:sounds", "half speed", "held still")
WIDTH, HEIGHT, MARGIN, SECONDS = 250, 110, 18, 3.0
RANGE_DB, LOW_HZ, HIGH_HZ = (-90.0, -15.0), 40.0, 18_000.0


def pixels(sound: Array, rate: float) -> Array:
    """A spectrogram of three seconds: uint8 ``[HEIGHT, WIDTH, 3]``."""
    whole = np.pad(sound, (0, max(0, round(SECONDS * rate) - len(sound))))[: round(SECONDS * rate)]
    magnitudes = spectrum(whole.astype(np.float64))
    rows = np.clip(np.geomspace(HIGH_HZ, LOW_HZ, HEIGHT) * 2048 / rate, 0, magnitudes.shape[1] - 1).astype(int)
    columns = np.linspace(0, len(magnitudes) - 1, WIDTH).astype(int)
    decibels = 20 * np.log10(magnitudes[columns][:, rows].T + 1e-6)
    bright = np.clip((decibels - RANGE_DB[0]) / (RANGE_DB[1] - RANGE_DB[0]), 0, 1)
    colours = np.stack([bright**0.8, bright**1.6, 0.25 + 0.5 * bright * (1 - bright)], axis=2)
    return np.asarray(np.clip(colours, 0, 1) * 255, np.uint8)


def main() -> None:
    """Learn both maps, play their lines, draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("image", type=Path)
    parser.add_argument("--clips", type=Path, default=default_folder())
    words = parser.parse_args()
    files = make(words.clips)
    bank, own = (learned_map(name, files, (), None) for name in ("builtin:bank", "builtin:sounds"))
    sheet = Image.new("RGB", (len(TITLES) * (WIDTH + 4) + 4, len(SHOWN) * (HEIGHT + MARGIN) + 4), (18, 18, 20))
    pen = ImageDraw.Draw(sheet)
    for row, name in enumerate(SHOWN):
        number = own.names.index(name)
        places = own.places[number]
        held = np.repeat(places[len(places) // 2 :][:1], len(places), axis=0)
        versions = (
            own.sounds[number],
            bank.play(bank.places[bank.names.index(name)]),
            own.play(places),
            own.play(places_on(places, 2 * len(places))),
            own.play(held),
        )
        top = MARGIN + row * (HEIGHT + MARGIN)
        for column, (title, sound) in enumerate(zip(TITLES, versions, strict=True)):
            left = 4 + column * (WIDTH + 4)
            pen.text((left, top - MARGIN + 4), f"{name} · {title}", fill=(205, 205, 210))
            sheet.paste(Image.fromarray(pixels(sound, own.rate)), (left, top))
    words.image.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(words.image, quality=80, optimize=True)


if __name__ == "__main__":
    main()

"""Make the basis in which ``builtin:sounds`` places sounds, from folders of recordings of many kinds.

Run: python -m latent_terrain.nodes.codec.recipe.places FOLDER… -o weights.npz
The shipped one was made from the Debian packages that ``benchmarks/clips.py`` fetches, up to 150 files of each.
"""

import argparse
from pathlib import Path

import numpy as np

from ...audiofile import SoundError, SoundFile, list_sounds
from ..sounds.descriptors import statistics
from ..sounds.layout import PLACE_LATENTS, PLACE_RMS, SAMPLE_RATE, FloatArray
from ..sounds.moment_latents import pieces_of

# Files of each folder.
MOST = 150
LONGEST_SECONDS, SHORTEST_SECONDS = 60, 0.1


def basis_of(found: FloatArray) -> dict[str, FloatArray]:
    """Mean and deviation of statistics ``[sounds, 42]``, and the directions of their largest spread ``[42, 8]``.

    Their signs are fixed, and their scale makes places of root mean square ``PLACE_RMS``.
    """
    mean, deviation = found.mean(axis=0), found.std(axis=0) + 1e-6
    _, _, directions = np.linalg.svd((found - mean) / deviation, full_matrices=False)
    basis = directions[:PLACE_LATENTS].T
    basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(PLACE_LATENTS)])
    places = (found - mean) / deviation @ basis
    basis = basis * (PLACE_RMS / np.sqrt((places**2).sum(axis=1).mean()))
    return {"mean": mean, "deviation": deviation, "basis": basis.astype(np.float32)}


def main() -> None:
    """Read the sounds, write the basis."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    words = parser.parse_args()
    found: list[FloatArray] = []
    for folder in words.folders:
        files = list_sounds(folder)
        chosen = np.random.default_rng(1).permutation(len(files))[:MOST]
        before = len(found)
        for number in sorted(chosen):
            try:
                with SoundFile(files[number], SAMPLE_RATE, 1) as sound:
                    mono = sound.read(0, min(sound.frames, LONGEST_SECONDS * SAMPLE_RATE))[0]
            except SoundError:
                continue
            if len(mono) > SHORTEST_SECONDS * SAMPLE_RATE and np.abs(mono).max() > 1e-3:
                found += [statistics(part) for part in np.array_split(mono, pieces_of(len(mono)))]
        print(f"{folder}: {len(files)} files, {len(found) - before} pieces")
    made = basis_of(np.stack(found))
    np.savez(words.output, mean=made["mean"], deviation=made["deviation"], basis=made["basis"])


if __name__ == "__main__":
    main()

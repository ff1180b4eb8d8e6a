"""Sounds exported for nn~ beside our own render of them: the same walks over real recordings, and how far they differ.

Run: .venv/bin/python benchmarks/exported_sounds.py [--clips FOLDER] [--seed N] [--json]
The clips come from benchmarks/clips.py; one more sound is twelve of them in a row, which has several pieces. Walks:
along every sound, at other speeds, held, leaping, between sounds, anywhere, with pauses; with each way to blend.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SPEEDS = (0.5, 2.0, -1.0, 0.2, 1.3)


def walks(lines: list[Floats], seed: int = 1) -> Iterator[tuple[str, Floats]]:
    """Names and latents ``[frames, 9]``: along lines ``[frames, 9]``, at other speeds, held, between, anywhere."""
    chance = np.random.default_rng(seed)
    yield "along", np.concatenate(lines)
    for speed in SPEEDS:
        yield f"at speed {speed:g}", np.concatenate([stretched(one, speed) for one in lines])
    yield "held", np.concatenate([np.repeat(one[[chance.integers(len(one))]], 50, axis=0) for one in lines * 2])
    yield "leaps", np.concatenate([one[chance.integers(len(one)) :][:12] for one in lines * 4])
    yield "between", np.concatenate([_way(lines, chance) for _ in range(4 * len(lines))])
    yield "anywhere", np.cumsum(chance.normal(0, 0.3, (400, 9)), axis=0).astype(np.float32)
    pauses = np.concatenate([_way(lines, chance) for _ in range(4)])
    pauses[20:35] = pauses[50] = 0.0
    yield "with pauses", pauses


def stretched(line: Floats, speed: float) -> Floats:
    """A line at another speed, backwards where it is negative; of long ones the first 200 frames."""
    at = np.arange(min(int(len(line) / abs(speed)), 200)) * speed % (len(line) - 1)
    return np.stack([np.interp(at, np.arange(len(line)), one) for one in line.T], axis=1).astype(np.float32)


def _way(lines: list[Floats], chance: np.random.Generator) -> Floats:
    first, second = (lines[chance.integers(len(lines))] for _ in range(2))
    begin, end = first[chance.integers(len(first))], second[chance.integers(len(second))]
    return (begin + (end - begin) * np.linspace(0, 1, 30)[:, np.newaxis]).astype(np.float32)


def compared(codec: Any, module: Any, latents: Floats, blend: int, even: float) -> tuple[float, float, float]:
    """The largest difference of both sounds, and seconds of CPU per second of sound: here, exported."""
    import torch

    from latent_terrain.nodes.codec.sounds.layout import BLENDS, RATIO, SAMPLE_RATE

    turned = np.tile(np.float32([blend, even]), (len(latents), 1))
    begun = time.process_time()
    here = codec.new_instance().decode(np.concatenate([latents, turned], axis=1).T[np.newaxis])
    between = time.process_time()
    module.set_blend(BLENDS[blend])
    module.set_even(even)
    with torch.inference_mode():
        there = module.decode(torch.from_numpy(np.ascontiguousarray(latents.T[np.newaxis]))).numpy()
    ended, seconds = time.process_time(), len(latents) * RATIO / SAMPLE_RATE
    return float(np.abs(here - there).max()), (between - begun) / seconds, (ended - between) / seconds


def main() -> int:
    from clips import ClipError, default_folder, make

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=default_folder())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        paths = make(options.clips)
    except ClipError as error:
        print(error, file=sys.stderr)
        return 1
    import torch

    torch.set_num_threads(1)
    from latent_terrain.nodes.audiofile import Passage
    from latent_terrain.nodes.codec.sounds import SoundsCodec
    from latent_terrain.nodes.codec.sounds.codec import LoadedSounds
    from latent_terrain.nodes.codec.sounds.corpus import Corpus, read_passage, sound_of
    from latent_terrain.nodes.codec.sounds.moment_latents import latents_of, placed
    from latent_terrain.nodes.export.write import export_codec

    audio = {path.name: read_passage(Passage(path))[0] for path in paths}
    audio["a long one"] = np.concatenate([one.mean(axis=0) for one in list(audio.values())[::2]])[np.newaxis]
    sounds = [
        sound_of(Passage(Path(name)), placed(one.mean(axis=0), name), np.asarray(one, np.float32))
        for name, one in audio.items()
    ]
    codec, lines = SoundsCodec(LoadedSounds(Corpus(sounds))), [latents_of(one.placed) for one in sounds]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        made = export_codec(codec, Path(folder) / "sounds.ts")
        document: dict[str, Any] = {
            "sounds": len(sounds),
            "seconds": sum(one.samples for one in sounds) / 44_100,
            "bytes": made.size,
            "export_cpu_s": time.process_time() - begun,
            "walks": [],
        }
        for name, latents in walks(lines, options.seed):
            for blend, even in ((0, 0.0), (1, 0.5), (2, 1.0)):
                module = torch.jit.load(str(made.path)).eval()
                error, here, there = compared(codec, module, latents, blend, even)
                seconds = len(latents) * 1024 / 44_100
                document["walks"].append({"walk": name, "blend": blend, "seconds": seconds, "difference": error})
                if not options.json:
                    print(
                        f"{name:14s} blend {blend}  {seconds:6.1f} s  {error:.1e}  CPU {here:.3f} {there:.3f}",
                        flush=True,
                    )
    document["largest"] = max(one["difference"] for one in document["walks"])
    document["walked_s"] = sum(one["seconds"] for one in document["walks"])
    if options.json:
        print(json.dumps(document, indent=2))
    else:
        print({key: value for key, value in document.items() if key != "walks"})
    return 0


if __name__ == "__main__":
    sys.exit(main())

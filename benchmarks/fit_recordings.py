"""How well a terrain learns real recordings, and what each part of learning adds; nothing here is asserted.

Run: .venv/bin/python benchmarks/fit_recordings.py [FOLDER] [--codec MODEL] [--fetch] [--json]
FOLDER: of the clips, as ``clips.py`` has it. Lines are laid out by likeness on the default canvas, for 8 of the
recordings and for all. Printed for each stage: seconds of CPU, error/variance on the lines and at places shaken by
0.032, the spread of latents one unit and more from every line (of all and on the lines), and the log-mel distance in
dB of what the terrain plays along its lines from what the codec plays of the latents, and from the recording.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import clips
import numpy as np
import soundfile

from latent_terrain.nodes.codec.encode_files import encode_sound
from latent_terrain.nodes.codec.interface import Codec
from latent_terrain.nodes.codec.remote import open_codec
from latent_terrain.nodes.codec.training.trackers import mel_distance, offset, shifted
from latent_terrain.nodes.gui.layout import lay_out
from latent_terrain.nodes.gui.line_samples import sample_uniform
from latent_terrain.nodes.gui.units import box_of
from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.fit_as_needed import AUTO, SMOOTHNESS, STEPS, fit_as_needed, with_residual
from latent_terrain.nodes.terrain.line_audio import hear, latents_at
from latent_terrain.nodes.terrain.network import FloatArray, TerrainShape, Weights, evaluate
from latent_terrain.nodes.terrain.quality import relative_error
from latent_terrain.nodes.terrain.recipe import RECIPE
from latent_terrain.nodes.terrain.training import FitResult, fit

CANVAS = [-16.0, -4.0, 16.0, 4.0]
BOX = (np.array(CANVAS[:2]), np.array(CANVAS[2:]))
SHAKEN, FAR = 0.032, 1.0
Told = Callable[..., Any]


def laid_out(latents: list[FloatArray]) -> Pairs:
    means = np.array([one.mean(0) for one in latents])
    drawn = lay_out("map", [len(one) for one in latents], box_of(CANVAS), means=means)
    places = [np.asarray(sample_uniform(line, len(z)), np.float32) for line, z in zip(drawn, latents, strict=True)]
    return Pairs(np.concatenate(places), np.concatenate(latents), tuple(map(len, latents)))


def learned(pairs: Pairs, steps: int, far: int) -> FitResult:
    recipe = replace(RECIPE, far=far)

    def learn(shape: TerrainShape, steps: int, progress: Told) -> FitResult:
        return fit(pairs, shape, BOX, steps=steps, seed=1, progress=progress, recipe=recipe)

    return fit_as_needed(learn, pairs, TerrainShape(2, pairs.z.shape[1]), steps, lambda *_: True, may=True)


def figures(weights: Weights, pairs: Pairs) -> dict[str, float]:
    random = np.random.default_rng(0)
    beside = pairs.x + (random.standard_normal(pairs.x.shape) * SHAKEN).astype(np.float32)
    grid = np.stack(np.meshgrid(np.linspace(-16, 16, 81), np.linspace(-4, 4, 21)), axis=2).reshape(-1, 2)
    gaps = [np.sqrt(((place - pairs.x) ** 2).sum(1).min()) for place in grid]
    far = evaluate(weights, grid[np.array(gaps) > FAR])
    on, off = (float(np.mean((evaluate(weights, x) - pairs.z) ** 2)) for x in (pairs.x, beside))
    return {
        "on": relative_error(on, pairs.z),
        "beside": relative_error(off, pairs.z),
        "spread": float(far.std(0).mean()) if len(far) else 0.0,
        "spread_on_lines": float(pairs.z.std(0).mean()),
    }


def heard(weights: Weights, pairs: Pairs, codec: Codec, sounds: list[FloatArray]) -> dict[str, float]:
    ends, rows = np.cumsum(pairs.lengths), []
    for end, length, sound in zip(ends, pairs.lengths, sounds, strict=True):
        part = slice(end - length, end)
        ours, theirs = (
            np.concatenate(list(hear(z, codec)), axis=1).mean(0)
            for z in (latents_at(weights, pairs.x[part]), pairs.z[part])
        )
        rate = codec.facts.sample_rate
        late = offset(theirs, sound, rate)
        aligned = [mel_distance(*shifted(one, sound, late), rate) for one in (ours, theirs)]
        rows.append((mel_distance(ours, theirs, rate), *aligned))
    latents, recording, codec_alone = np.mean(rows, axis=0)
    return {"latents_db": float(latents), "recording_db": float(recording), "codec_db": float(codec_alone)}


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=clips.default_folder())
    parser.add_argument("--codec", default="builtin:bank")
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    codec = open_codec(options.codec)
    paths = clips.make(options.folder, options.fetch)
    rows: list[dict[str, Any]] = []
    for picked in (paths[::3][:8], paths):
        sounds = [np.asarray(soundfile.read(str(path), always_2d=True)[0].mean(1), np.float32) for path in picked]
        pairs = laid_out([encode_sound(codec, path).latents for path in picked])
        alone = learned(pairs, STEPS, 0)
        far = learned(pairs, STEPS, RECIPE.far)
        longer = learned(pairs, AUTO, RECIPE.far)
        stages = (
            ("300 steps", alone.weights, alone.seconds),
            ("with far targets", far.weights, far.seconds),
            ("longer by itself", longer.weights, longer.seconds),
            ("with the residual", with_residual(longer.weights, pairs, 8.0, SMOOTHNESS), longer.seconds),
        )
        for name, weights, seconds in stages:
            row = {"sounds": len(picked), "pairs": len(pairs.x), "stage": name, "seconds": seconds}
            rows.append({**row, **figures(weights, pairs), **heard(weights, pairs, codec, sounds)})
            if not options.json:
                tell(rows[-1])
    if options.json:
        print(json.dumps(rows, indent=2))


def tell(row: dict[str, Any]) -> None:
    print(
        f"{row['sounds']:3} sounds, {row['pairs']} pairs, {row['stage']:18}: {row['seconds']:5.1f} s, error/variance "
        f"{row['on']:.4f}, beside {row['beside']:.4f}; spread {row['spread']:.2f} of {row['spread_on_lines']:.2f}; "
        f"{row['latents_db']:.2f} dB from the latents, {row['recording_db']:.2f} from the recording "
        f"(codec alone {row['codec_db']:.2f})",
        flush=True,
    )


if __name__ == "__main__":
    main()

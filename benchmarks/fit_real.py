"""How well a terrain learns really encoded sounds: the bundled ones, by the built-in codec or another.

Run: .venv/bin/python benchmarks/fit_real.py [--codec FILE.ts] [--json]
Lines are laid out by themselves in rows on the default canvas, and by likeness. For each roughness g (cycles per
unit): the peak signal-to-noise ratio of the latents on the learned points and at places shaken a little (spec section
18), ours and a literal port of the reference's training of 100 epochs.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reference_loop import ReferenceNet, train

from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.palette import load_palette
from latent_terrain.engine.training.jobs import inputs_of, run_jobs
from latent_terrain.graphs import load_file, set_value, starters
from latent_terrain.nodes.terrain.dataset import Pairs, pair
from latent_terrain.nodes.terrain.network import TerrainShape
from latent_terrain.nodes.terrain.quality import quality
from latent_terrain.nodes.terrain.training import fit

ROUGHNESS = (0.0, 0.05, 0.1, 0.2)
LAYOUTS = ("rows", "map")
SIDE, BOX = 32.0, (np.array([-16.0, -4.0]), np.array([16.0, 4.0]))
EPOCHS = 100


def encoded(layout: str, model: str) -> Pairs:
    """The bundled sounds, encoded and laid out by a starter's own nodes."""
    path = Path(starters.__file__).parent / "walk.ltp"
    patch, palette = load_file(path), load_palette()
    names = {node.type: name for name, node in patch.nodes.items()}
    patch = set_value(set_value(patch, names["encode"], "codec", model), names["gui"], "layout", layout)
    setup = offline_setup(patch, path.parent)
    for node in (names["encode"], names["gui"]):
        patch = run_jobs(patch, palette, setup, only=node).patch
    inputs = inputs_of(patch, palette, setup, names["terrain"])
    assert inputs["coordinates"] is not None
    assert inputs["latents"] is not None
    return pair(inputs["coordinates"], inputs["latents"])


def compared(layout: str, model: str, pairs: Pairs, gauss: float) -> dict[str, Any]:
    shape = TerrainShape(2, pairs.z.shape[1], gauss)
    ours = fit(pairs, shape, BOX, seed=1)
    found = {"codec": model, "layout": layout, "gauss": gauss, "pairs": len(pairs.x), "seconds": ours.seconds}
    mine = quality(ours.weights, pairs, SIDE)
    found |= {"psnr_db": mine.psnr_db, "beside_db": mine.validation_db, "variance": float(pairs.z.var())}
    found |= {"error": mine.error}
    if gauss > 0:
        *_, last = train(pairs.x, pairs.z, EPOCHS, 1, gauss=gauss)
        theirs = quality(weights_of(last.net), pairs, SIDE)
        found |= {
            "reference_s": last.seconds,
            "reference_db": theirs.psnr_db,
            "reference_beside_db": theirs.validation_db,
        }
    return found


def weights_of(net: ReferenceNet) -> dict[str, Any]:
    found = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    return {**found, "two_pi": np.array(2 * np.pi, np.float32)}


def tell(one: dict[str, Any]) -> None:
    theirs = (
        f"; reference after {one['reference_s']:.1f} s {one['reference_db']:.1f} dB, "
        f"beside {one['reference_beside_db']:.1f} dB"
        if "reference_db" in one
        else ""
    )
    print(
        f"{one['codec']}, {one['layout']:4}, g {one['gauss']:<4}: {one['pairs']} pairs in {one['seconds']:.2f} s, "
        f"{one['psnr_db']:.1f} dB, beside {one['beside_db']:.1f} dB{theirs}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", default="builtin:bank", help="builtin:NAME or a TorchScript file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: list[dict[str, Any]] = []
    for layout in LAYOUTS:
        pairs = encoded(layout, options.codec)
        for gauss in ROUGHNESS:
            found.append(compared(layout, options.codec, pairs, gauss))
            if not options.json:
                tell(found[-1])
    if options.json:
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

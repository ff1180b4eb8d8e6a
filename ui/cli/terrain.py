"""Terrains: learn the terrain of a patch or of a data set, look at its figures, draw its map."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .fit_terrain import Fit, FitOptions, fit_files, fit_patch
from .output import INTERRUPTED, USAGE, Failure, finish, progress, stoppable
from .patches import AsJson, Assignments, OneCodec, codecs_of, load_types, open_patch
from .saved_terrain import find_terrain, heard_in, is_checkpoint, quality_in, read_checkpoint, terrains_in, weights_in
from .terrain_map import draw
from .trust import Trust, allow

if TYPE_CHECKING:
    from ...nodes.terrain.network import Weights
    from ...nodes.terrain.plot import Edges

LARGEST = 1e6

Box = Annotated[
    tuple[float, float, float, float] | None,
    typer.Option("--box", metavar="LEFT TOP RIGHT BOTTOM", help="Map edges. Default: the patch's, else -16 -4 16 4."),
]


def fit(
    patch: Annotated[str | None, typer.Argument(metavar="[PATCH]", help="A patch to train.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Output file. Default: the patch's own file.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Retrain all, even what is up to date.")] = False,
    node: Annotated[str | None, typer.Option("--node", help="Train only this node and what it needs.")] = None,
    assignments: Assignments = None,
    codec: OneCodec = None,
    trust: Trust = False,
    coordinates: Annotated[
        Path | None,
        typer.Option("--coordinates", help="A dictionary of Max, a FluCoMa data set (both JSON), or CSV."),
    ] = None,
    latents: Annotated[Path | None, typer.Option("--latents", help="Likewise, or a file of encode.")] = None,
    box: Box = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="With --coordinates: random seed.")] = 0,
    steps: Annotated[
        int,
        typer.Option("--steps", min=0, max=100_000, help="With --coordinates: training steps; 0: auto."),
    ] = 0,
    width: Annotated[
        int, typer.Option("--width", min=1, max=1024, help="With --coordinates: neurons per layer.")
    ] = 128,
    features: Annotated[
        int, typer.Option("--features", min=16, max=2048, help="With --coordinates: Fourier features.")
    ] = 256,
    gauss: Annotated[
        float, typer.Option("--gauss", min=0, max=10, help="With --coordinates: roughness; 0 is smoothest.")
    ] = 0.1,
    method: Annotated[
        str, typer.Option("--method", help="With --coordinates: recipe (fast), or reference (Adam, as nn.terrain~).")
    ] = "recipe",
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.01, help="With --coordinates: train for this long instead.")
    ] = None,
    until_loss: Annotated[
        float | None, typer.Option("--until-loss", min=0, help="With --coordinates: stop at this loss.")
    ] = None,
    smoothness: Annotated[
        float,
        typer.Option(
            "--smoothness", min=0, max=1, help="With --coordinates: smoothness; 0 follows every sound, 1 is flat."
        ),
    ] = 0.17,
    along: Annotated[
        float, typer.Option("--along", min=0, max=100, help="With --coordinates: line smoothing, in points.")
    ] = 0.0,
    order: Annotated[str, typer.Option("--order", help="With --coordinates: lines, points, or auto.")] = "auto",
    rate: Annotated[
        float | None, typer.Option("--rate", min=1e-6, max=1, help="With --method reference: learning rate.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", min=1, help="With --method reference: batch size, in points.")
    ] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, mps, or auto: a GPU if available.")] = "cpu",
    as_json: AsJson = False,
) -> int:
    """Train a patch: encode its sounds, lay out its lines, train its terrains. Or fit a checkpoint to a data set.

    What is set with --set and --codec is saved with it.
    Ctrl-C keeps the best terrain so far, saves, and exits with 130.
    """
    from_files = coordinates is not None or latents is not None
    _check(box)
    if from_files == (patch is not None):
        raise Failure("terrain fit: give either a patch, or --coordinates and --latents", USAGE)
    if patch is not None:
        return fit_patch(patch, output, Fit(again, node, tuple(assignments or ()), codec, trust), as_json=as_json)
    if assignments or codec:
        raise Failure("terrain fit: --set and --codec need a patch; omit them with --coordinates", USAGE)
    if coordinates is None or latents is None or output is None:
        raise Failure("terrain fit: give --coordinates, --latents and -o FILE.pt together", USAGE)
    sizes = {"gauss": gauss, "width": width, "features": features}
    how = FitOptions(method, steps, seconds, until_loss, seed, smoothness, along, order, rate, batch, device)
    return fit_files(coordinates, latents, output, box, sizes, how, as_json=as_json)


def info(
    source: Annotated[str, typer.Argument(metavar="FILE|PATCH", help="A .pt or .npz file, or a patch.")],
    heard: Annotated[
        bool, typer.Option("--heard", help="Also measure how far each line sounds from the codec's own reconstruction.")
    ] = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Tell how large a terrain is, whether it has been learned, and how well.

    error/variance: 0 says every sound exactly, 1 plays one mean sound everywhere; up to 0.05 is good.
    """
    if is_checkpoint(source):
        if heard:
            raise Failure(f"--heard: {source} contains only a network; give the patch that has its lines", USAGE)
        facts = [_facts(Path(source).name, read_checkpoint(source))]
    else:
        opened, palette = open_patch(source), load_types()
        names = terrains_in(opened, palette)
        facts = [{**_facts(name, weights_in(opened, name)), **quality_in(opened, name)} for name in names]
        if heard:
            if trust:
                allow(codecs_of(opened, palette), opened.folder)
            with stoppable() as stop, progress(f"analysing {opened.name}") as advance:
                for one in facts:
                    if one["has_learned"] and not stop.asked:
                        one.update(heard_in(opened, palette, one["name"], advance, stop))
            if stop.asked:
                return INTERRUPTED
    finish({"file": source, "terrains": facts}, list(map(_sentence, facts)) or "no terrain in this patch", as_json)
    return 0


def plot(
    source: Annotated[str, typer.Argument(metavar="FILE|PATCH", help="A .pt or .npz file, or a patch.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Output picture: .png.")],
    box: Box = None,
    size: Annotated[
        tuple[int, int] | None,
        typer.Option("--size", metavar="WIDTH HEIGHT", help="Resolution in points. Default: from the size of the box."),
    ] = None,
    channel: Annotated[int, typer.Option("--channel", min=0, help="The latent to plot, from 0.")] = 0,
    clamp: Annotated[
        tuple[float, float] | None,
        typer.Option("--clamp", metavar="LOW HIGH", help="Colour range."),
    ] = None,
    colour: Annotated[
        str | None, typer.Option("--colour", help="grey, ember, lagoon, terrain, night; alike: similarity.")
    ] = None,
    node: Annotated[str | None, typer.Option("--node", help="Which terrain of a patch.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Only the map, one pixel per point.")] = False,
    axes: Annotated[
        tuple[int, int],
        typer.Option("--axes", metavar="ACROSS DOWN", help="For terrains with more axes: which two, from 1."),
    ] = (1, 2),
    cut: Annotated[
        list[str] | None,
        typer.Option("--cut", metavar="AXIS=VALUE", help="Value of another axis. Repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Draw a terrain from above, with the lines it was learned from.

    Plain, in grey and with --clamp -1 4 it is the picture that nn.terrain~ draws.
    """
    _check(box)
    terrain = find_terrain(source, node)
    cuts = tuple(cut or ())
    return draw(terrain, output, box, size, channel, clamp, colour, plain=plain, as_json=as_json, axes=axes, cuts=cuts)


def _check(box: "Edges | None") -> None:
    """Raise Failure for a box that is none."""
    if box is None:
        return
    left, top, right, bottom = box
    if not all(abs(edge) <= LARGEST for edge in box) or left == right or top == bottom:
        words = " ".join(f"{edge:g}" for edge in box)
        raise Failure(f"--box {words}: give left, top, right and bottom as numbers, opposite edges apart", USAGE)


def _facts(name: str, weights: "Weights") -> dict[str, Any]:
    from ...nodes.terrain.network import parameter_count, shape_of
    from ...nodes.terrain.residual import PLACES, has_residual

    if not weights:
        return {"name": name, "has_learned": False}
    shape = shape_of(weights)
    return {
        "name": name,
        "has_learned": True,
        "control_dim": shape.control_dim,
        "latent_dim": shape.latent_dim,
        "width": shape.width,
        "features": shape.features if shape.gauss else 0,
        "gauss": shape.gauss,
        "parameters": parameter_count(shape),
        "points_put_back": len(weights[PLACES]) if has_residual(weights) else 0,
    }


def _sentence(facts: dict[str, Any]) -> str:
    if not facts["has_learned"]:
        return f"{facts['name']}: is not trained yet"
    return (
        f"{facts['name']}: {facts['control_dim']} coordinates to {facts['latent_dim']} latents, "
        f"roughness (gauss) {facts['gauss']:g}, {facts['features']} features, width {facts['width']}, "
        f"{facts['parameters']} parameters"
        + (
            f"; on {facts['pairs']} pairs error/variance {facts['relative_error']:.3f} ({facts['grade']}), "
            f"off the lines {facts['relative_error_beside']:.3f} "
            f"({facts['psnr_db']:.1f} and {facts['beside_db']:.1f} dB)"
            if "pairs" in facts
            else ""
        )
        + (
            f"; {facts['heard_lines']} lines sound {facts['heard_db']:.2f} dB (log-mel) from what {facts['codec']} "
            "plays of their latents"
            if "heard_db" in facts
            else ""
        )
    )

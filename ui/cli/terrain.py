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
    typer.Option("--box", metavar="LEFT TOP RIGHT BOTTOM", help="The canvas. Default: the patch's, else -16 -4 16 4."),
]


def fit(
    patch: Annotated[str | None, typer.Argument(metavar="[PATCH]", help="A patch to teach.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to save. Default: the patch's own file.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also do what is already done.")] = False,
    node: Annotated[str | None, typer.Option("--node", help="Teach this node only, and what it needs.")] = None,
    assignments: Assignments = None,
    codec: OneCodec = None,
    trust: Trust = False,
    coordinates: Annotated[
        Path | None,
        typer.Option("--coordinates", help="A dictionary of Max, a FluCoMa data set (both JSON), or CSV."),
    ] = None,
    latents: Annotated[Path | None, typer.Option("--latents", help="Likewise, or a file of encode.")] = None,
    box: Box = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="With --coordinates: another terrain from equal data.")
    ] = 0,
    steps: Annotated[
        int,
        typer.Option("--steps", min=0, max=100_000, help="With --coordinates: how long; 0: as long as it needs."),
    ] = 0,
    width: Annotated[int, typer.Option("--width", min=1, max=1024, help="With --coordinates: neurons a layer.")] = 128,
    features: Annotated[
        int, typer.Option("--features", min=16, max=2048, help="With --coordinates: Fourier features.")
    ] = 256,
    gauss: Annotated[
        float, typer.Option("--gauss", min=0, max=10, help="With --coordinates: roughness; 0 is smoothest.")
    ] = 0.1,
    method: Annotated[str, typer.Option("--method", help="With --coordinates: recipe, or reference (Adam)")] = "recipe",
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.01, help="With --coordinates: learn for so long instead.")
    ] = None,
    until_loss: Annotated[
        float | None, typer.Option("--until-loss", min=0, help="With --coordinates: stop at this loss.")
    ] = None,
    smoothness: Annotated[
        float, typer.Option("--smoothness", min=0, max=1, help="With --coordinates: 0 follows every sound, 1 is flat.")
    ] = 0.17,
    along: Annotated[
        float, typer.Option("--along", min=0, max=100, help="With --coordinates: smooth over so many points of a line.")
    ] = 0.0,
    order: Annotated[
        str, typer.Option("--order", help="With --coordinates: lines, points, or auto to see for itself.")
    ] = "auto",
    rate: Annotated[
        float | None, typer.Option("--rate", min=1e-6, max=1, help="With --method reference: learning rate.")
    ] = None,
    batch: Annotated[int | None, typer.Option("--batch", min=1, help="With --method reference: points a step.")] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, mps, or auto: a graphics card, if any.")] = "cpu",
    as_json: AsJson = False,
) -> int:
    """Teach a patch: encode its sounds, lay out its lines, learn its terrains. Or fit a checkpoint to a data set.

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
        raise Failure("terrain fit: --set and --codec belong to a patch; leave them out with --coordinates", USAGE)
    if coordinates is None or latents is None or output is None:
        raise Failure("terrain fit: give --coordinates, --latents and -o FILE.pt together", USAGE)
    sizes = {"gauss": gauss, "width": width, "features": features}
    how = FitOptions(method, steps, seconds, until_loss, seed, smoothness, along, order, rate, batch, device)
    return fit_files(coordinates, latents, output, box, sizes, how, as_json=as_json)


def info(
    source: Annotated[str, typer.Argument(metavar="FILE|PATCH", help="A .pt or .npz file, or a patch.")],
    heard: Annotated[
        bool, typer.Option("--heard", help="Also how far its lines sound from what the codec plays of their latents.")
    ] = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Tell how large a terrain is, whether it has been learned, and how well.

    error/variance: 0 says every sound exactly, 1 plays one mean sound everywhere; up to 0.05 is good.
    """
    if is_checkpoint(source):
        if heard:
            raise Failure(f"--heard: {source} holds a network alone; give the patch that knows its lines", USAGE)
        facts = [_facts(Path(source).name, read_checkpoint(source))]
    else:
        opened, palette = open_patch(source), load_types()
        names = terrains_in(opened, palette)
        facts = [{**_facts(name, weights_in(opened, name)), **quality_in(opened, name)} for name in names]
        if heard:
            if trust:
                allow(codecs_of(opened, palette), opened.folder)
            with stoppable() as stop, progress(f"listening to {opened.name}") as advance:
                for one in facts:
                    if one["has_learned"] and not stop.asked:
                        one.update(heard_in(opened, palette, one["name"], advance, stop))
            if stop.asked:
                return INTERRUPTED
    finish({"file": source, "terrains": facts}, list(map(_sentence, facts)) or "no terrain in this patch", as_json)
    return 0


def plot(
    source: Annotated[str, typer.Argument(metavar="FILE|PATCH", help="A .pt or .npz file, or a patch.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture: .png.")],
    box: Box = None,
    size: Annotated[
        tuple[int, int] | None,
        typer.Option("--size", metavar="WIDTH HEIGHT", help="Points of the map. Default: as the box is wide and high."),
    ] = None,
    channel: Annotated[int, typer.Option("--channel", min=0, help="Which latent, from 0.")] = 0,
    clamp: Annotated[
        tuple[float, float] | None,
        typer.Option("--clamp", metavar="LOW HIGH", help="Values of the darkest and brightest colour."),
    ] = None,
    colour: Annotated[
        str | None, typer.Option("--colour", help="grey, ember, lagoon, terrain, night; alike: all latents at once.")
    ] = None,
    node: Annotated[str | None, typer.Option("--node", help="Which terrain of a patch.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="The map alone, one pixel per point.")] = False,
    axes: Annotated[
        tuple[int, int], typer.Option("--axes", metavar="ACROSS DOWN", help="Of a terrain of more: which two, from 1.")
    ] = (1, 2),
    cut: Annotated[
        list[str] | None,
        typer.Option("--cut", metavar="AXIS=VALUE", help="Where another axis is cut; again for more."),
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
        return f"{facts['name']}: has not learned yet"
    return (
        f"{facts['name']}: {facts['control_dim']} coordinates to {facts['latent_dim']} latents, "
        f"gauss {facts['gauss']:g}, {facts['features']} features, width {facts['width']}, "
        f"{facts['parameters']} parameters"
        + (
            f"; on {facts['pairs']} pairs error/variance {facts['relative_error']:.3f} ({facts['grade']}), a step "
            f"beside them {facts['relative_error_beside']:.3f} ({facts['psnr_db']:.1f} and {facts['beside_db']:.1f} dB)"
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

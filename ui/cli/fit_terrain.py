"""Learning from the command line: a patch is trained and saved, a data set becomes a checkpoint."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .output import FILE, INTERRUPTED, RUN, USAGE, Failure, finish, problem_json, progress, say, stoppable
from .patches import codecs_of, load_types, open_patch, save_from, with_changes
from .play_report import say_stale
from .saved_terrain import default_box
from .train_patch import train_all
from .trust import allow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...engine import FloatArray, Trajectories
    from ...nodes.terrain.dataset import Pairs
    from ...nodes.terrain.plot import Edges
    from ...nodes.terrain.recipe import Method, Order, Recipe


TABLES = (".csv", ".tsv", ".txt")
# Steps of a fit that ends by time or by loss.
OPEN_END = 100_000


@dataclass(frozen=True)
class Fit:
    """What to do of a patch's slow work, and what is set before: as the options of ``terrain fit`` have it."""

    again: bool = False
    node: str | None = None
    assignments: tuple[str, ...] = ()
    codec: str | None = None
    trust: bool = False


@dataclass(frozen=True)
class FitOptions:
    """How to fit a data set: as the options of ``terrain fit`` have it. seconds: of CPU."""

    method: str
    steps: int
    seconds: float | None
    until_loss: float | None
    seed: int
    smoothness: float
    along: float
    order: str
    rate: float | None
    batch: int | None
    device: str = "cpu"


def fit_patch(name: str, output: Path | None, how: Fit, *, as_json: bool) -> int:
    """Do a patch's slow work, save it with what was set, and give the exit code. Raises Failure."""
    from ...engine.offline import offline_setup

    palette, node = load_types(), how.node
    before = open_patch(name)
    opened = with_changes(before, palette, how.assignments, None, how.codec)
    if how.trust:
        allow(codecs_of(opened, palette), opened.folder)
    target = output or opened.file
    if target is None:
        raise Failure(f"{name}: this is a starter; give an output file with -o", USAGE)
    from ...engine.training.jobs import has_jobs

    if node is not None and not (node in opened.patch.nodes and has_jobs(opened.patch.nodes[node].type, palette)):
        able = [one for one, about in opened.patch.nodes.items() if has_jobs(about.type, palette)]
        raise Failure(f"--node {node}: no such node can be trained; trainable: {', '.join(able) or 'none'}", USAGE)
    setup = offline_setup(opened.patch, opened.folder)
    with stoppable() as stop:
        training = train_all(opened, palette, setup, stop, only=node, again=how.again)
    if training.done or output is not None or opened.patch is not before.patch:
        save_from(replace(opened, patch=training.patch), palette, target)
    stale = say_stale(replace(opened, patch=training.patch), palette, setup, "skipped, or unchanged")
    document = {
        "file": str(target),
        "done": list(training.done),
        "stale": [{"node": one.node, "file": str(one.path), "how": one.how} for one in stale],
        "problems": [problem_json(problem) for problem in training.skipped],
        "is_interrupted": stop.asked,
    }
    say(f"{target}: {'did ' + ', '.join(training.done) if training.done else 'nothing to train: all up to date'}")
    if as_json:
        finish(document, "", as_json)
    if stop.asked:
        return INTERRUPTED
    left = [one for one in stale if node in (None, one.node)]
    return RUN if training.skipped or left else 0


def fit_files(
    coordinates: Path,
    latents: Path,
    output: Path,
    box: "Edges | None",
    sizes: Mapping[str, Any],
    how: FitOptions,
    *,
    as_json: bool,
) -> int:
    """Fit a terrain to a data set, write its checkpoint, and give the exit code. Raises Failure."""
    from ...nodes.terrain.checkpoint import write_npz, write_pt
    from ...nodes.terrain.fit_as_needed import fit_as_needed
    from ...nodes.terrain.network import TerrainError, TerrainShape
    from ...nodes.terrain.quality import in_words, relative_error
    from ...nodes.terrain.recipe import recipe_for
    from ...nodes.terrain.training import FitResult, FitStopped, ProgressCallback, TrainingProgress, fit, usable_device

    device, sorry = usable_device(how.device)
    if sorry:
        say(sorry)
    pairs = _pairs(coordinates, latents)
    for sentence in pairs.report:
        say(sentence)
    axes = pairs.x.shape[1]
    if box is not None and axes != 2:
        raise Failure(f"--box: a box has two axes, the coordinates have {axes}; omit it", USAGE)
    corners = (box or default_box()) if axes == 2 else None
    has_end = how.seconds is None and how.until_loss is None
    with stoppable() as stop, progress(f"training {output.name}") as advance:

        def report(now: TrainingProgress, done: float, is_second: bool) -> bool:
            share = done if has_end else min(1.0, now.seconds / (how.seconds or math.inf))
            advance(share, f"{'refining: ' if is_second else ''}loss {now.loss:.3f}")
            is_over = how.seconds is not None and now.seconds >= how.seconds
            is_met = how.until_loss is not None and now.best <= how.until_loss
            return not (stop.asked or is_over or is_met)

        try:
            shape = TerrainShape(axes, pairs.z.shape[1], **sizes)
            method, order = _method(how.method), _order(how.order)
            recipe = _recipe(how, recipe_for(method, order, pairs), has_end)

            def learn(shape: TerrainShape, steps: int, told: ProgressCallback) -> FitResult:
                return fit(
                    pairs,
                    shape,
                    _ordered(corners),
                    method=method,
                    steps=steps,
                    seed=how.seed,
                    smoothness=how.smoothness,
                    progress=told,
                    recipe=recipe,
                    order=order,
                    along=how.along,
                    device=device,
                    check_stop=lambda _done: not stop.asked,
                )

            steps = how.steps if has_end else OPEN_END
            may = method == "recipe" and recipe.decay == 0.0
            result = fit_as_needed(learn, pairs, shape, steps, report, may=may)
        except FitStopped:
            raise Failure(f"{output}: stopped before the first result; nothing written", INTERRUPTED) from None
        except TerrainError as error:
            raise Failure(str(error), RUN) from None
    for sentence in result.warnings:
        say(sentence)
    try:
        written = (write_npz if output.suffix.lower() == ".npz" else write_pt)(result.weights, output)
    except TerrainError as error:
        raise Failure(str(error), FILE) from None
    relative = relative_error(result.loss, pairs.z)
    document = {
        "file": str(written),
        "pairs": len(pairs.x),
        "report": list(pairs.report),
        "method": how.method,
        "loss": result.loss,
        "validation_loss": result.validation_loss,
        "loss_beside": result.validation_loss,  # its name before 0.2, for a release
        "relative_error": relative,
        "steps": result.steps,
        "epochs": result.epochs,
        "seconds": result.seconds,
        "is_interrupted": stop.asked,
    }
    say(
        f"{written}: {len(pairs.x)} pairs, {in_words(relative)}, loss {result.loss:.4f} after {result.steps} steps, "
        f"{result.seconds:.1f} s"
    )
    if as_json:
        finish(document, "", as_json)
    return INTERRUPTED if stop.asked else 0


def _recipe(how: FitOptions, recipe: "Recipe", has_end: bool) -> "Recipe":
    """The method's choices with what was asked for; one that ends by time or loss can't fall towards its end."""
    if not has_end:
        recipe = replace(recipe, last_rate=1.0)
    if how.method == "reference":
        return replace(recipe, rate=how.rate or recipe.rate, batch=how.batch or recipe.batch)
    if how.rate is not None or how.batch is not None:
        raise Failure("--rate and --batch need --method reference; omit them", USAGE)
    return recipe


def _method(word: str) -> "Method":
    match word:
        case "recipe" | "reference":
            return word
    raise Failure(f"--method {word}: choose recipe or reference", USAGE)


def _order(word: str) -> "Order":
    match word:
        case "auto" | "lines" | "points":
            return word
    raise Failure(f"--order {word}: choose auto, lines or points", USAGE)


def _pairs(coordinates: Path, latents: Path) -> "Pairs":
    from ...nodes.terrain.dataset import pair
    from ...nodes.terrain.network import TerrainError

    places, sounds = _trajectories(coordinates, "coordinates"), _trajectories(latents, "latents")
    said: list[str] = []
    if places.is_named and sounds.is_named:
        # two tables belong together by what their rows are called, in whatever order they are
        known = set(places.paths.names) & set(sounds.paths.names)
        for path, one in ((coordinates, places), (latents, sounds)):
            alone = [name for name in one.paths.names if name not in known]
            if alone:
                said.append(f"{path}: {', '.join(alone[:5])} ({len(alone)} in all) has no partner and is not used")
        if not known:
            raise Failure(f"{coordinates}, {latents}: the two have no row names in common", FILE)
        order = [name for name in places.paths.names if name in known]
        places, sounds = places.sorted_as(order), sounds.sorted_as(order)
    try:
        pairs = pair(places.paths, sounds.paths)
    except TerrainError as error:
        raise Failure(str(error), FILE) from None
    return replace(pairs, report=(*said, *pairs.report))


@dataclass(frozen=True)
class _Set:
    """Trajectories of a file. is_named: whether their names say which belongs to which of another file."""

    paths: "Trajectories"
    is_named: bool = False

    def sorted_as(self, names: list[str]) -> "_Set":
        """Those of these names, in their order."""
        by_name = dict(zip(self.paths.names, self.paths.arrays, strict=True))
        return _Set(type(self.paths)(tuple(names), tuple(by_name[name] for name in names)), self.is_named)


def _trajectories(path: Path, part: str) -> _Set:
    """One part of a dictionary of the Max externals, a FluCoMa data set, a CSV, or the arrays of a ``.npz`` file.

    Raises Failure.
    """
    import numpy as np

    from ...engine import Trajectories
    from ...graphs.archives import read_npz
    from ...graphs.file_read import ReadError, read_bytes
    from ...nodes.gui.exchange import MAX_BYTES, read_exchange
    from ...nodes.gui.tables import as_trajectories, read_csv, read_dataset
    from ...nodes.gui.units import MapError

    try:
        if path.suffix.lower() == ".npz":
            found = read_npz(path, path.name)
            names = tuple(sorted(found))
            return _Set(Trajectories(names, tuple(_numbers(found[name], name) for name in names)))
        text = read_bytes(path, MAX_BYTES)
        table = read_csv(text) if path.suffix.lower() in TABLES else read_dataset(text)
        if table is not None:
            names, rows = as_trajectories(table)
            return _Set(Trajectories(names, tuple(np.asarray(row, np.float32) for row in rows)), table.is_named)
        exchange = read_exchange(text)
        arrays = tuple(np.asarray(array, np.float32) for array in getattr(exchange, part))
        return _Set(Trajectories(tuple(f"{part} {number}" for number in range(1, len(arrays) + 1)), arrays))
    except ReadError as error:
        raise Failure(str(error), FILE) from None
    except MapError as error:
        raise Failure(f"{path}: {error}", FILE) from None
    except ValueError as error:
        raise Failure(
            f"{path}: this holds no trajectories ({error}); give a file of encode, of Max, of FluCoMa, or CSV", FILE
        ) from None


def _numbers(array: "NDArray[np.generic]", name: str) -> "FloatArray":
    """An array of rows of numbers. Raises ValueError for any other."""
    import numpy as np

    if array.ndim != 2 or array.dtype.kind not in "biuf" or not array.size:
        raise ValueError(f"{name[:40]!r} is not a table of numbers")
    with np.errstate(over="ignore"):
        return np.asarray(array, np.float32)


def _ordered(corners: "Edges | None") -> "tuple[tuple[float, float], tuple[float, float]] | None":
    if corners is None:
        return None
    left, top, right, bottom = corners
    return (min(left, right), min(top, bottom)), (max(left, right), max(top, bottom))

"""Demo: sounds in, a terrain with a walk across it out. The first thing a musician hears."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ...engine import Engine, Palette, Setup, load_palette
from ...engine.offline import offline_setup, play
from ...engine.training.jobs import result_of, run_jobs, stale_files
from ...graphs import Patch, save, set_seed, set_value
from ...graphs.starters.parts import SOUNDS
from ...graphs.starters.walk import walk
from ...nodes.audiofile import SoundError, SoundWriter
from ...nodes.audiofile.unfinished import noted
from ...nodes.codec.loader import BUILTIN, BUILTINS
from ...nodes.codec.loader import SOUNDS as SOUNDS_CODEC
from ...nodes.codec.remote import open_codec
from ...nodes.codec.streams import decoded_ratio
from ...nodes.encode import encoded
from ...nodes.gui.units import DEFAULT_BOX
from ...nodes.terrain.learned import colours_of, learned_weights
from ...nodes.terrain.plot import plot
from ..terrain_image.colour import alike
from ..terrain_image.framed import MapLine, compose, save_png
from .models import training_offer
from .output import RUN

DEFAULT_CODEC = BUILTIN + BUILTINS[0]
TRACE_HZ = 100
MAP_PIXELS = (600, 150)
WORDS = {"encode": "Encoding sounds", "arrange": "Laying out lines", "learn": "Training the terrain"}


def demo(
    sounds: Path | None,
    out: Path,
    seconds: float,
    seed: int,
    changed: Callable[[Patch, Palette], Patch],
    say: Console,
    as_json: bool,
) -> int:
    """Encode sounds, lay them out, learn the terrain, walk it: writes ``walk.wav``, ``terrain.png`` and ``walk.ltp``.

    sounds: a folder or a sound file, None for the bundled ones. seconds: length of the walk. changed: gives the walk as
    it is asked for, with another codec say. Returns the exit code: 1 where a sound was left out or a node failed.
    Raises what loading, learning and writing raise.
    """
    began = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    palette = load_palette()
    patch = changed(set_seed(walk(_seen_from(out, sounds) if sounds else SOUNDS), seed), palette)
    warnings: list[str] = []
    setup = replace(offline_setup(patch, out), warn=warnings.append)
    with Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(40),
        TextColumn("{task.fields[words]}"),
        TimeElapsedColumn(),
        console=say,
    ) as bars:
        patch, said = _train(patch, palette, setup, bars)
        warnings += said
        left_out = [f"{one}; it is left out" for one in stale_files(patch, palette, setup)]
        patch = _paced(patch, seconds, setup)
        heard = len(warnings)
        sound = _render(patch, palette, setup, seconds, out / "walk.wav", bars)
        faults = [*left_out, *warnings[heard:]]
        task = bars.add_task("Drawing the map", total=1, words="")
        _picture(patch, sound["trace"], out / "terrain.png")
        save(patch, out / "walk.ltp")
        bars.update(task, completed=1)
    frames = sum(len(one) for one in encoded(patch.nodes["sounds"].content).values())
    report = {
        "sounds": len(encoded(patch.nodes["sounds"].content)),
        "frames": frames,
        "loss": _loss(patch),
        "rate": patch.nodes["map"].values["rate"],
        "walk": {key: value for key, value in sound.items() if key != "trace"},
        "files": {name: str(out / name) for name in ("walk.wav", "terrain.png", "walk.ltp")},
        "warnings": [*warnings[:heard], *faults],
        "faults": faults,
        "seconds": round(time.perf_counter() - began, 2),
    }
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        _tell(report, say)
        if sounds is not None:
            named = str(patch.nodes["sounds"].values.get("codec", DEFAULT_CODEC))
            heard_seconds = frames * float(_ratio(patch, setup)) / setup.sample_rate
            for line in training_offer(named, [sounds], heard_seconds):
                say.print(f"  {line}", markup=False, soft_wrap=True)
    return RUN if faults else 0


def _seen_from(folder: Path, path: Path) -> str:
    """A path as a patch in a folder names it: relative, so that both may move together, where that is possible."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return str(path.resolve())


def _train(patch: Patch, palette: Palette, setup: Setup, bars: Progress) -> tuple[Patch, list[str]]:
    tasks: dict[str, Any] = {}

    def report(node: str, job: str, done: float, text: str) -> bool:
        if job not in tasks:
            tasks[job] = bars.add_task(WORDS.get(job, job), total=1.0, words="")
        bars.update(tasks[job], completed=done, words=text)
        return True

    trained = run_jobs(patch, palette, setup, report=report)
    for task in tasks.values():
        bars.update(task, completed=1.0)
    for problem in trained.skipped:
        raise SoundError(problem.text) if problem.node == "sounds" else ValueError(str(problem))
    return trained.patch, [str(one) for one in trained.warnings]


def _loss(patch: Patch) -> str:
    history = result_of(patch.nodes["terrain"].content, "learn")["log.loss"]
    return f"loss {history[-1]:.3f} after {len(history)} steps"


def _paced(patch: Patch, seconds: float, setup: Setup) -> Patch:
    """The patch with the walk slowed or quickened so that the tour takes the whole time.

    Sounds that are played as they are go at their own speed, as far as they come.
    """
    if patch.nodes["decoder"].values.get("codec") == SOUNDS_CODEC:
        return set_value(patch, "map", "rate", 1.0)
    frames = float(result_of(patch.nodes["map"].content, "arrange")["tour/0000"][-1, 0])
    own_seconds = frames * float(_ratio(patch, setup)) / setup.sample_rate
    return set_value(patch, "map", "rate", float(np.clip(round(own_seconds / seconds, 3), 0.01, 64.0)))


def _ratio(patch: Patch, setup: Setup) -> Fraction:
    """Samples of the patch to a latent frame."""
    codec = str(patch.nodes["decoder"].values.get("codec", DEFAULT_CODEC))
    return decoded_ratio(open_codec(codec, setup.folder).facts, setup.sample_rate)


def _render(patch: Patch, palette: Palette, setup: Setup, seconds: float, path: Path, bars: Progress) -> dict[str, Any]:
    samples = round(seconds * setup.sample_rate)
    task = bars.add_task("Walking", total=samples, words="")
    began = time.perf_counter()
    engine = Engine(patch, palette, setup)
    trace: list[np.ndarray] = []
    step = round(setup.sample_rate / TRACE_HZ)
    peak, power = 0.0, 0.0
    writer = SoundWriter(path, round(setup.sample_rate), 2)
    with noted(writer), writer as file:
        for block in play(engine, samples):
            file.write(block)
            trace.append(engine.signal("map", "xy")[:, ::step].T.copy())
            peak, power = max(peak, float(np.abs(block).max())), power + float(np.square(block, dtype=np.float64).sum())
            bars.update(task, advance=block.shape[1], words=f"{engine.setup.clock.sample / setup.sample_rate:.1f} s")
    engine.close()
    for fault in engine.faults():
        setup.warn(str(fault))
    spent = time.perf_counter() - began
    return {
        "seconds": seconds,
        "sample_rate": setup.sample_rate,
        "times_real_time": round(seconds / spent, 1),
        "peak_dbfs": round(20 * float(np.log10(max(peak, 1e-9))), 1),
        "rms_dbfs": round(10 * float(np.log10(max(power / (2 * samples), 1e-18))), 1),
        "trace": np.concatenate(trace),
    }


def _picture(patch: Patch, trace: np.ndarray, path: Path) -> None:
    terrain = patch.nodes["terrain"]
    weights, colours = learned_weights(terrain.content), colours_of(terrain)
    sounds = encoded(patch.nodes["sounds"].content)
    drawn = result_of(patch.nodes["map"].content, "arrange")
    names = [name.partition("/")[2] for name in sorted(sounds)]
    lines = [
        MapLine(name, drawn[f"line/{index:04d}"], drawn[f"line/{index:04d}"][[0, -1]])
        for index, name in enumerate(names)
    ]
    assert colours is not None, "the demo has trained its terrain"
    save_png(
        compose(
            alike(plot(weights, DEFAULT_BOX, MAP_PIXELS), colours),
            DEFAULT_BOX,
            lines,
            walk=trace,
            title="Latent terrain",
            note="similar colours sound similar; the bright line is the walk",
        ),
        path,
    )


def _tell(report: dict[str, Any], say: Console) -> None:
    walked = report["walk"]
    say.print(
        f"\n[bold]{report['sounds']} sounds[/] ({report['frames']} latent frames) became a terrain ({report['loss']}); "
        f"a walk of {walked['seconds']:g} s was rendered {walked['times_real_time']:g} times faster than real time "
        f"(peak {walked['peak_dbfs']:g} dBFS). All in {report['seconds']:g} s."
    )
    for sentence in report["warnings"]:
        say.print(f"  {sentence}", style="yellow", markup=False)
    files = report["files"]
    say.print(
        f"\n  listen   {files['walk.wav']}\n  look at  {files['terrain.png']}\n  play on  {files['walk.ltp']}",
        markup=False,
        soft_wrap=True,
    )
    say.print("\n[bold]Next[/]")
    say.print(
        "  latent-terrain demo --sounds YOUR_FOLDER        the same with your own sounds\n"
        f"  latent-terrain render {files['walk.ltp']} -o slow.wav --seconds 40 --set map.rate={report['rate'] / 2:g}\n"
        "  latent-terrain new orbit -o orbit.ltp           another way to play",
        markup=False,
        soft_wrap=True,
    )

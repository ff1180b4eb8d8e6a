"""Own sounds through the whole instrument: 24 recordings encoded, laid out, learned and played, judged by trackers.

Run: .venv/bin/python benchmarks/own_sounds.py [--clips FOLDER] [--codec NAME ...] [--only PART ...] [--json]
     [--keep FOLDER] [--set NODE.PARAM=VALUE ...]
The clips come from benchmarks/clips.py. Codecs: builtin:bank, and builtin:sounds where there is one. Parts: through
(every line at its natural speed against its file, a constant offset taken off), held (the middle of every third line
for 4 s: repetition, 4-20 Hz modulation), between (straight walks between lines of a map of eight: nearest real frame
among the 24 clips, tonality), speeds (along each line at half and double speed: pitch, onsets at the stretched times),
spread (latents on places one unit and more from any line, map of eight), cpu (decoding frame by frame, beside
builtin:bank in the same run), level (60 s along a tour of the lines: steps of 100 ms). --keep writes what is heard.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from clips import CLIPS, ClipError, default_folder, make
from numpy.typing import NDArray

from latent_terrain.engine import load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.training.jobs import inputs_of, result_of, run_jobs
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.nodes.codec.interface import Codec
from latent_terrain.nodes.codec.loader import BUILTINS
from latent_terrain.nodes.codec.training import trackers
from latent_terrain.nodes.codec.training.judge import read_mono, table_head, table_row
from latent_terrain.nodes.gui.line_samples import sample_uniform
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.nodes.terrain.line_audio import hear, latents_at, places_on, voice_of

Array = NDArray[np.float32]
PARTS = ("through", "held", "between", "speeds", "spread", "cpu", "level")
HELD_SECONDS = WALK_SECONDS = 4.0
TOUR_SECONDS = 60.0
NEPERS = 10 / np.log(10)
"""Decibels of a natural logarithm of power."""
PAIRS = ((1, 2), (3, 2), (4, 7), (0, 6), (5, 4), (3, 1), (0, 4), (6, 2))
"""The walks between the lines of a map of eight."""
AT_LEAST = {
    "through: log-mel": "<= 0.5 dB (bank 3.9)",
    "through: onset F1": ">= 0.75",
    "through: wrong f0": "<= 2 %",
    "held: repetition": "<= 0.3",
    "held: 4-20 Hz, tonal": "<= -25 dB",
    "between: nearest real frame": "<= 2.5 dB",
    "between: tonality": ">= 36 dB",
    "half speed: pitch": "<= 10 cents",
    "half speed: onset F1": ">= 0.7",
    "double speed: pitch": "<= 10 cents",
    "double speed: onset F1": ">= 0.7",
    "spread one unit away": ">= 0.5",
    "CPU beside the bank": "<= 0.33",
    "level step, 95 %": "<= 4 dB",
}


@dataclass(frozen=True, eq=False)
class Map:
    """A learned patch: its codec, weights, and by line the name, the places, the latents and the file (mono)."""

    patch: Patch
    codec: Codec
    weights: Any
    names: tuple[str, ...]
    places: tuple[Array, ...]
    latents: tuple[Array, ...]
    sounds: tuple[Array, ...]
    keep: Path | None

    @property
    def rate(self) -> int:
        """Hz."""
        return self.codec.facts.sample_rate

    def play(self, places: NDArray[np.floating], name: str = "", controls: Sequence[float] = ()) -> Array:
        """The sound of places, one a frame, mono; kept under a name where sounds are kept."""
        whole = np.concatenate(list(hear(latents_at(self.weights, places), self.codec, controls=controls)), axis=1)
        if self.keep is not None and name:
            path = self.keep / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(str(path), whole.T, self.rate, subtype="FLOAT")
        return np.asarray(whole.mean(axis=0), np.float32)

    def frames(self, seconds: float) -> int:
        """So many latent frames last so long."""
        return round(seconds * self.rate / self.codec.facts.ratio)


def learned_map(name: str, files: Sequence[Path], changes: Sequence[str], keep: Path | None) -> Map:
    """Files encoded, laid out as a map, learned, with a decoder: all as a user has it, without a window."""
    palette = load_palette()
    values = {"codec": name}
    patch = add_node(Patch(), "encode", name="sounds", values={**values, "sounds": [str(file) for file in files]})
    patch = add_node(patch, "gui", name="map", values={"layout": "map"})
    patch = add_node(patch, "terrain", name="terrain")
    patch = add_node(patch, "decoder", name="decoder", values=values)
    patch = add_node(patch, "audio_out", name="out")
    for cord in (
        ("sounds.latents", "map.latents"),
        ("map.coordinates", "terrain.coordinates"),
        ("sounds.latents", "terrain.latents"),
        ("map.xy", "terrain.position"),
        ("terrain.out", "decoder.latents"),
        ("decoder.out", "out.audio"),
    ):
        patch = connect(patch, *cord)
    for change in changes:
        where, _, value = change.partition("=")
        node, _, key = where.partition(".")
        patch = set_value(patch, node, key, json.loads(value))
    with tempfile.TemporaryDirectory() as folder:
        setup = offline_setup(patch, Path(folder))
        trained = run_jobs(patch, palette, setup)
        for problem in trained.skipped:
            raise SystemExit(f"{name}: {problem}")
        inputs = inputs_of(trained.patch, palette, setup, "terrain")
    places, latents = inputs["coordinates"], inputs["latents"]
    if places is None or latents is None:
        raise SystemExit(f"{name}: nothing was encoded")
    voice = voice_of(trained.patch, palette, "terrain")
    assert voice is not None
    codec = voice.stream(Path.cwd())
    return Map(
        trained.patch,
        codec,
        learned_weights(trained.patch.nodes["terrain"].content),
        latents.names,
        tuple(places_on(line, len(one)) for line, one in zip(places.arrays, latents.arrays, strict=True)),
        latents.arrays,
        tuple(read_mono(file, codec.facts.sample_rate) for file in files),
        keep,
    )


def through(one: Map) -> tuple[dict[str, float | None], dict[str, Any]]:
    """Every line against its file."""
    kinds = {clip.name: clip.kind for clip in CLIPS}
    rows = {
        name: trackers.track(one.play(places, f"through/{name}"), sound, one.rate)
        for name, places, sound in zip(one.names, one.places, one.sounds, strict=True)
    }
    means = trackers.mean_of(list(rows.values()))
    by_kind = {
        kind: trackers.mean_of([row for name, row in rows.items() if kinds.get(name) == kind])
        for kind in dict.fromkeys(kinds.values())
    }
    figures = {
        "through: log-mel": means["mel_db"],
        "through: onset F1": means["onset_f1"],
        "through: wrong f0": means["wrong_f0"],
        "error/variance on the lines": _error(one),
    }
    return figures, {"sounds": {name: asdict(row) for name, row in rows.items()}, "kinds": by_kind, "mean": means}


def held(one: Map) -> tuple[dict[str, float | None], dict[str, Any]]:
    """The middle of every third line, standing still."""
    rows: dict[str, Any] = {}
    for index in range(0, len(one.names), 3):
        middle = one.places[index][len(one.places[index]) // 2]
        sound = one.play(np.repeat(middle[None], one.frames(HELD_SECONDS), axis=0), f"held/{one.names[index]}")
        sound = sound[one.rate // 4 :]
        track = trackers.pitch(one.sounds[index], one.rate)
        rows[one.names[index]] = {
            "repetition": trackers.repetition(sound, one.rate),
            "modulation_db": trackers.modulation(sound, one.rate),
            "is_tonal": bool(track.is_clear.mean() >= trackers.SMALLEST_SHARE),
        }
    tonal = [row["modulation_db"] for row in rows.values() if row["is_tonal"]]
    figures = {
        "held: repetition": float(np.mean([row["repetition"] for row in rows.values()])),
        "held: 4-20 Hz, all": float(np.mean([row["modulation_db"] for row in rows.values()])),
        "held: 4-20 Hz, tonal": float(np.mean(tonal)) if tonal else None,
    }
    return figures, rows


def between(one: Map, real: Sequence[Array]) -> tuple[dict[str, float | None], dict[str, Any]]:
    """Straight walks from the middle of one line to that of another. real: the sounds whose frames are real."""
    known = np.concatenate([_shapes(sound, one.rate) for sound in real])
    count = one.frames(WALK_SECONDS)
    share = np.clip((np.arange(count) - 20) / (count - 40), 0, 1)[:, None]
    rows: dict[str, Any] = {}
    for a, b in PAIRS:
        start, end = (one.places[index][len(one.places[index]) // 2] for index in (a, b))
        name = f"{one.names[a]}-{one.names[b]}"
        sound = one.play(start * (1 - share) + end * share, f"between/{name}")
        middle = sound[round(0.35 * len(sound)) : round(0.65 * len(sound))]
        frames = _shapes(middle, one.rate)
        away = (frames**2).mean(1)[:, None] + (known**2).mean(1)[None] - 2 * frames @ known.T / frames.shape[1]
        nearest = NEPERS * np.sqrt(np.maximum(away, 0)).min(axis=1)
        rows[name] = {"nearest_db": float(nearest.mean()), "tonality_db": trackers.tonality(sound)}
    own = [trackers.tonality(sound) for sound in one.sounds]
    means = {key: float(np.mean([row[key] for row in rows.values()])) for key in ("nearest_db", "tonality_db")}
    return {
        "between: nearest real frame": means["nearest_db"],
        "between: tonality": means["tonality_db"],
        "tonality of the sounds themselves": float(np.mean([own[index] for pair in PAIRS for index in pair])),
    }, rows


def speeds(one: Map) -> tuple[dict[str, float | None], dict[str, Any]]:
    """Along every line at half and at double speed."""
    figures: dict[str, float | None] = {}
    rows: dict[str, Any] = {}
    for word, stretch in (("half", 2.0), ("double", 0.5)):
        found: list[dict[str, float | None]] = []
        for name, places, sound in zip(one.names, one.places, one.sounds, strict=True):
            copy = one.play(places_on(places, round(len(places) * stretch)), f"{word}/{name}")
            track, original = trackers.pitch(copy, one.rate), trackers.pitch(sound, one.rate)
            wrong, cents = trackers.pitch_error(track, original, stretch)
            hits, wanted = trackers.onsets(copy, one.rate), trackers.onsets(sound, one.rate) * stretch
            found.append({"wrong_f0": wrong, "cents": cents, "onset_f1": _best_f1(hits, wanted)})
            rows[f"{word} {name}"] = found[-1]
        for key, heading in (("cents", "pitch"), ("wrong_f0", "wrong f0"), ("onset_f1", "onset F1")):
            values = [row[key] for row in found if row[key] is not None]
            figures[f"{word} speed: {heading}"] = float(np.mean(np.array(values, float))) if values else None
    return figures, rows


def spread(one: Map) -> tuple[dict[str, float | None], dict[str, Any]]:
    """How much latents differ on a grid of places one unit and more from any line, beside those of the sounds."""
    x, y = np.meshgrid(np.linspace(-16, 16, 81), np.linspace(-4, 4, 21), indexing="ij")
    grid = np.column_stack((x.ravel(), y.ravel())).astype(np.float32)
    lines, sounds = np.concatenate(one.places), np.concatenate(one.latents)
    nearest = np.array([np.sqrt(((place - lines) ** 2).sum(axis=1)).min() for place in grid])
    far = latents_at(one.weights, grid[nearest > 1])
    away, on = float(far.std(axis=0).mean()), float(sounds.std(axis=0).mean())
    return {"spread one unit away": away, "spread of the sounds": on}, {"share of places": float((nearest > 1).mean())}


def cpu(one: Map, passes: int = 3) -> float:
    """Processor seconds of decoding all lines, a frame at a time as live, per second of sound."""
    latents = np.concatenate([latents_at(one.weights, places) for places in one.places])[:, :, None]
    taken = []
    for _ in range(passes):
        stream = one.codec.new_instance()
        stream.decode(latents[:1].copy())
        began = time.process_time()
        for frame in latents:
            stream.decode(frame[None])
        taken.append(time.process_time() - began)
    return min(taken) / (len(latents) * one.codec.facts.ratio / one.rate)


def level(one: Map) -> tuple[dict[str, float | None], dict[str, Any]]:
    """Sixty seconds along the tour of the lines: by how much the level changes in 100 ms.

    The level is that of the last 400 ms, as loudness meters have it; beside it that of 100 ms. With even loudness,
    where the codec has it.
    """
    controls = [float(name == "even loudness") for name in one.codec.facts.controls]
    tour = Polyline(np.asarray(result_of(one.patch.nodes["map"].content, "arrange")["tour/0000"])[:, -2:])
    sound = one.play(sample_uniform(tour, one.frames(TOUR_SECONDS)), "tour", controls)
    power, size = sound.astype(np.float64) ** 2, one.rate // 10
    short = power[: len(power) // size * size].reshape(-1, size).mean(axis=1)[5:]
    figures = {}
    for heading, windows in (("level step, 95 %", 4), ("level step of windows of 100 ms, 95 %", 1)):
        levels = 10 * np.log10(np.convolve(short, np.ones(windows) / windows, "valid") + 1e-12)
        figures[heading] = float(np.percentile(np.abs(np.diff(np.maximum(levels, levels.max() - 60))), 95))
    return figures, {}


def measured(name: str, files: Sequence[Path], parts: Sequence[str], options: Any, bank: list[float]) -> dict[str, Any]:
    """All figures of a codec. bank: CPU of the bank in this run, once it is known."""
    keep = options.keep / name.replace(":", "_") if options.keep else None
    began = time.process_time()
    whole = learned_map(name, files, options.set, keep)
    figures: dict[str, float | None] = {"CPU seconds to encode, lay out and learn": time.process_time() - began}
    details: dict[str, Any] = {}
    jobs: dict[str, Callable[[], tuple[dict[str, float | None], dict[str, Any]]]] = {
        "through": lambda: through(whole),
        "held": lambda: held(whole),
        "speeds": lambda: speeds(whole),
        "level": lambda: level(whole),
    }
    if {"between", "spread"} & set(parts):
        eight = learned_map(name, files[::3][:8], options.set, keep)
        jobs |= {"between": lambda: between(eight, whole.sounds), "spread": lambda: spread(eight)}
    for part in [part for part in PARTS if part in parts and part in jobs]:
        print(f"{name}: {part}", file=sys.stderr)
        found, details[part] = jobs[part]()
        figures |= found
    if "cpu" in parts:
        own = cpu(whole)
        if not bank:
            bank.append(own if name == "builtin:bank" else cpu(learned_map("builtin:bank", files, (), None)))
        figures["CPU a second of sound"], figures["CPU beside the bank"] = own, own / bank[0]
    return {"codec": name, "figures": figures, "details": details}


def _error(one: Map) -> float:
    """The squared error of the terrain on its lines over the variance of the latents."""
    wanted = np.concatenate(one.latents)
    had = latents_at(one.weights, np.concatenate(one.places))
    return float(((had - wanted) ** 2).mean() / wanted.var(axis=0).mean())


def _shapes(sound: Array, rate: int) -> NDArray[np.float64]:
    """Log-mel shapes of the sounding frames, in nepers of power, their level taken off: ``[frames, 40]``."""
    power = trackers.spectrum(sound, 2048, 1024).astype(np.float64) ** 2
    shapes = np.log(power @ trackers.mel_bands(2048, rate, 40).T + 1e-9)
    levels = np.log(power.sum(axis=1) + 1e-9)
    return np.asarray(np.maximum(shapes - shapes.max(axis=1, keepdims=True), -9)[levels > levels.max() - 8])


def _best_f1(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> float | None:
    """Onset F1 once the constant offset is taken off (within 60 ms) that suits it best."""
    scores = [trackers.onset_f1(found - moved, wanted) for moved in np.arange(-0.06, 0.061, 0.005)]
    return None if not len(wanted) else max(score or 0.0 for score in scores)


def _shown(value: float | None, name: str) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.1f} %" if "wrong" in name else f"{value:.3f}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=default_folder())
    parser.add_argument("--codec", action="append")
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--set", action="append", default=[], metavar="NODE.PARAM=VALUE")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        files = make(options.clips)
    except ClipError as error:
        print(error, file=sys.stderr)
        return 1
    usual = ["builtin:bank", *(["builtin:sounds"] if "sounds" in BUILTINS else [])]
    bank: list[float] = []
    found = [measured(name, files, options.only or PARTS, options, bank) for name in options.codec or usual]
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for one in found:
        if "through" in one["details"]:
            rows = one["details"]["through"]
            print(table_head(one["codec"]))
            print("\n".join(table_row(name, row) for name, row in rows["sounds"].items()))
            print("\n".join(table_row(f"{name} (kind)", row) for name, row in rows["kinds"].items()))
            print(table_row("mean", rows["mean"]), end="\n\n")
    names = dict.fromkeys(name for one in found for name in one["figures"])
    print(f"{'':42}" + "".join(f"{one['codec']:>16}" for one in found) + f"  {'at least':>20}")
    for name in names:
        values = "".join(f"{_shown(one['figures'].get(name), name):>16}" for one in found)
        print(f"{name:42}{values}  {AT_LEAST.get(name, ''):>20}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

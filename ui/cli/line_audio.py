"""Listening to a map: each of its lines as a sound file, and how near it comes to the sound that it was drawn for."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import FILE, INTERRUPTED, RUN, USAGE, Advance, Failure, StopAsked, finish, progress, say, stoppable
from .patches import AsJson, OpenedPatch, PatchName, cannot_run, codecs_of, load_types, open_patch
from .saved_terrain import chosen_terrain, weights_in
from .trust import Trust, allow

if TYPE_CHECKING:
    from ...engine import FloatArray, Palette, Setup, Trajectories
    from ...nodes.audiofile import Passage
    from ...nodes.codec.interface import Codec
    from ...nodes.codec.training.trackers import Tracked

# Of a longer line its beginning is compared.
COMPARED_SECONDS = 60.0
LONGEST_NAME = 100
FORBIDDEN = '<>:"/\\|?*'
FAR = 8


@dataclass(frozen=True)
class HeardLine:
    """A line to be heard: its places, one a latent frame ``[frames, axes]``, and the file of its sound where known.

    has_sound: whether latents are paired with it.
    """

    name: str
    places: "FloatArray"
    has_sound: bool
    original: "Passage | None" = None


@dataclass(frozen=True)
class _Map:
    """What a map is heard with: weights, codec, and the decoder's level, tail and controls."""

    weights: Any
    codec: "Codec"
    level_db: float
    tail: float
    controls: tuple[float, ...]


def hear(
    patch: PatchName,
    output: Annotated[Path, typer.Option("--output", "-o", help="Output folder: one WAV per line.")],
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="NAME", help="Only this line, by the name of its sound. Repeatable."),
    ] = None,
    node: Annotated[str | None, typer.Option("--node", help="Which terrain of a patch.")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Report how far each line is from its sound file.")
    ] = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Hear what the map makes of its lines: each from start to end at its natural speed, into a WAV of its own.

    Each file is named as the line's sound, at the codec's rate, and lies in time with the original. Ctrl-C keeps
    the lines that are done.
    """
    palette, opened = load_types(), open_patch(patch)
    if trust:
        allow(codecs_of(opened, palette), opened.folder)
    terrain = chosen_terrain(opened, palette, node)
    wanted = _chosen(_lines(opened, palette, terrain), line or [], opened)
    heard_by = _map(opened, palette, terrain)
    files = _files(output, wanted)
    rows: list[dict[str, Any]] = []
    with stoppable() as stop, progress(f"analysing {opened.name}") as advance:
        for index, (one, file) in enumerate(zip(wanted, files, strict=True)):
            row = _heard(heard_by, one, file, _part(advance, index, len(wanted)), stop)
            if row is None:
                break
            rows.append({**row, **(_compared(heard_by, one, file) if compare else {})})
    document: dict[str, Any] = {
        "patch": opened.name,
        "terrain": terrain,
        "codec": heard_by.codec.facts.name,
        "sample_rate": heard_by.codec.facts.sample_rate,
        "lines": rows,
        "is_interrupted": stop.asked,
    }
    if compare:
        document["mean"] = _means(rows)
    finish(document, _table(rows, document.get("mean")), as_json)
    return INTERRUPTED if stop.asked else 0


def _lines(opened: OpenedPatch, palette: "Palette", terrain: str) -> list[HeardLine]:
    """The lines that a terrain learns from; says which have no line or no sound. Raises Failure."""
    from ...engine.offline import offline_setup
    from ...engine.problems import PatchError
    from ...engine.training.jobs import inputs_of
    from ...nodes.terrain.line_audio import places_on

    setup = offline_setup(opened.patch, opened.folder)
    try:
        inputs = inputs_of(opened.patch, palette, setup, terrain)
    except PatchError as error:
        raise cannot_run(opened, error) from None
    except (ValueError, OSError) as error:
        raise Failure(f"{opened.name}: {terrain}: its lines can't be read: {error}", FILE) from None
    places, sounds = inputs.get("coordinates"), inputs.get("latents")
    originals = _originals(opened, palette, terrain, sounds, setup) if sounds is not None else {}
    is_cut = opened.patch.nodes[terrain].values.get("pairing") == "truncate"
    found: list[HeardLine] = []
    for index, path in enumerate(places.arrays if places is not None else ()):
        name = places.names[index] if places is not None else ""
        frames = sounds.lengths[index] if sounds is not None and index < len(sounds.lengths) else 0
        if not len(path):
            say(f"{name} has no line yet")
        elif not frames:
            say(f"{name}: this line has no sound; it is played at the spacing of the map and not compared")
            found.append(HeardLine(name, path, False))
        else:
            found.append(HeardLine(name, places_on(path, frames, is_cut), True, originals.get(index)))
    if not found:
        raise Failure(
            f"{opened.name}: {terrain} has no lines to listen to; draw at least one line on the map (layout=map draws "
            f"them by itself), then train it with latent-terrain terrain fit {opened.name}",
            RUN,
        )
    return found


def _originals(
    opened: OpenedPatch, palette: "Palette", terrain: str, sounds: "Trajectories", setup: "Setup"
) -> "dict[int, Passage]":
    """The sound files by the place of their latents, where an encoder made these."""
    from ...nodes.encode import encoded, originals_of

    target = f"{terrain}.latents"
    for _ in range(FAR):
        source = next((cord.source_node for cord in opened.patch.cords if cord.target == target), None)
        if source is None or source not in opened.patch.nodes:
            return {}
        node = opened.patch.nodes[source]
        if palette.role(node.type) == "encoder":
            keys = sorted(encoded(node.content))
            if tuple(key.partition("/")[2] for key in keys) != sounds.names:
                return {}
            named: Any = node.values.get("sounds", ())
            found = originals_of(node.content, tuple(map(str, named)), setup.resolve)
            return {index: found[key] for index, key in enumerate(keys) if key in found}
        target = f"{source}.latents"
    return {}


def _chosen(lines: list[HeardLine], names: list[str], opened: OpenedPatch) -> list[HeardLine]:
    """The lines of these names; all without any. Raises Failure."""
    there = list(dict.fromkeys(one.name for one in lines))
    for name in names:
        if name not in there:
            shown = ", ".join(there[:20]) + (f" and {len(there) - 20} more" if len(there) > 20 else "")
            raise Failure(f"--line {name}: {opened.name} has no such line; it has {shown}", USAGE)
    return [one for one in lines if one.name in names] if names else lines


def _map(opened: OpenedPatch, palette: "Palette", terrain: str) -> _Map:
    """What the lines are heard with. Raises Failure."""
    from ...nodes.codec.interface import CodecError
    from ...nodes.terrain.line_audio import voice_of
    from ...nodes.terrain.network import shape_of

    weights = weights_in(opened, terrain)
    if not weights:
        raise Failure(
            f"{opened.name}: {terrain} is not trained yet; train it with latent-terrain terrain fit {opened.name}", RUN
        )
    voice = voice_of(opened.patch, palette, terrain)
    if voice is None:
        raise Failure(f"{opened.name}: {terrain}: no decoder connected; connect {terrain}.out to a decoder", RUN)
    decoder = voice.decoder
    if voice.between:
        say(f"{', '.join(voice.between)} between {terrain} and {decoder}: not applied here")
    try:
        codec = voice.stream(opened.folder)
    except CodecError as error:
        raise Failure(f"{opened.name}: {decoder}: {error}", FILE) from None
    learned, taken = shape_of(weights).latent_dim, codec.facts.latent_dim
    if learned != taken:
        raise Failure(
            f"{opened.name}: {terrain} was trained with {learned} latents, the codec of {decoder} has {taken}: "
            "use one codec for sounds and decoder, then retrain",
            RUN,
        )
    return _Map(weights, codec, voice.level_db, voice.tail, voice.controls)


def _heard(heard_by: _Map, line: HeardLine, file: Path, advance: Advance, stop: StopAsked) -> dict[str, Any] | None:
    """Write a line's sound; None when somebody stopped. Raises Failure."""
    from ...nodes.audiofile import SoundError, SoundWriter
    from ...nodes.audiofile.unfinished import noted
    from ...nodes.codec.interface import CodecError
    from ...nodes.terrain.line_audio import hear_line
    from ...nodes.terrain.network import TerrainError

    facts, done = heard_by.codec.facts, 0
    whole = len(line.places) * facts.ratio
    try:
        pieces: Iterator[FloatArray] = hear_line(
            heard_by.weights,
            line.places,
            heard_by.codec,
            tail=heard_by.tail,
            level_db=heard_by.level_db,
            controls=heard_by.controls,
        )
        writer = SoundWriter(file, facts.sample_rate, facts.channels, "FLOAT")
        with noted(writer):
            try:
                for piece in pieces:
                    writer.write(piece)
                    done += piece.shape[1]
                    advance(done / whole, line.name)
                    if stop.asked:
                        writer.discard()
                        return None
            except BaseException:
                writer.discard()
                raise
            writer.close()
    except (SoundError, OSError) as error:
        raise Failure(str(error), FILE) from None
    except (CodecError, TerrainError) as error:
        raise Failure(f"{line.name}: {error}", RUN) from None
    return {
        "name": line.name,
        "file": str(file),
        "frames": len(line.places),
        "seconds": whole / facts.sample_rate,
        "has_sound": line.has_sound,
        "original": str(line.original.path) if line.original is not None else None,
    }


def _compared(heard_by: _Map, line: HeardLine, file: Path) -> dict[str, Any]:
    """How far a line's file is from its sound, as plain data; nothing where that can't be told, with a sentence."""
    from ...nodes.audiofile import Passage, SoundError
    from ...nodes.codec.training.trackers import track

    if line.original is None:
        if line.has_sound:
            say(f"{line.name}: its sound file is missing or changed; not compared")
        return {}
    rate, channels = heard_by.codec.facts.sample_rate, heard_by.codec.facts.channels
    try:
        copy, original = (_mono(one, rate, channels) for one in (Passage(file), line.original))
        found: Tracked = track(copy, original, rate)
    except (SoundError, ValueError, OSError) as error:
        say(f"{line.name}: not compared: {error}")
        return {}
    return asdict(found)


def _mono(sound: "Passage", rate: float, channels: int) -> "FloatArray":
    """The beginning of a sound, ``[n]``, of the channels that a codec has of it (of 8 channels two, say)."""
    import numpy as np

    from ...nodes.audiofile import SoundFile

    with SoundFile(sound.path, rate, channels) as file:
        begin, end = sound.span(rate, file.frames)
        heard = file.read(begin, min(end - begin, round(COMPARED_SECONDS * rate)))
        return np.asarray(heard.mean(axis=0), np.float32)


def _means(rows: list[dict[str, Any]]) -> dict[str, Any]:
    from ...nodes.codec.training.trackers import MEASURES, Tracked, mean_of

    return mean_of([Tracked(**{name: row[name] for name in MEASURES}) for row in rows if "mel_db" in row])


def _table(rows: list[dict[str, Any]], mean: dict[str, Any] | None) -> list[str]:
    if mean is None:
        return [f"{row['file']}: {row['seconds']:.2f} s" for row in rows]
    lines = [f"{'line':32} {'log-mel':>9} {'onsets':>8} {'wrong f0':>9} {'level':>9} {'offset':>10}"]
    lines += [f"{row['name'][:32]:32} {_words(row)}" for row in rows]
    return [*lines, f"{'mean':32} {_words(mean)}"]


def _words(row: dict[str, Any]) -> str:
    forms = (
        ("mel_db", 1, "{:6.2f} dB", 9),
        ("onset_f1", 1, "{:.2f}", 8),
        ("wrong_f0", 100, "{:.0f} %", 9),
        ("level_db", 1, "{:+.1f} dB", 9),
        ("offset_ms", 1, "{:+.1f} ms", 10),
    )
    values = ((row.get(name), factor, form, width) for name, factor, form, width in forms)
    return " ".join(
        ("-" if value is None else form.format(value * factor)).rjust(width) for value, factor, form, width in values
    )


def _files(folder: Path, lines: list[HeardLine]) -> list[Path]:
    """A file for each line in a folder, which is made; names that are equal get numbers. Raises Failure."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise Failure(f"{folder}: this is a file; give an output folder with -o", USAGE) from None
    except OSError as error:
        raise Failure(f"{folder}: can't be created ({error.strerror}); choose a writable folder", FILE) from None
    taken: set[str] = set()
    files: list[Path] = []
    for line in lines:
        plain = base = _as_file_name(line.name)
        number = 1
        while plain.lower() in taken:
            number += 1
            plain = f"{base} {number}"
        taken.add(plain.lower())
        files.append(folder / f"{plain}.wav")
    return files


def _as_file_name(name: str) -> str:
    kept = "".join("_" if one in FORBIDDEN or not one.isprintable() else one for one in name)
    while len(kept.encode("utf-8", "replace")) > LONGEST_NAME:
        kept = kept[:-1]
    return kept.strip(" .") or "line"


def _part(advance: Advance, index: int, count: int) -> Advance:
    return lambda done, text: advance((index + done) / count, text)

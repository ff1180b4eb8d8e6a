"""Export: take an instrument to Max, Pure Data, SuperCollider or a synthesiser."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from .export_patch import after, decoder_of, playing_of, sounds_of
from .output import FILE, RUN, USAGE, Failure, finish, say
from .patches import (
    AsJson,
    Assignments,
    OneCodec,
    OpenedPatch,
    PatchName,
    codecs_of,
    load_types,
    open_patch,
    with_changes,
)
from .saved_terrain import SavedTerrain, chosen_terrain, find_terrain, is_checkpoint, terrain_in
from .train_patch import Train, trained
from .trust import Trust, allow

if TYPE_CHECKING:
    from ...engine import Palette, Trajectories
    from ...nodes.codec.interface import Codec
    from ...nodes.export.instrument import Between
    from ...nodes.export.write import Playing

# What can be exported, and how its file ends.
KINDS = {
    "instrument": ".ts",
    "terrain": ".ts",
    "codec": ".ts",
    "weights": ".pt",
    "trajectories": ".json",
    "dataset": ".csv",
    "picture": ".png",
    "wavetable": ".wav",
}
OTHER_ENDINGS = {"weights": (".pt", ".npz"), "dataset": (".csv", ".json")}
CYCLES = 64
MOST_LATENTS = 1024


def export(
    patch: PatchName,
    output: Annotated[Path, typer.Option("--output", "-o", help="Output file; the extension sets the format.")],
    what: Annotated[
        str | None,
        typer.Option("--what", help=f"One of: {', '.join(KINDS)}. Default: by the extension; .ts: instrument."),
    ] = None,
    node: Annotated[str | None, typer.Option("--node", help="Which terrain, if the patch has several.")] = None,
    assignments: Assignments = None,
    codec: OneCodec = None,
    train: Train = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Take what a patch has learned elsewhere.

    instrument: terrain and sound model in one TorchScript file that nn~ plays in Max and Pure Data, coordinates in,
    sound out; terrain: the terrain alone, coordinates to latents; codec: the sound model alone. weights: a checkpoint
    of nn.terrain~ (.pt) or numpy arrays (.npz). trajectories: lines and latents as the Max externals' dictionary.
    dataset: the same as two tables, NAME-coordinates and NAME-latents: .csv, or FluCoMa's .json. picture: the terrain.
    wavetable: 64 cycles of 2048 samples.
    """
    from ...graphs.file_write import WriteError
    from ...nodes.audiofile import SoundError
    from ...nodes.terrain.save import SaveError

    kind = _kind(what, output)
    source = _source(patch, node, codec, assignments, train=train, trust=trust)
    try:
        document = _EXPORTS[kind](source, output)
    except Failure:
        raise
    except (SaveError, SoundError, WriteError) as error:
        raise Failure(str(error), FILE) from None
    except ValueError as error:
        raise Failure(f"{output}: {error}", RUN) from None
    except OSError as error:
        raise Failure(f"{output}: can't be written ({error.strerror}); choose a writable folder", FILE) from None
    document["notes"] = [*source.notes(kind), *document.get("notes", ())]
    for note in document["notes"]:
        say(str(note))
    finish({"file": str(output), "what": kind, **document}, f"{output}: {kind}", as_json)
    return RUN if source.left else 0


@dataclass(frozen=True)
class ExportSource:
    """What is exported. name: of the patch or checkpoint. opened: the patch as it is asked for; None: a checkpoint.

    left: what ``--train`` could not learn.
    """

    name: str
    node: str | None
    asked: str | None
    opened: OpenedPatch | None
    palette: "Palette"
    left: tuple[str, ...] = ()

    def patch(self) -> OpenedPatch:
        """The patch. Raises Failure where it is a checkpoint."""
        return self.opened if self.opened is not None else open_patch(self.name)

    def terrain(self) -> SavedTerrain:
        """The terrain. Raises Failure."""
        return (
            find_terrain(self.name, None) if self.opened is None else terrain_in(self.opened, self.palette, self.node)
        )

    def codec(self) -> "Codec":
        """The sound model that is asked for, or that of the decoder which a terrain steers. Raises Failure."""
        from ...nodes.codec.interface import CodecError
        from ...nodes.codec.loader import load_codec

        try:
            return load_codec(*self.codec_name(), sounds=sounds_of(self.opened))
        except CodecError as error:
            raise Failure(str(error), FILE) from None

    def codec_name(self) -> tuple[str, Path]:
        """How that sound model is called, and the folder from which. Raises Failure."""
        if self.opened is not None:
            return _decoder_codec(self.opened, self.node, self.palette, self.asked), self.opened.folder
        if self.asked is None:
            raise Failure(f"{self.name}: a checkpoint does not name its codec; give it with --codec", USAGE)
        return self.asked, Path.cwd()

    def playing(self) -> "Playing | None":
        """How a decoder of sounds is turned; None where there is no decoder."""
        return playing_of(self.opened, decoder_of(self.opened, self.palette, self.node)) if self.opened else None

    def notes(self, kind: str) -> list[str]:
        """That the terrain was learned from another sound model's latents, where it is to be played with this one."""
        from ...nodes.codec.space import space_of

        if kind not in ("instrument", "terrain", "wavetable") or self.opened is None:
            return []
        learned, name = self.terrain().space, self.codec_name()
        played = space_of(*name)
        if learned is None or played is None or learned == played:
            return []
        return [
            f"{self.name}: the terrain was trained on latents of {learned.name}, and is exported for {name[0]}, "
            "whose latents are different; --train re-encodes and retrains for it"
        ]


def _source(
    name: str, node: str | None, codec: str | None, assignments: list[str] | None, *, train: bool, trust: bool
) -> ExportSource:
    palette = load_types()
    if is_checkpoint(name):
        if assignments or train:
            raise Failure(f"{name}: --set and --train need a patch; omit them for a checkpoint", USAGE)
        if trust and codec is not None:
            allow([codec], Path.cwd())
        return ExportSource(name, node, codec, None, palette)
    before = open_patch(name)
    # a patch may hold a terrain alone; the sound model is then asked for, and no node follows it
    has_codec = bool(codecs_of(before, palette))
    opened = with_changes(before, palette, assignments, None, codec if has_codec else None)
    if trust:
        allow(codecs_of(opened, palette) if has_codec or codec is None else [codec], opened.folder)
    left: list[str] = []
    if train:
        from ...engine.offline import offline_setup

        opened, left = trained(opened, palette, offline_setup(opened.patch, opened.folder))
    return ExportSource(name, node, None if has_codec else codec, opened, palette, tuple(left))


def _kind(what: str | None, output: Path) -> str:
    ending = output.suffix.lower()
    if what is None:
        what = next((kind for kind in KINDS if ending in _endings(kind)), None)
        if what is None:
            raise Failure(f"{output}: unknown format {ending or 'no extension'}; give it with --what", USAGE)
    if what not in KINDS:
        raise Failure(f"--what {what}: choose one of {', '.join(KINDS)}", USAGE)
    if ending not in _endings(what):
        raise Failure(f"{output}: {what} is written as {' or '.join(_endings(what))}; change the extension", USAGE)
    return what


def _endings(kind: str) -> tuple[str, ...]:
    return OTHER_ENDINGS.get(kind, (KINDS[kind],))


def _export_terrain(source: ExportSource, output: Path) -> dict[str, Any]:
    from ...nodes.export.write import export_terrain

    facts = source.codec().facts
    between, left_out = _between(source)
    terrain = source.terrain()
    made = export_terrain(terrain.weights, facts.ratio, facts.sample_rate, facts.labels, output, between)
    notes = [*made.notes, *left_out]
    return {"methods": made.methods, "sample_rate": made.sample_rate, "bytes": made.size, "notes": notes}


def _export_instrument(source: ExportSource, output: Path) -> dict[str, Any]:
    from ...nodes.export.write import export_instrument

    between, left_out = _between(source)
    made = export_instrument(source.terrain().weights, source.codec(), output, between, source.playing())
    notes = [*made.notes, *left_out]
    return {"methods": made.methods, "sample_rate": made.sample_rate, "bytes": made.size, "notes": notes}


def _export_codec(source: ExportSource, output: Path) -> dict[str, Any]:
    from ...nodes.export.write import export_codec

    made = export_codec(source.codec(), output, source.playing())
    return {"methods": made.methods, "sample_rate": made.sample_rate, "bytes": made.size, "notes": made.notes}


def _export_weights(source: ExportSource, output: Path) -> dict[str, Any]:
    from ...nodes.terrain.checkpoint import write_npz, write_pt
    from ...nodes.terrain.network import parameter_count, shape_of
    from ...nodes.terrain.residual import has_residual

    weights = source.terrain().weights
    (write_npz if output.suffix.lower() == ".npz" else write_pt)(weights, output)
    shape = shape_of(weights)
    facts = {"control_dim": shape.control_dim, "latent_dim": shape.latent_dim, "numbers": parameter_count(shape)}
    alone = "the network only, as nn.terrain~ stores it: the residual at the lines is not included (.ts includes it)"
    return {**facts, "notes": [alone] if has_residual(weights) else []}


def _export_trajectories(source: ExportSource, output: Path) -> dict[str, Any]:
    import numpy as np

    from ...nodes.gui.exchange import Exchange, write_exchange
    from ...nodes.terrain.save import save_whole

    lines, sounds = (
        tuple(np.asarray(array, np.float64) for array in one.arrays) if one is not None else ()
        for one in _pairs(source)
    )
    text = write_exchange(Exchange(coordinates=lines, latents=sounds))
    save_whole(output, ".json", partial(_write_text, text=text))
    return {"coordinates": len(lines), "latents": len(sounds)}


def _export_dataset(source: ExportSource, output: Path) -> dict[str, Any]:
    """Two tables with the same rows, as FluCoMa (.json) or spreadsheets (.csv) have them."""
    import numpy as np

    from ...nodes.gui.tables import as_table, write_csv, write_dataset
    from ...nodes.terrain.dataset import stretched
    from ...nodes.terrain.save import save_whole

    lines, sounds = _pairs(source)
    if lines is None or sounds is None:
        raise Failure(f"{source.name}: a data set needs lines and sounds; this patch has only one of them", RUN)
    names, places, latents = [], [], []
    for name, line, sound in zip(sounds.names, lines.arrays, sounds.arrays, strict=False):
        if len(line) and len(sound):
            names.append(name)
            places.append(np.asarray(stretched(line, len(sound)), np.float64))
            latents.append(np.asarray(sound, np.float64))
    if not names:
        raise Failure(f"{source.name}: no sound has a line yet; draw some first", RUN)
    ending = output.suffix.lower()
    written: list[str] = []
    for kind, arrays in (("coordinates", places), ("latents", latents)):
        table = as_table(names, arrays)
        text = write_csv(table, kind) if ending == ".csv" else write_dataset(table)
        file = output.with_name(f"{output.stem}-{kind}{ending}")
        save_whole(file, ending, partial(_write_text, text=text))
        written.append(str(file))
    return {"files": written, "rows": sum(map(len, latents)), "notes": [f"{' and '.join(written)}: rows by name"]}


def _write_text(file: IO[bytes], text: str) -> None:
    file.write((text.rstrip("\n") + "\n").encode())


def _pairs(source: ExportSource) -> "tuple[Trajectories | None, Trajectories | None]":
    """Lines and sounds that a terrain learns from. Raises Failure where there is neither."""
    from ...engine.offline import offline_setup
    from ...engine.training.jobs import inputs_of

    opened = source.patch()
    name = chosen_terrain(opened, source.palette, source.node)
    inputs = inputs_of(opened.patch, source.palette, offline_setup(opened.patch, opened.folder), name)
    given = (inputs["coordinates"], inputs["latents"])
    if not any(one is not None and one.arrays for one in given):
        raise Failure(f"{source.name}: {name} has neither lines nor sounds; draw or encode some first", RUN)
    return given


def _export_picture(source: ExportSource, output: Path) -> dict[str, Any]:
    from .terrain_map import ALIKE, draw

    terrain = source.terrain()
    draw(terrain, output, None, None, 0, None, ALIKE, plain=False, as_json=False)
    return {"box": terrain.box}


def _export_wavetable(source: ExportSource, output: Path) -> dict[str, Any]:
    from ...nodes.audiofile import write_sound
    from ...nodes.export.wavetable import CYCLE, wavetable

    sound_model, terrain = source.codec(), source.terrain()
    _check_fit(terrain, sound_model)
    write_sound(output, wavetable(terrain.weights, sound_model, terrain.box, CYCLES), 44100)
    return {"cycles": CYCLES, "samples_per_cycle": CYCLE}


_EXPORTS: dict[str, Callable[[ExportSource, Path], dict[str, Any]]] = {
    "instrument": _export_instrument,
    "terrain": _export_terrain,
    "codec": _export_codec,
    "weights": _export_weights,
    "trajectories": _export_trajectories,
    "dataset": _export_dataset,
    "picture": _export_picture,
    "wavetable": _export_wavetable,
}


def _check_fit(terrain: SavedTerrain, codec: "Codec") -> None:
    count = terrain.weights["fc_out.bias"].shape[0]
    if count != codec.facts.latent_dim:
        raise Failure(
            f"the terrain gives {count} latents and {codec.facts.name} takes {codec.facts.latent_dim}; "
            "give the codec it was trained with: --codec",
            RUN,
        )


def _decoder_codec(opened: OpenedPatch, node: str | None, palette: "Palette", asked: str | None) -> str:
    if asked is not None:
        from ...engine.name_schemes import scheme_of

        return str(Path.cwd() / asked) if not scheme_of(asked) else asked
    decoder = decoder_of(opened, palette, node)
    if decoder is None:
        raise Failure(f"{opened.name}: no decoder in this patch; give a codec with --codec", RUN)
    found = opened.patch.nodes[decoder]
    return str(found.values.get("codec", palette[found.type].settings["codec"].default))


def _between(source: ExportSource) -> "tuple[Between, list[str]]":
    """What happens between the terrain and its decoder, and sentences about what can't be taken along."""
    from ...nodes.export.instrument import Between

    if source.opened is None:
        return Between(), []
    opened, palette = source.opened, source.palette
    found, left_out = Between(), []
    for name in after(opened.patch, chosen_terrain(opened, source.palette, source.node)):
        one = opened.patch.nodes[name]
        role = palette.role(one.type)
        if role == "decoder":
            if one.values.get("tail"):
                left_out.append(f"{name}: hidden noise (tail) is not part of the instrument; its hidden latents are 0")
            break
        if role == "latent_smoother" and not found.glide_ms:
            default = palette[one.type].params["time"].default
            found = replace(found, glide_ms=_number(one.values.get("time", default)))
        elif role == "latent_scaler" and not (found.factors or one.values.get("freeze")):
            found = replace(found, **_scaled(one.values))
        else:
            left_out.append(f"{name} ({one.type}) follows the terrain and is not part of the instrument")
    return found, left_out


def _scaled(values: "Mapping[str, Any]") -> dict[str, Any]:
    """A latent_scale as factors and shifts of up to 1024 latents."""
    scale, offset = float(values.get("scale", 1.0)), float(values.get("offset", 0.0))
    scales, offsets = (tuple(map(float, values.get(name, ()))) for name in ("scales", "offsets"))
    scales, offsets = scales + (1.0,) * (MOST_LATENTS - len(scales)), offsets + (0.0,) * (MOST_LATENTS - len(offsets))
    return {"factors": tuple(one * scale for one in scales), "shifts": tuple(one + offset for one in offsets)}


def _number(value: Any) -> float:
    return float(value)

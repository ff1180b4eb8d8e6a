"""Finding a sound on the map of a patch: the lines that it goes along, and its path as something to play."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import FILE, INTERRUPTED, RUN, Failure, finish, progress, say, stoppable
from .patches import AsJson, PatchName, cannot_run, load_types, open_patch, save_from
from .saved_terrain import chosen_terrain

if TYPE_CHECKING:
    from ...nodes.location.alignment import FoundMoment
    from ...nodes.location.known import Known


def find(
    patch: PatchName,
    query: Annotated[Path, typer.Argument(metavar="SOUND", help="The sound to find: WAV, FLAC, OGG, MP3, …")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Save the patch here, with the path added to its playback paths."),
    ] = None,
    node: Annotated[str | None, typer.Option("--node", help="Which terrain's map.")] = None,
    as_json: AsJson = False,
) -> int:
    """Find where on the map a sound is: which lines sound like it, from when to when, and how sure that is.

    What is compared is what a telephone carries, so a voice through a small microphone will do. Silence has no place.
    """
    from ...engine.offline import offline_setup
    from ...engine.problems import PatchError
    from ...nodes.audiofile import SoundError
    from ...nodes.gui.units import MapError
    from ...nodes.location.alignment import stretches
    from ...nodes.location.fit import LearningStopped
    from ...nodes.location.query import as_gesture, known_on, map_of, read_query, steps_of, with_path

    palette, opened = load_types(), open_patch(patch)
    terrain = chosen_terrain(opened, palette, node)
    try:
        sound = read_query(query)
    except (SoundError, OSError) as error:
        raise Failure(str(error), FILE) from None
    setup = replace(offline_setup(opened.patch, opened.folder), warn=say)
    with stoppable() as stop, progress(f"analysing the sounds of {opened.name}") as advance:

        def tell(done: float, text: str) -> bool:
            advance(done, text)
            return not stop.asked

        try:
            known = known_on(opened.patch, palette, setup, terrain, tell)
            steps = steps_of(known, sound)
        except LearningStopped:
            return INTERRUPTED
        except PatchError as error:
            raise cannot_run(opened, error) from None
        except (ValueError, OSError) as error:
            raise Failure(f"{opened.name}: {error}", RUN) from None
    found = stretches(known, steps)
    kept = None
    if output is not None:
        map_node, path = map_of(opened.patch, palette, terrain), as_gesture(known, steps, query.stem)
        if map_node is None:
            raise Failure(
                f"{opened.name}: no map is connected to {terrain}; connect a Map node (gui) to keep the path", RUN
            )
        if path is None:
            raise Failure(f"{query}: it is silent and has no path to keep", RUN)
        try:
            save_from(replace(opened, patch=with_path(opened.patch, map_node, path)), palette, output)
        except MapError as error:
            raise Failure(f"{opened.name}: {error}", RUN) from None
        kept = str(output)
    if not found:
        say(f"{query}: the sound is silent; nothing found")
    document: dict[str, Any] = {
        "patch": opened.name,
        "terrain": terrain,
        "query": str(query),
        "stretches": [asdict(one) for one in found],
        "path": [_row(known, step) for step in steps],
        "kept": kept,
    }
    table = [f"{'from':>8} {'to':>8}  {'line':32} {'from':>8} {'to':>8}  sure"] if found else []
    table += [
        f"{one.begin:6.2f} s {one.end:6.2f} s  {one.name[:32]:32} "
        f"{one.from_:6.2f} s {one.to:6.2f} s  {one.confidence:.2f}"
        for one in found
    ]
    finish(document, table, as_json)
    return 0


def _row(known: "Known", step: "FoundMoment") -> dict[str, Any]:
    """A frame as plain data; without a place in silence."""
    if step.moment < 0:
        return {"seconds": step.seconds, "line": None, "x": None, "y": None, "at": None, "confidence": 0.0}
    x, y = map(float, known.places[step.moment])
    name = known.names[int(known.line[step.moment])]
    at = float(known.seconds[step.moment])
    return {"seconds": step.seconds, "line": name, "x": x, "y": y, "at": at, "confidence": step.confidence}

"""Demo: the whole chain in one command, from sounds to a walk between them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import FILE, RUN, Failure
from .patches import AsJson, Assignments, OneCodec, OpenedPatch, codecs_of, with_changes
from .play_report import check_seconds
from .trust import Trust, allow

if TYPE_CHECKING:
    from ...engine import Palette
    from ...graphs import Patch


def demonstrate(
    sounds: Annotated[
        Path | None, typer.Option("--sounds", help="A folder of your sounds. Default: the bundled ones.")
    ] = None,
    output: Annotated[Path, typer.Option("--out", "-o", help="Output folder.")] = Path("latent-terrain-demo"),
    seconds: Annotated[float, typer.Option("--seconds", help="Length of the walk.")] = 25.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Random seed.")] = 0,
    assignments: Assignments = None,
    codec: OneCodec = None,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Go from sounds to a walk between them in one command.

    Encodes the sounds, lays them out on a plane, learns the terrain between them, renders a walk across it to a sound
    file, and draws the map.
    """
    from rich.console import Console

    from ...nodes.audiofile import SoundError
    from .demo import demo

    check_seconds(seconds)
    if sounds is not None and not sounds.exists():
        raise Failure(f"--sounds {sounds}: no such folder; give a folder of sound files", FILE)

    def changed(patch: "Patch", palette: "Palette") -> "Patch":
        """The walk as it is asked for."""
        opened = with_changes(OpenedPatch(patch, "demo", output.absolute()), palette, assignments, None, codec)
        if trust:
            allow(codecs_of(opened, palette), opened.folder)
        return opened.patch

    try:
        return demo(sounds, output, seconds, seed, changed, Console(stderr=True), as_json)
    except Failure:
        raise
    except SoundError as error:
        raise Failure(str(error), FILE) from None
    except OSError as error:
        raise Failure(f"--out {output}: not writable ({error.strerror}); choose another folder", FILE) from None
    except ValueError as error:
        raise Failure(f"demo: {error}", RUN) from None

"""The recipe of the built-in codec, step by step: ``python -m latent_terrain.nodes.codec.recipe --help``."""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from .band import ToolMissing

app = typer.Typer(
    help="Make the built-in codec anew: sounds, analyse, train, export; then measure.", add_completion=False
)
Folder = Annotated[Path, typer.Argument(help="Where the recipe keeps its work.")]


def main() -> None:
    """Run one step; what is missing is said in one sentence."""
    try:
        app()
    except (ToolMissing, FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


@app.command()
def sounds(folder: Folder, seed: int = 7, scale: float = 1.5) -> None:
    """Play the training sounds into FOLDER/sounds; scale 1.5 gives about 25 minutes."""
    from .sounds import make_sounds

    make_sounds(folder / "sounds", seed, scale, _tell)


@app.command()
def analyse(folder: Folder) -> None:
    """Take FOLDER/sounds apart into FOLDER/features.npz."""
    from .analysis import Features, save_features
    from .analysis import analyse as take_apart
    from .sounds import read_sound

    files = sorted((folder / "sounds").glob("*.flac"))
    if not files:
        raise FileNotFoundError(f"no sounds in {folder / 'sounds'}; run the step 'sounds' first")
    parts: dict[str, Features] = {}
    for place, path in enumerate(files):
        parts[path.stem] = take_apart(read_sound(path))
        _tell((place + 1) / len(files), path.stem)
    save_features(folder / "features.npz", parts)


@app.command()
def train(folder: Folder, steps: int = 12000, seed: int = 0) -> None:
    """Train on FOLDER/features.npz, keeping the best weights in FOLDER/checkpoint.pt."""
    from .train import train as learn

    learn(_wanted(folder / "features.npz", "analyse"), folder / "checkpoint.pt", steps, seed, _tell)


@app.command()
def export(folder: Folder, weights: Annotated[Path | None, typer.Argument(help="The file to write.")] = None) -> None:
    """Write FOLDER/weights.npz (or WEIGHTS) from the best checkpoint."""
    from .export import export as write

    features = _wanted(folder / "features.npz", "analyse")
    labels = write(_wanted(folder / "checkpoint.pt", "train"), features, weights or folder / "weights.npz")
    print("latents:", ", ".join(labels))


@app.command("demo-sounds")
def demo_sounds(folder: Folder, seed: int = 11) -> None:
    """Play the eight bundled demo sounds into FOLDER."""
    from .demo_sounds import make_demo_sounds

    for path in make_demo_sounds(folder, seed):
        print(path.name)


@app.command()
def measure(folder: Annotated[Path, typer.Argument(help="A folder of mono 44.1 kHz FLAC files.")]) -> None:
    """Print the figures of the installed codec: levels, likeness, lag and speed."""
    from ..bank import load_bank
    from .measure import compare, milliseconds, onset_lag, random_levels, reproduce
    from .sounds import read_sound

    codec = load_bank()
    print("latents:", ", ".join(codec.facts.labels))
    for held in (8, 1):
        marks = np.percentile(random_levels(codec, held_frames=held), [1, 5, 50, 95, 99]).round(1)
        print(f"level of random latents held {held} frames, dBFS at 1 5 50 95 99 %: {marks.tolist()}")
    for path in sorted(folder.glob("*.flac")):
        sound = read_sound(path)
        like = compare(sound, reproduce(codec, sound))
        print(
            f"{path.stem}: level {like.level_db:+.1f} dB, worst band {like.excess_db:+.1f} dB, "
            f"log-spectral distance {like.distance:.3f} (white noise {like.noise_distance:.3f})"
        )
    print(f"onsets come {onset_lag(codec.new_instance().encode, codec.new_instance().decode)} samples later")
    for frames in (1, 2, 4, 16):
        decode, encode = milliseconds(codec, frames), milliseconds(codec, frames, encode=True)
        print(f"{frames} frames a call: decode {decode:.2f} ms, encode {encode:.2f} ms per 2048 samples")


def _wanted(path: Path, step: str) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing; run the step '{step}' first")
    return path


def _tell(done: float, text: str) -> bool:
    print(f"{done:4.0%} {text}", flush=True)
    return True


if __name__ == "__main__":
    main()

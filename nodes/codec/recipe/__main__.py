"""The recipe of the built-in codec, step by step: ``python -m latent_terrain.nodes.codec.recipe --help``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .band import ToolMissing

app = typer.Typer(help="Make the built-in codec anew: sounds, analyse, train, export.", add_completion=False)
Folder = Annotated[Path, typer.Argument(help="Where the recipe keeps its work.")]


def main() -> None:
    """Run one step; what is missing is said in one sentence."""
    try:
        app()
    except (ToolMissing, FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


@app.command()
def sounds(folder: Folder, seed: int = 7, scale: float = 3.0) -> None:
    """Play the training sounds into FOLDER/sounds; scale 3 gives about 94 minutes."""
    from .sounds import make_sounds

    make_sounds(folder / "sounds", seed, scale, _tell)


@app.command()
def analyse(folder: Folder) -> None:
    """Take FOLDER/sounds apart into FOLDER/features.npz."""
    from ..training.analysis import Features, save_features
    from ..training.analysis import analyse as take_apart
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
def train(
    folder: Folder,
    steps: int = 6500,
    audible_steps: int = 11500,
    seed: int = 0,
    device: str = "cpu",
    log_weight: float = 2.0,
    start: Annotated[str, typer.Option(help="Go on from a checkpoint, or from the weights that are shipped.")] = "",
) -> None:
    """Train on FOLDER/features.npz, keeping the best weights in FOLDER/checkpoint.pt and the first in start.pt."""
    import torch

    from ..training.train import TrainingPlan
    from ..training.train import train as learn

    plan, begin = (
        TrainingPlan(steps, audible_steps, seed, device, patience=None, log_weight=log_weight),
        folder / "start.pt",
    )
    if start == "shipped":
        from ..bank.codec import bundled_weights
        from ..training.export import restore

        torch.save(restore(bundled_weights()[0], plan.shape.latents), begin)
    elif start:
        torch.save(torch.load(_wanted(Path(start), "train"), weights_only=True), begin)
    wanted = _wanted(folder / "features.npz", "analyse")
    learn(wanted, folder / "checkpoint.pt", plan, _tell, begin if start else None)


@app.command()
def mix(folder: Folder, share: float = 0.75, before: Path | None = None) -> None:
    """Take so much of FOLDER/checkpoint.pt and the rest of BEFORE (FOLDER/start.pt): better than either, most often.

    After Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".
    """
    import torch

    old = torch.load(_wanted(before or folder / "start.pt", "train"), weights_only=True)
    new = torch.load(_wanted(folder / "checkpoint.pt", "train"), weights_only=True)
    torch.save({name: torch.lerp(old[name], new[name], share) for name in new}, folder / "checkpoint.pt")


@app.command()
def export(folder: Folder, weights: Annotated[Path | None, typer.Argument(help="The file to write.")] = None) -> None:
    """Write FOLDER/weights.npz (or WEIGHTS) from the best checkpoint."""
    from ..training.export import export as write

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
def picture(sounds: Folder, image: Annotated[Path, typer.Argument(help="The PNG to write.")]) -> None:
    """Draw spectrograms of the first seconds of every FLAC in SOUNDS: original, analysis oracle, reproduction."""
    from .picture import draw_spectrograms

    draw_spectrograms(sorted(sounds.glob("*.flac")), image)


def _wanted(path: Path, step: str) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing; run the step '{step}' first")
    return path


def _tell(done: float, text: str) -> bool:
    print(f"{done:4.0%} {text}", flush=True)
    return True


if __name__ == "__main__":
    main()

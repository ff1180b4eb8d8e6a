"""The examples, run as a musician runs them, in processes of their own; every check must be printed, in its order."""

import subprocess
import sys
from pathlib import Path

import pytest

from ..engine.drivers.jack import need_jack

EXAMPLES = Path(__file__).parents[2] / "examples"
# Training gives way to the sound: beside other work of the machine it takes minutes.
SECONDS = 900.0

TRAINED = "it is trained, and every sound is found"
COMPOSITION = (
    "forty sounds are listed, and new",
    TRAINED,
    "all are encoded and trained, each with a line",
    "exported lines are those that were imported, to the last digit",
    "the other sounds were laid out",
    "all of them, read and written again, are the same file",
    TRAINED,
    "renamed and sorted anew, every line is with its sound",
    "the last sound is the renamed one",
    TRAINED,
    "five sounds went, ten came, two were found elsewhere",
    "every old line is with its sound, to the byte",
    "every new sound has a line of its own",
    TRAINED,
    "the five come back with their lines",
    "the playheads are where the file says, at every sample",
    "a sample earlier they are not",
    "eight channels sound",
    "each sound that reaches the output is a stem",
    "every stem sounds, and the mix does not clip",
    "the stems add up to the mix, to the bit",
    "a script renders the same eight channels",
    "at half tempo it lasts twice as long",
    "every place is reached at twice its time",
    "the sound is another",
    "with another codec it trains again, and says so",
    "all sounds are trained with it",
    "every line stays as it is, to the byte",
    "the path too",
    "what no codec plays is as it was",
    "the codec is mono: a channel for each playhead",
    "which sound otherwise",
)
BIOSIGNALS = (
    "it plays",
    "a number that is none is said once, and passed over",
    "eight ranges are learned, and kept",
    "loose electrodes are in none of them",
    *(f"take '{name}': as many places as latents" for name in ("still", "breath", "storm")),
    "'breath' is recorded again, in its place",
    "... in both of the pair",
    "the terrain is trained while it plays: error/variance",
    *(f"retrained with {takes} takes: error/variance" for takes in (4, 5, 6)),
    "late frames a second, in the best of each",
    "a training is cancelled",
    "its take is undone",
    "the terrain is as it was",
    "the last training is undone",
    "... and done again",
    "what steered is recorded",
    "after the silence a walk steers",
    "without a jump: the largest step",
    "saved: calibration, takes and terrain",
    "a kill -9 costs 5 seconds at most",
    "it plays again",
    "all takes are there",
    "what the terrain and the ranges had learned is there",
    "it ends as it should when it is told to",
)
INSTALLATION = (
    "it plays",
    "without its device it is not well, and says so (503)",
    "the device comes, and it is heard (200)",
    "a unit file for systemd is written",
    "a kill -9 costs 5 seconds of turning at most",
    "its helpers have ended with it",
    "it is back",
    "its state is as it was",
    *(("a frozen engine is noticed", "another plays within seconds") if sys.platform.startswith("linux") else ()),
    "it is heard",
    "a lost device is not well",
    "it plays on without it",
    "the device is back, and it is heard again",
    "it records",
    "recording stops before the disk is full",
    "which is not well",
    "the sound goes on",
    "it records again when there is room",
    "it is added, and trained",
    "the lines of before are where they were",
    "the printed address is true after all this, and a finger steers",
    "it ends as it should when it is told to",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words", "checks"),
    [("biosignals", (), BIOSIGNALS), ("composition", (), COMPOSITION), ("installation", ("--away", "3"), INSTALLATION)],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_example_does_all_that_it_says(name: str, words: tuple[str, ...], checks: tuple[str, ...], tmp_path) -> None:
    if name == "installation":
        need_jack()
    told = tmp_path / "told"
    with told.open("w") as file:
        script = EXAMPLES / name / "run.py"
        done = subprocess.run(
            [sys.executable, "-P", script, *words, "--folder", tmp_path / "piece"],
            cwd=tmp_path,
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    text = told.read_text()
    assert done.returncode == 0, text
    printed = [line.removeprefix("ok    ").strip() for line in text.splitlines() if line.startswith("ok    ")]
    assert "FAILED" not in text
    assert len(printed) == len(checks), text
    for line, check in zip(printed, checks, strict=True):
        assert line == check or line.startswith(f"{check}: "), f"{line!r} is not {check!r}"

"""The performer's example, run in processes of its own; every check is printed, in its order."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "biosignals"
# Training gives way to the sound: beside other work of the machine it takes minutes.
SECONDS = 900.0
CHECKS = (
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


@pytest.mark.slow
def test_a_performer_calibrates_records_trains_plays_and_loses_the_power(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with told.open("w") as file:
        done = subprocess.run(
            [sys.executable, "-P", FOLDER / "run.py", "--folder", tmp_path / "piece"],
            cwd=tmp_path,
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    text = told.read_text()
    assert done.returncode == 0, text
    printed = [line.removeprefix("ok    ").strip() for line in text.splitlines() if line.startswith("ok    ")]
    assert len(printed) == len(CHECKS), text
    for line, check in zip(printed, CHECKS, strict=True):
        assert line == check or line.startswith(f"{check}: "), f"{line!r} is not {check!r}"


def test_the_sensors_send_the_same_for_a_seed_with_spikes_and_lost_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    from sensors import CHANNELS, biosignals  # type: ignore[import-not-found]

    one, same, other = (
        np.array([values for _, values in zip(range(3000), biosignals(seed), strict=False)]) for seed in (1, 1, 2)
    )
    assert one.shape == (3000, CHANNELS)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other, equal_nan=True)
    assert 5 < np.isnan(one).sum() < 60
    assert np.nanmax(np.abs(one[:, :4])) > 5 * np.nanquantile(np.abs(one[:, :4]), 0.99), "a loose electrode"

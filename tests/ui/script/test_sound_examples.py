"""The examples of sounds, by their spectra: a string in tune, a tone from a sine to a saw, 64 partials, definitions."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import load_file, set_value

EXAMPLES, RATE = Path(__file__).parents[3] / "docs" / "examples", 48_000
SIZE = 1 << 20
Sound = NDArray[np.float64]


def made(name: str, folder: Path, *words: str) -> Sound:
    """What an example renders, its first channel."""
    command = [sys.executable, EXAMPLES / f"{name}.py", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    sound, rate = soundfile.read(folder / f"{name.removesuffix('_string')}.wav", always_2d=True)
    assert rate == RATE
    return np.asarray(sound[:, 0], np.float64)


def spectrum(sound: Sound) -> Sound:
    return np.abs(np.fft.rfft(sound * np.hanning(len(sound)), SIZE))


def peak_near(found: Sound, hertz: float) -> float:
    """Where the strongest frequency near one is, Hz."""
    frequencies = np.arange(len(found)) * RATE / SIZE
    place = int(np.argmax(np.where(np.abs(frequencies / hertz - 1) < 0.03, found, 0.0)))
    before, top, after = np.log(found[place - 1 : place + 2])
    return float((place + 0.5 * (before - after) / (before - 2 * top + after)) * RATE / SIZE)


def cents(found: float, wanted: float) -> float:
    return float(1200 * np.log2(found / wanted))


def test_the_string_is_in_tune(tmp_path: Path) -> None:
    sound = made("plucked_string", tmp_path)
    assert abs(cents(peak_near(spectrum(sound[2000:46_000]), 440.0), 440.0)) < 2.0
    loud = [np.abs(sound[second * RATE + 2400 : second * RATE + 7200]).max() for second in range(4)]
    assert min(loud) > 0.02
    patch = load_file(tmp_path / "plucked.ltp")
    for hertz in (110.0, 880.0, 1760.0):
        tuned = set_value(patch, "period", "time", 1000.0 * (RATE / hertz - 0.5) / RATE)
        for block in (64, 256, 4096):
            engine = Engine(tuned, load_palette(), offline_setup(tuned, tmp_path, RATE, block))
            heard = np.concatenate([engine.process()[0].copy() for _ in range(-(-40_000 // block))])
            engine.close()
            assert abs(cents(peak_near(spectrum(heard[1000:40_000]), hertz), hertz)) < 2.0, (hertz, block)


def test_the_formula_with_feedback_grows_from_a_sine_to_a_saw_and_back(tmp_path: Path) -> None:
    sound = made("feedback", tmp_path)

    def overtones(second: float) -> float:
        found = spectrum(sound[round(second * RATE) : round(second * RATE) + 12_000])
        heights = [found[round(110.0 * number * SIZE / RATE)] for number in range(1, 11)]
        return float(sum(heights[1:]) / heights[0])

    assert overtones(0.9) > 5 * overtones(2.9)
    assert abs(cents(peak_near(spectrum(sound), 110.0), 110.0)) < 2.0


def test_all_partials_are_there(tmp_path: Path) -> None:
    sound = made("partials", tmp_path)
    found = spectrum(sound)
    assert 0.05 < np.abs(sound).max() < 1.0
    for number in range(1, 65):
        middle = round(55.0 * number * SIZE / RATE)
        width = max(8, round(0.003 * middle))
        here, between = found[middle - width : middle + width].max(), found[middle + round(0.5 * 55 * SIZE / RATE)]
        assert here > 10 * between, number


def test_three_instances_of_a_voice_are_a_chord(tmp_path: Path) -> None:
    found = spectrum(made("three_voices", tmp_path))
    heights = []
    for hertz in (220.0, 277.18, 329.63):
        assert abs(cents(peak_near(found, hertz), hertz)) < 6.0
        near = slice(round(0.98 * hertz * SIZE / RATE), round(1.02 * hertz * SIZE / RATE))
        heights.append(found[near].max())
        assert heights[-1] > 50 * found[round(250.0 * SIZE / RATE)]
    assert heights[2] > 1.5 * max(heights[:2])


def test_a_definition_in_a_definition_that_was_edited_while_it_played_has_its_octaves(tmp_path: Path) -> None:
    found = spectrum(made("play_nested", tmp_path, "none"))
    for hertz in (220.0, 275.0, 440.0, 550.0):
        assert abs(cents(peak_near(found, hertz), hertz)) < 2.0
        assert found[round(hertz * SIZE / RATE)] > 100 * found[round(330.0 * SIZE / RATE)]


@pytest.mark.parametrize("name", ["plucked_string", "feedback", "three_voices"])
def test_an_example_renders_the_same_bytes_again(name: str, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert made(name, tmp_path / "one").tobytes() == made(name, tmp_path / "two").tobytes()

import numpy as np
import pytest

from latent_terrain.nodes.pan import pan


def panned(audio: np.ndarray, place: float) -> list[float]:
    return [float(x) for x in pan(audio, np.zeros((2, audio.shape[1]), np.float32), place)[:, 0]]


@pytest.mark.parametrize("place", [-1.0, -0.3, 0.0, 0.7, 1.0])
def test_mono_is_equally_strong_everywhere(place: float) -> None:
    left, right = panned(np.ones((1, 4), np.float32), place)
    assert left**2 + right**2 == pytest.approx(1.0)
    assert (left >= right) == (place <= 0)


def test_stereo_in_the_middle_is_untouched_and_at_the_side_only_the_far_channel_goes() -> None:
    audio = np.array([[0.5] * 4, [0.25] * 4], np.float32)
    assert panned(audio, 0.0) == pytest.approx([0.5, 0.25])
    assert panned(audio, 1.0) == pytest.approx([0.0, 0.25], abs=1e-7)


def test_more_channels_fold_in_turn() -> None:
    assert panned(np.array([[1.0], [2.0], [4.0], [8.0]], np.float32), 0.0) == pytest.approx([5.0, 10.0])


def test_a_moving_place_is_the_same_as_a_steady_one() -> None:
    audio = np.ones((1, 3), np.float32)
    moving = pan(audio, np.zeros((2, 3), np.float32), np.array([[-1.0, 0.0, 0.5]], np.float32))  # type: ignore[arg-type]
    for sample, place in enumerate((-1.0, 0.0, 0.5)):
        assert moving[:, sample] == pytest.approx(panned(audio, place), abs=1e-6)

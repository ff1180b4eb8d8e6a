"""Timeline: sounds end to end along one coordinate."""

import numpy as np

from latent_terrain.engine import Trajectories
from latent_terrain.nodes.timeline import Timeline


def test_sounds_follow_one_another_in_proportion_to_their_lengths() -> None:
    latents = Trajectories(("a", "b", "c"), tuple(np.zeros((count, 8), np.float32) for count in (10, 30, 1)))
    first, second, third = Timeline(length=16.0, gap=0.1).coordinates(latents).arrays
    assert (first[0, 0], second[-1, 0] < third[0, 0]) == (0.0, True)
    assert first[-1, 0] < second[0, 0]
    assert (second[-1, 0] - second[0, 0]) / (first[-1, 0] - first[0, 0]) == np.float32(3.0) or abs(
        (second[-1, 0] - second[0, 0]) / (first[-1, 0] - first[0, 0]) - 3
    ) < 1e-4
    assert third[-1, 0] <= 16.0

"""Timeline: lay sounds end to end along one coordinate, so that a terrain becomes a tape you can scrub."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Setting, Trajectories, node, provides


@node(other_names=("time",))
class Timeline:
    """Places the sounds one after another on a straight line: 1-D coordinates for a terrain over time.

    The sounds follow one another from 0 to ``length``, each as long as its share of all latents, with a small gap.
    """

    def __init__(
        self,
        length: Annotated[float, Setting(low=0.1, high=1000, unit="units", help="end of the last sound")] = 16.0,
        gap: Annotated[float, Setting(low=0, high=0.5, help="gap between sounds, as a share of the line")] = 0.04,
    ) -> None:
        self.length, self.gap = length, gap

    @provides
    def coordinates(
        self, latents: Annotated[Trajectories, Help("the sounds to lay out, from encode")]
    ) -> Annotated[Trajectories, Help("a place on the line for each moment of each sound")]:
        """One trajectory ``[points, 1]`` per sound, evenly spaced, as many points as the sound has latents."""
        gaps = max(len(latents.lengths) - 1, 1)
        room = self.length * (1 - self.gap)
        total = max(sum(latents.lengths), 1)
        arrays: list[FloatArray] = []
        begin = 0.0
        for count in latents.lengths:
            share = room * count / total
            arrays.append(np.linspace(begin, begin + share, count, dtype=np.float32)[:, np.newaxis])
            begin += share + self.length * self.gap / gaps
        return Trajectories(latents.names, tuple(arrays))

"""Reduce: many channels become few, as a place on a map made of many sensors."""

from typing import Annotated

import numpy as np

from ...engine import (
    Content,
    ControlSignal,
    FloatArray,
    Help,
    PortSize,
    Progress,
    Setting,
    Setup,
    Signal,
    Size,
    Trajectories,
    job,
    node,
    provides,
)
from ...engine.setup import seed_for
from ...engine.training.jobs import result_of
from ..control_rate import ControlSteps
from ..gui.units import DEFAULT_BOX
from .projection import Method, Projection, fitted, read_projection

Takes = Annotated[Trajectories, Help("recorded takes of the channels, from record")]
# Half of a side of the output where the box has other axes.
USUAL_HALF = 4.0


@node(other_names=("pca", "dimension reduction", "projection", "umap", "embedding", "few", "sammon", "autoencoder"))
class Reduce:
    """Reduces many channels to a few, which fill the box; trained on recorded takes of the same channels.

    Every channel counts by how far it moves, not by its unit. pca: the directions in which most changes. random:
    directions by chance, the same for the patch's seed. learned: as pca, then bent by a small network so that what is
    near or far among the channels stays so (Sammon's stress). Not trained yet it stays in the middle of the box. For a
    terrain over the few channels connect ``coordinates`` to its coordinates.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        size: Annotated[int, Setting(low=1, high=16, help="number of channels to reduce to")] = 2,
        method: Annotated[Method, Setting(help="how the channels are reduced")] = "pca",
        box: Annotated[
            tuple[float, ...],
            Setting(help="lowest corner, then highest: what the takes fill; with other than 2 channels -4 to 4"),
        ] = DEFAULT_BOX,
    ) -> None:
        self.setup, self.size = setup, size
        self.method: Method = method
        ends = np.sort(np.array(box, np.float32).reshape(2, -1), axis=0) if len(box) == 2 * size else None
        self._middle: FloatArray = np.zeros(size, np.float32) if ends is None else ends.mean(0)
        self._half: FloatArray = np.full(size, USUAL_HALF, np.float32) if ends is None else (ends[1] - ends[0]) / 2
        self._steps = ControlSteps(setup)
        found = read_projection(result_of(content, "learn"))
        self.projection = found if found is not None and found.axes.shape[1] == size else None
        self._has_told = self._does_not_fit = False
        if self.projection is None:
            setup.warn("not trained yet: connect recorded takes of these channels, then Learn")
        else:
            self._seen = np.zeros(len(self.projection.mean), np.float32)
            self._bent = np.zeros(len(self.projection.bend_shift), np.float32)
            self._part = np.zeros(size, np.float32)

    def ports(self) -> dict[str, PortSize]:
        """As many channels as are asked for."""
        return {"out": PortSize(self.size)}

    def process(
        self,
        audio: Annotated[Signal, Size("any"), Help("the channels to reduce, such as sensors or latents")],
        out: Signal,
    ) -> Annotated[ControlSignal, Help("the few channels, a place in the box")]:
        """Fill ``out`` ``[size, n]``."""
        return self._steps.process(audio, out, self._step)

    def reset(self) -> None:
        """Begin at rest on the next value."""
        self._steps.reset()

    def remarks(self) -> list[str]:
        """That it was trained on another number of channels, once."""
        if not self._does_not_fit or self._has_told or self.projection is None:
            return []
        self._has_told = True
        return [f"was trained on {len(self.projection.mean)} channels, and others come in: train it again"]

    @job
    def learn(
        self,
        trajectories: Takes,
        progress: Progress,
    ) -> Content:
        """The projection's arrays, float32 (see ``Projection``)."""
        if not trajectories.arrays:
            raise ValueError("no takes to train on: record some of these channels first")
        seed = seed_for(self.setup.patch_seed, "reduce") % 2**31
        moments = np.concatenate(trajectories.arrays)
        made = fitted(moments, self.size, self.method, seed, lambda done: progress(done, "bending the plane"))
        return dict(made.arrays)

    @provides
    def coordinates(
        self, trajectories: Takes | None = None
    ) -> Annotated[Trajectories, Help("the takes reduced, to train a terrain with")]:
        """Each take ``[points, size]``; none before it is trained."""
        projection = self.projection
        if trajectories is None or projection is None or trajectories.size != len(projection.mean):
            return Trajectories()
        arrays: tuple[FloatArray, ...] = tuple(
            np.asarray(self._middle + projection(one) * self._half, np.float32) for one in trajectories.arrays
        )
        return Trajectories(trajectories.names, arrays, are_takes=trajectories.are_takes)

    def _step(self, values: FloatArray, out: FloatArray, sample: int) -> None:
        known = self.projection
        if known is None or len(values) != len(known.mean):
            self._does_not_fit = known is not None
            np.copyto(out, self._middle)
            return
        _place(known, values, self._seen, self._bent, self._part, out)
        np.multiply(out, self._half, out=out)
        np.add(out, self._middle, out=out)


def _place(
    known: Projection, values: FloatArray, seen: FloatArray, bent: FloatArray, part: FloatArray, out: FloatArray
) -> None:
    """As ``Projection.__call__``, of one moment, without memory."""
    np.subtract(values, known.mean, out=seen)
    np.multiply(seen, known.scale, out=seen)
    np.dot(seen, known.axes, out=out)
    np.dot(seen, known.bend_in, out=bent)
    np.add(bent, known.bend_shift, out=bent)
    np.tanh(bent, out=bent)
    np.dot(bent, known.bend_out, out=part)
    np.add(out, part, out=out)
    np.subtract(out, known.middle, out=out)
    np.divide(out, known.half, out=out)
    np.clip(out, -1.0, 1.0, out=out)

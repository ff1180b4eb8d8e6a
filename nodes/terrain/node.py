"""Terrain: a surface between your sounds, walked by coordinates."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from ...engine import (
    Content,
    FrameTimes,
    Help,
    Labels,
    Latent,
    Param,
    PortSize,
    Progress,
    Setting,
    Setup,
    Size,
    Trajectories,
    Wishes,
    job,
    node,
)
from ...engine.setup import seed_for
from ..gui.units import DEFAULT_BOX
from .colours import TerrainColours, measured_colours, principal_axes
from .dataset import PairingRule, Pairs, check_counts, pair
from .fit import State
from .fit_as_needed import AUTO, STEPS, fit_as_needed, with_residual
from .inference import Inference
from .learned import colours_to_keep, learned_colours, learned_space, learned_state, learned_weights, to_keep
from .network import MOST_COORDINATES, FloatArray, TerrainError, TerrainShape, Weights, shape_of
from .quality import in_words, measured_error, share_of, variance
from .recipe import Method, Order, Recipe, recipe_for
from .residual import has_residual

if TYPE_CHECKING:
    from .training import FitResult, ProgressCallback, TrainingProgress

FADE_SECONDS = 0.1
# Pairs up to which what is shown while it learns has what is put back at the lines, too; more take too long.
MOST_SHOWN_EXACT = 8192
Box = tuple[float, float, float, float]
Advanced = partial(Setting, advanced=True)


@node(role="terrain", other_names=("nn.terrain~", "land", "network", "fit", "train", "learn", "nn"))
class Terrain:
    """Maps coordinates to latents with a small network, trained on pairs of trajectories in about a second.

    Connect the same number of coordinate and latent trajectories (from a map and an encode node, or from record nodes);
    they are paired in order, and a line is stretched to its sound where they differ in length. While it plays, the
    coordinates at each frame give that frame's latents, clipped to ±100; invalid coordinates repeat the last frame.
    """

    # What it computes is spec §3-§8.

    def __init__(
        self,
        setup: Setup,
        content: Content,
        control_dim: Annotated[
            int, Setting(low=1, high=MOST_COORDINATES, help="number of coordinates"), Labels("dimensions")
        ] = 2,
        gauss: Annotated[
            float,
            Setting(
                low=0,
                high=10,
                help="highest frequency the terrain can follow, in cycles per unit (of more than two coordinates: "
                "per half of the spread of the recorded ones); 0 is smoothest",
            ),
            Labels("roughness"),
        ] = 0.1,
        width: Annotated[int, Advanced(low=1, high=1024, help="neurons per layer")] = 128,
        features: Annotated[int, Advanced(low=16, high=2048, help="random Fourier features")] = 256,
        box: Annotated[
            tuple[float, ...],
            Setting(help="left, top, right, bottom of the map: where the terrain is kept smooth"),
        ] = DEFAULT_BOX,
        pairing: Annotated[
            PairingRule,
            Advanced(help="lines and sounds of unequal length: stretch, or truncate as nn.terrain~ does"),
        ] = "stretch",
        method: Annotated[
            Method,
            Advanced(help="fast: smooth, trains from scratch; nn.terrain: Adam as in nn.terrain~, resumes training"),
            Labels(choices=(("recipe", "fast"), ("reference", "nn.terrain"))),
        ] = "recipe",
        steps: Annotated[
            int,
            Advanced(
                low=0,
                high=100_000,
                help="training steps; 0 (auto): 300, then 1200 more at roughness 0.4 if error/variance stays "
                "above 0.05 (and roughness is 0.1)",
            ),
        ] = AUTO,
        smoothness: Annotated[
            float, Setting(low=0, high=1, help="0 follows every sound closely, 1 flattens the terrain between sounds")
        ] = 0.17,
        order: Annotated[
            Order,
            Advanced(help="lines: consecutive frames are neighbours; points: they are independent; auto: detect"),
        ] = "auto",
        along: Annotated[
            float,
            Advanced(low=0, high=100, unit="points", help="smooth the latents along each line over this many points"),
            Labels("line smoothing"),
        ] = 0.0,
        rate: Annotated[
            float, Advanced(low=1e-4, high=0.1, help="learning rate of method nn.terrain"), Labels("learning rate")
        ] = 1e-3,
        batch: Annotated[
            int, Advanced(low=4, high=128, help="batch size of method nn.terrain, in points"), Labels("batch size")
        ] = 32,
        between: Annotated[
            bool,
            Advanced(help="also train on points between neighbouring frames of a line; turn off where sounds jump"),
            Labels("interpolate"),
        ] = True,
        far: Annotated[
            bool,
            Advanced(help="far from all lines: blend the nearby lines; off: fall back to the mean latent"),
            Labels("extrapolate"),
        ] = True,
        residual: Annotated[
            bool,
            Advanced(help="add the network's residual error back near the lines, so that they sound exact"),
        ] = True,
        variant: Annotated[
            int,
            Advanced(low=0, high=2**31 - 1, help="random seed: another seed gives another terrain from the same data"),
            Labels("seed"),
        ] = 0,
        device: Annotated[
            Literal["cpu", "auto", "cuda", "mps"],
            Advanced(help="where to train; auto: a GPU if there is one"),
        ] = "cpu",
        voices: Annotated[int, Setting(low=1, high=32, help="number of playheads, each with its own position")] = 1,
    ) -> None:
        self.setup = setup
        self.control_dim, self.voices, self.device = control_dim, voices, device
        self.network = (gauss, width, features)
        self.box, self.steps, self.smoothness = box, steps, smoothness
        self.pairing: PairingRule = pairing
        self.method: Method = method
        self.order: Order = order
        self.along, self.rate, self.batch, self.between = along, rate, batch, between
        self.far, self.residual = far, residual
        self._content = content
        self.seed = seed_for(setup.patch_seed, f"terrain {variant}") % 2**31
        self.shape: TerrainShape | None = None
        self.inference: Inference | None = None
        self._leaving: Inference | None = None
        self._coming: Inference | None = None
        self._faded, self._fade_frames = 0, 1
        self.space = learned_space(content)
        weights = learned_weights(content)
        if weights:
            self.shape = shape_of(weights)
            columns = voices * setup.block
            self.inference = Inference(weights, columns)
            self._before = np.zeros((self.shape.latent_dim, columns), np.float32)
            self._latents = np.zeros((self.shape.latent_dim, columns), np.float32)
            self._places = np.zeros((self.shape.control_dim, columns), np.float32)
        else:
            setup.warn("not trained yet: draw lines, then Learn (latent-terrain terrain fit)")

    def ports(self) -> dict[str, PortSize]:
        """Sizes of a learned network; before that the codec downstream says how many latents there are."""
        control = self.control_dim if self.shape is None else self.shape.control_dim
        position = PortSize(self.voices * control, counted="voices", each=control)
        if self.shape is None:
            return {"position": position, "out": PortSize(untrained=True)}
        latent = self.shape.latent_dim
        out = PortSize(self.voices * latent, space=self.space, counted="voices", each=latent)
        return {"position": position, "out": out}

    def process(
        self,
        position: Annotated[Latent, Size("any"), Help("where to read the terrain, such as the xy of a map")],
        frames: FrameTimes,
        out: Annotated[Latent, Size("any")],
        enabled: Annotated[bool, Param(0, 1, help="off: output zeros")] = True,
    ) -> Annotated[Latent, Size("any"), Help("latents at that position, for a decoder")]:
        """Coordinates ``[voices · control_dim, frames]`` in, latents ``[voices · latent_dim, frames]`` out."""
        inference = self.inference
        if inference is None or not enabled:
            out.fill(0.0)
            return out
        if self.voices == 1:
            self._evaluate(inference, position, out, out.shape[1], frames)
            return out
        count = out.shape[1]
        places, latents = self._places[:, : self.voices * count], self._latents[:, : self.voices * count]
        for voice in range(self.voices):
            mine = slice(voice * count, (voice + 1) * count)
            places[:, mine] = position[voice * len(places) : (voice + 1) * len(places)]
        self._evaluate(inference, places, latents, count, frames)
        for voice in range(self.voices):
            out[voice * len(latents) : (voice + 1) * len(latents)] = latents[:, voice * count : (voice + 1) * count]
        return out

    def _evaluate(
        self, inference: Inference, position: FloatArray, out: FloatArray, count: int, frames: FrameTimes
    ) -> None:
        """The latents at places ``[control_dim, voices · count]``; of two terrains in a crossfade."""
        inference.evaluate(position, out)
        if self._leaving is not None:
            self._cross(self._leaving, position, out, count)
        elif self._coming is not None:
            self._leaving, self.inference, self._coming, self._faded = inference, self._coming, None, 0
            self._fade_frames = max(2, round(FADE_SECONDS * self.setup.sample_rate / frames.ratio))

    def reset(self) -> None:
        """Forget the last good frame."""
        if self.inference is not None:
            self.inference.reset()

    def renews(self, content: Content) -> bool:
        """Whether new weights fit in the place of those playing."""
        weights = learned_weights(content)
        if not weights or self.shape is None:
            return False
        fresh = shape_of(weights)
        return (fresh.control_dim, fresh.latent_dim) == (self.shape.control_dim, self.shape.latent_dim)

    def prepare(self, content: Content) -> Inference:
        """New weights made ready for ``renew``; off the audio thread."""
        self.space = learned_space(content)
        return Inference(learned_weights(content), self.voices * self.setup.block)

    def renew(self, inference: Inference) -> None:
        """Audio thread only: glide to new weights over the next tenth of a second, once an earlier glide is over."""
        self._coming = inference

    def _cross(self, leaving: Inference, position: FloatArray, out: FloatArray, count: int) -> None:
        before = self._before[:, : out.shape[1]]
        leaving.evaluate(position, before)
        for index in range(count):
            self._faded = min(self._faded + 1, self._fade_frames)
            share = self._faded / self._fade_frames
            before[:, index::count] *= 1.0 - share
            out[:, index::count] *= share
        np.add(out, before, out=out)
        if self._faded >= self._fade_frames:
            self._leaving = None

    @job
    def learn(
        self,
        coordinates: Annotated[Trajectories, Help("training lines, from a map or a timeline")],
        latents: Annotated[Trajectories, Help("the sounds of those lines, from encode or record")],
        progress: Progress,
        wishes: Wishes = dict,
    ) -> Content:
        """Fit the network to the pairs; the weights in the reference's own layout, float32, and what to go on with.

        wishes: ``rate`` and ``batch`` may be turned meanwhile.
        """
        from .training import FitStopped, fit, usable_device

        if coordinates.are_takes:
            check_counts(len(coordinates.names), len(latents.names))
        pairs = pair(coordinates, latents, self.pairing, coordinates.weights)
        device, sorry = usable_device(self.device)
        if sorry:
            self.setup.warn(sorry)
        for sentence in pairs.report:
            self.setup.warn(sentence)
        gauss, width, features = self.network
        shape = TerrainShape(pairs.x.shape[1], pairs.z.shape[1], gauss, width, features)

        recipe, spread, reached = self._recipe(pairs), variance(pairs.z), 0.0

        has_order = recipe.decay == 0.0  # of points in no order, what is not met may be noise
        puts_back = self.residual and self.method == "recipe" and has_order and not self.along

        def exact(weights: Weights) -> dict[str, FloatArray]:
            """With what the network misses at the lines."""
            return with_residual(weights, pairs, self._height(pairs), self.smoothness) if puts_back else dict(weights)

        # What is shown on the way has colours near these, as the result has; near those shown last, it would depend on
        # how long the training took.
        kept = learned_colours(self._content, self.box)
        axes = principal_axes(pairs.z) if kept is None else kept.axes

        def coloured(weights: Weights) -> TerrainColours:
            return measured_colours(weights, self.box, pairs.x, axes)

        def shown(now: "TrainingProgress") -> Content:
            weights = now.snapshot()
            if len(pairs.x) <= MOST_SHOWN_EXACT and not has_residual(weights):
                weights = exact(weights)
            return {**weights, **colours_to_keep(coloured(weights))}

        def report(now: "TrainingProgress", done: float, is_second: bool) -> bool:
            nonlocal reached
            wished, reached = wishes(), done
            now.turning.rate = wished.get("rate")
            now.turning.batch = int(wished["batch"]) if "batch" in wished else None
            found = f", error/variance {share_of(now.best, spread):.3f}" if isfinite(now.best) else ""
            text = f"loss {now.loss:.3f}{found}, {now.pairs_per_second:.0f} pairs/s, {now.seconds_left:.1f} s left"
            return progress(done, f"refining: {text}" if is_second else text, lambda: shown(now))

        def learned(
            shape: TerrainShape,
            steps: int,
            told: "ProgressCallback",
            start: Weights | None = None,
            state: State | None = None,
        ) -> "FitResult":
            result = fit(
                pairs,
                shape,
                box=self._edges(shape.control_dim),
                method=self.method,
                steps=steps,
                seed=self.seed,
                smoothness=self.smoothness,
                progress=told,
                start=start,
                recipe=recipe,
                order=self.order,
                along=self.along,
                state=state,
                device=device,
                check_stop=lambda done: progress(reached, "evaluating the terrain" if done else "preparing the data"),
            )
            return replace(result, weights=exact(result.weights))

        try:
            if self.method == "recipe":
                result = fit_as_needed(learned, pairs, shape, self.steps, report, may=has_order)
            else:
                result = self._more(shape, lambda now: report(now, now.step / now.steps, False), learned)
        except FitStopped:
            return {}
        for sentence in result.warnings:
            self.setup.warn(sentence)
        error = measured_error(result.weights, pairs)
        if reached < 1.0 and self.steps == AUTO:
            progress(1.0, in_words(error))
        state = result.state if self.method == "reference" else {}
        return to_keep(result.weights, result.history, state, latents.space, error, coloured(result.weights))

    def _recipe(self, pairs: Pairs) -> Recipe:
        chosen = recipe_for(self.method, self.order, pairs)
        if self.method == "reference":
            return replace(chosen, rate=self.rate, batch=self.batch)
        if not self.far:
            chosen = replace(chosen, far=0)
        return chosen if self.between else replace(chosen, densify=1)

    def _more(self, shape: TerrainShape, told: "ProgressCallback", learned: "Callable[..., FitResult]") -> "FitResult":
        """Go on from what was learned before: to the bit from equal pairs, else from its weights, else afresh."""
        weights, state = learned_weights(self._content), learned_state(self._content)
        steps = self.steps or STEPS
        if weights and state:
            try:
                done = int(state["numbers"][0])
                kept = {**state, "numbers": self._turned(state["numbers"])}
                return learned(shape, done + steps, told, None, kept)
            except (TerrainError, KeyError, IndexError):
                pass  # other pairs than those it was kept with
        return learned(shape, steps, told, weights if weights and shape_of(weights) == shape else None)

    def _turned(self, numbers: np.ndarray) -> np.ndarray:
        """What was kept, with the learning rate and batch as they are set now."""
        return np.array([*numbers[:5], self.rate, self.batch], np.float64)

    def _height(self, pairs: Pairs) -> float:
        """The map's shorter side, or that of the pairs' ground where the box has other axes; in coordinate units."""
        edges = self._edges(pairs.x.shape[1])
        sides = np.ptp(pairs.x, axis=0) if edges is None else edges[1] - edges[0]
        return max(float(np.min(sides)), float(np.max(sides)) / 16)

    def _edges(self, axes: int) -> tuple[np.ndarray, np.ndarray] | None:
        """The box as low and high corners ``[axes]``, when it has as many axes as the data."""
        if len(self.box) != 2 * axes:
            return None
        one, other = np.array(self.box[:axes], np.float64), np.array(self.box[axes:], np.float64)
        return np.minimum(one, other), np.maximum(one, other)

"""A fit under way, one step at a time: the data as the network sees them, and the way back to the reference's layers.

It can be turned while it learns, put aside with all it needs to go on, and taken up again, to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from .basis import Basis, densified, drawn_together, no_check, scattered, whitened
from .dataset import Pairs
from .far import far_count, far_targets
from .network import LAYERS, FloatArray, TerrainError, Weights, first_layer
from .perceptron import Perceptron
from .recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor

# Steps between two looks at the terrain: a twentieth of all of them, within these.
CHECK_EVERY, CHECK_SELDOM = 20, 60
CHECK_POINTS = 4096
POOL = 1024
FEWEST_FAR = 64
# How far places are shaken to measure the terrain off its points, of the box's longest side (spec §18).
JITTER = 0.001
State = Mapping[str, np.ndarray]


class Fitting:
    """Learns pairs from start weights by a recipe. steps: how many are planned; the learning rate falls towards them.

    check_stop: called every few milliseconds while all is made ready; what it raises ends that. device: where steps are
    made; all is made ready, drawn by lot, and kept on the processor, so that a state goes on anywhere.
    rate, batch: may be changed at any time between steps. ``steps_done``, ``best_loss``, ``validation_loss`` (mean
    squared error at shaken places, of the average when last looked at): how far it is.
    """

    def __init__(
        self,
        pairs: Pairs,
        weights: Weights,
        edges: tuple[FloatArray, FloatArray],
        recipe: Recipe,
        steps: int,
        seed: int,
        smoothness: float,
        along: float = 0.0,
        check_stop: Callable[[], None] = no_check,
        device: str = "cpu",
    ) -> None:
        import torch

        self.recipe, self.start, self.steps = recipe, weights, steps
        self.rate, self.batch = recipe.rate, recipe.batch
        self.random = torch.Generator().manual_seed(seed)
        x = torch.from_numpy(np.array(pairs.x, np.float32))
        z = torch.from_numpy(np.array(pairs.z, np.float64))
        low, high = (torch.from_numpy(edge) for edge in edges)
        sides = high - low
        height = float(sides.amin().clamp_min(sides.amax() / 16))
        self.reach = height / 32
        self.penalty = 0.003 * 1000**smoothness * (height / 8) ** 2
        frequencies = torch.from_numpy(np.array(weights["B_T"])) if "B_T" in weights else None
        self.basis = Basis(frequencies)
        self.mean, self.std = torch.zeros(z.shape[1]).double(), torch.ones(z.shape[1]).double()
        far_x, far_z = self._far(pairs, edges, seed, check_stop)
        pool = scattered(low, high, recipe.margin, POOL, seed) if recipe.directions else x[:1]
        if recipe.directions:
            self.mean, deviation = z.mean(0), z.std(0, correction=0)
            self.std = torch.where(deviation > 1e-6, deviation, 0.0)
            one_place = bool((x.amax(0) - x.amin(0)).amax() < height / 1000)
            # over thin lines alone, what changes across a line would be blown up, and the terrain wild a step off it
            thick = torch.cat([x, x + torch.randn(x.shape, generator=self.random) * self.reach, far_x])
            over = pool if one_place else thick
            self.basis = whitened(frequencies, over, recipe.directions, recipe.ridge, self.random, check_stop)
        self.points = len(x)
        unit = torch.where(self.std > 0, self.std, 1.0)
        self.x, self.targets = x, ((z - self.mean) / unit).float()
        if along > 0 and recipe.densify > 1:
            self.targets = drawn_together(self.targets, pairs.lengths, along)
        weighed = _weights(pairs)[:, None].float()
        if recipe.densify > 1:
            both = torch.cat([self.targets, weighed], dim=1)
            self.x, both = densified(x, both, pairs.lengths, recipe.densify, recipe.jump)
            self.targets, weighed = both[:, :-1].contiguous(), both[:, -1:]
        weighed = weighed / weighed.mean()
        if len(far_x):
            counts = torch.full((len(far_x), 1), recipe.far_share * len(self.x) / len(far_x))
            self.x = torch.cat([self.x, far_x])
            self.targets = torch.cat([self.targets, ((far_z - self.mean) / unit).float()])
            weighed = torch.cat([weighed, counts])
        self.weighed = weighed if pairs.weights or len(far_x) else None
        check_stop()
        self.inputs = self.basis(self.x, check_stop) if recipe.directions else None
        way = torch.nn.functional.normalize(torch.randn(pool.shape, generator=self.random), dim=1) * self.reach / 2
        self.before, self.after = self.basis(pool - way), self.basis(pool + way)
        self._looked_at = slice(0, self.points, max(1, self.points // CHECK_POINTS))
        shaken = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed)) * JITTER
        shaken = shaken[self._looked_at].clamp(-5 * JITTER, 5 * JITTER) * float(sides.amax())
        self._validation_inputs = self.basis(x[self._looked_at] + shaken, check_stop)
        self._device = device
        self._here = self.basis.to(device)
        self.x, self.targets, self._validation_inputs = (
            one.to(device) for one in (self.x, self.targets, self._validation_inputs)
        )
        self.before, self.after = self.before.to(device), self.after.to(device)
        self.inputs = self.inputs.to(device) if self.inputs is not None else None
        self.weighed = self.weighed.to(device) if self.weighed is not None else None
        self._scale = self.std if device == "cpu" else self.std.float().to(device)
        self.net = self._perceptron()
        self._matrices = self.net.matrices() if recipe.decay else None
        self._momentum, self._second_moment = torch.zeros_like(self.net.values), torch.zeros_like(self.net.values)
        self._average, self._usual = self.net.values.clone(), 0.0
        self._order, self._place = torch.arange(len(self.x)), len(self.x)
        self._look_every = min(max(CHECK_EVERY, steps // 20), CHECK_SELDOM)
        self.steps_done = self.epochs = 0
        self.best, self.best_loss, self.validation_loss = self.net.values.clone(), math.inf, math.inf
        self.latest_loss = 0.0

    def step(self) -> float:
        """One step; gives the mean squared error of its points, in latent units, before it."""
        import torch

        recipe, net, count = self.recipe, self.net, len(self.x)
        picked = self._next_points(count)
        loss = self._gradient(picked)
        size = float(net.gradient.norm())
        self._usual = size if self.steps_done == 0 else 0.95 * self._usual + 0.05 * min(size, recipe.clip * self._usual)
        if size > recipe.clip * self._usual:
            net.gradient.mul_(recipe.clip * self._usual / size)
        rate = self.rate * max(recipe.last_rate, 1 - self.steps_done / self.steps)
        rate *= min(1.0, (self.steps_done + 1) / max(1, recipe.warm_up))
        done = self.steps_done = self.steps_done + 1
        self._momentum.lerp_(net.gradient, 0.1)
        self._second_moment.mul_(recipe.memory).addcmul_(net.gradient, net.gradient, value=1 - recipe.memory)
        scale = torch.div(self._second_moment, 1 - recipe.memory**done).sqrt_().add_(1e-8)
        if self._matrices is not None:
            net.values.addcmul_(net.values, self._matrices, value=-rate * recipe.decay)
        net.values.addcdiv_(self._momentum / (1 - 0.9**done), scale, value=-rate)
        self._average.lerp_(net.values, max(1 - recipe.average, 1 / done))
        if done % self._look_every == 0 or done == self.steps:
            self.look()
        return loss

    def look(self) -> None:
        """Measure the terrain so far, and keep it if it is the best."""
        error = self._errors(self._average, self.inputs, self.x)
        loss = self._loss(error)
        self.latest_loss = loss
        if not math.isfinite(loss):
            return
        shaken = self.net.at(self._average, self._validation_inputs) - self.targets[self._looked_at]
        self.validation_loss = self._loss(shaken)
        if loss < self.best_loss or not self.recipe.keep_best:
            self.best.copy_(self._average)
        self.best_loss = min(self.best_loss, loss)

    def now(self) -> dict[str, FloatArray]:
        """The weights as they are, in the reference's layout."""
        return self.folded(self._average)

    def weights(self) -> dict[str, FloatArray]:
        """The best weights so far, in the reference's layout."""
        return self.folded(self.best)

    def state(self) -> dict[str, np.ndarray]:
        """All that is needed to go on, as arrays."""
        numbers = [self.steps_done, self.epochs, self._place, self._usual, self.best_loss, self.rate, self.batch]
        return {
            "values": self.net.values.cpu().numpy().copy(),
            "momentum": self._momentum.cpu().numpy().copy(),
            "power": self._second_moment.cpu().numpy().copy(),
            "average": self._average.cpu().numpy().copy(),
            "best": self.best.cpu().numpy().copy(),
            "order": self._order.numpy().astype(np.int32),
            "random": self.random.get_state().numpy().copy(),
            "numbers": np.array(numbers, np.float64),
        }

    def go_on(self, state: State) -> None:
        """Take up where ``state`` was taken. Raises TerrainError for one of other data or another network."""
        import torch

        try:
            numbers = [float(number) for number in state["numbers"]]
            flat = {name: np.asarray(state[name], np.float32) for name in ("values", "momentum", "power", "average")}
            order, random = np.asarray(state["order"], np.int64), np.asarray(state["random"], np.uint8)
            best = np.asarray(state["best"], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise TerrainError(f"the saved training state is damaged ({error}); retrain") from None
        fits = all(len(one) == len(self.net.values) for one in (*flat.values(), best)) and len(numbers) == 7
        if not fits or sorted(order.tolist()) != list(range(len(self.x))):
            raise TerrainError("the saved training state is from other data or another network; retrain")
        self.net.values.copy_(torch.from_numpy(flat["values"].copy()))
        for mine, name in ((self._momentum, "momentum"), (self._second_moment, "power"), (self._average, "average")):
            mine.copy_(torch.from_numpy(flat[name].copy()))
        self.best.copy_(torch.from_numpy(best.copy()))
        self._order = torch.from_numpy(order.copy())
        self.random.set_state(torch.from_numpy(random.copy()))
        self.steps_done, self.epochs, self._place = (int(number) for number in numbers[:3])
        self._usual, self.best_loss, self.rate = numbers[3:6]
        self.batch = int(numbers[6])

    def folded(self, values: Tensor) -> dict[str, FloatArray]:
        """Weights in the reference's layout: whitening and scaling are multiplied into its first and last layer."""
        parts = [part.cpu().double() for part in self.net.split(values)]
        first, first_bias = parts[0], parts[1]
        if self.basis.mean is not None and self.basis.transform is not None:
            first = self.basis.transform.double() @ first
            first_bias = first_bias - self.basis.mean.double() @ first
        matrices = [first, parts[2], parts[4], parts[6], parts[8] * self.std]
        biases = [first_bias, parts[3], parts[5], parts[7], parts[9] * self.std + self.mean]
        out = {name: np.array(self.start[name]) for name in ("B_T", "two_pi", "m_gauss_scale") if name in self.start}
        names = (first_layer(self.start), *LAYERS, "fc_out")
        for name, matrix, bias in zip(names, matrices, biases, strict=True):
            out[f"{name}.weight"] = matrix.T.float().contiguous().numpy()
            out[f"{name}.bias"] = bias.float().numpy()
        for number, push in enumerate(parts[10].float(), 1):
            out[f"prelu{number}.weight"] = push.reshape(1).clone().numpy()
        return out

    def _far(
        self, pairs: Pairs, edges: tuple[FloatArray, FloatArray], seed: int, check_stop: Callable[[], None]
    ) -> tuple[Tensor, Tensor]:
        """Places far from every line and their latents, never more than there are points on lines; none is possible."""
        import torch

        count, points = self.recipe.far, self.recipe.densify * len(pairs.x)
        if not count:
            return torch.zeros(0, pairs.x.shape[1]), torch.zeros(0, pairs.z.shape[1])
        rough = float(np.std(self.start["B_T"])) if "B_T" in self.start else 0.0
        area = float(np.prod(np.sort(edges[1] - edges[0])[-2:]))
        count = min(far_count(count, rough * math.sqrt(area)), max(FEWEST_FAR, points))
        targets = far_targets(pairs.x, pairs.z, *edges, count, seed, check_stop)
        return torch.from_numpy(targets[0]), torch.from_numpy(targets[1])

    def _next_points(self, count: int) -> Tensor:
        """The next points of this epoch; a new order when too few are left for a batch of a recipe."""
        import torch

        batch = max(1, min(self.batch, count))
        left = count - self._place
        if left <= 0 or (self.recipe.directions and left < batch):
            self._order, self._place = torch.randperm(count, generator=self.random), 0
            self.epochs += 1
        picked = self._order[self._place : self._place + batch].to(self._device)
        self._place += len(picked)
        return picked

    def _gradient(self, picked: Tensor) -> float:
        import torch

        recipe, net = self.recipe, self.net
        wanted, points = self.targets[picked], len(picked)
        seen = self._here(self.x[picked]) if self.inputs is None else self.inputs[picked]
        first = (self.steps_done * recipe.probes) % POOL
        before, after = (side[first : first + recipe.probes] for side in (self.before, self.after))
        probes = len(before) if recipe.probes else 0
        if probes:
            seen = torch.cat([seen, before, after])
        given = net.forward(seen)
        error = given[:points] - wanted
        grad_output = torch.empty_like(given)
        grad_output[:points] = error * (2 / error.numel())
        if self.weighed is not None:
            grad_output[:points] *= self.weighed[picked]
        if probes:
            rise = given[points + probes :] - given[points : points + probes]
            push = rise * (2 * self.penalty / (self.reach**2 * rise.numel()))
            grad_output[points : points + probes], grad_output[points + probes :] = -push, push
        net.backward(grad_output)
        return float((error * self._scale).square().mean())

    def _loss(self, error: Tensor) -> float:
        """Mean square of errors at the points looked at, in latent units, each as much as it counts."""
        squares = (error * self._scale).square()
        return float((squares if self.weighed is None else squares * self.weighed[self._looked_at]).mean())

    def _errors(self, values: Tensor, inputs: Tensor | None, x: Tensor) -> Tensor:
        seen = self._here(x[self._looked_at]) if inputs is None else inputs[self._looked_at]
        return self.net.at(values, seen) - self.targets[self._looked_at]

    def _perceptron(self) -> Perceptron:
        import torch

        start = {name: torch.from_numpy(np.array(array)) for name, array in self.start.items()}
        name = first_layer(self.start)
        first = start[f"{name}.weight"].T
        if self.basis.transform is not None:
            kept = self.basis.transform.shape[1]
            first = first[:kept] * math.sqrt(len(first) / kept)
        parts = [first, start[f"{name}.bias"]]
        for layer in (*LAYERS, "fc_out"):
            parts += [start[f"{layer}.weight"].T, start[f"{layer}.bias"]]
        parts.append(torch.cat([start[f"prelu{number}.weight"] for number in range(1, 5)]))
        return Perceptron([part.to(self._device) for part in parts])


def _weights(pairs: Pairs) -> Tensor:
    """How much each point counts, ``[points]``."""
    import torch

    if not pairs.weights:
        return torch.ones(len(pairs.x))
    return torch.repeat_interleave(torch.tensor(pairs.weights), torch.tensor(pairs.lengths))

"""The working part of a terrain while it learns: five layers with forward and backward pass written by hand.

Automatic differentiation spends more time on the four single-number PReLU weights than on all matrix products
(1.2 ms against 0.5 ms per layer at 1332 points); by hand they cost one dot product each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


class Perceptron:
    """Four PReLU layers and a linear one on one flat vector of numbers, so that one optimiser step moves them all.

    parts: eleven tensors to start from: five times matrix ``[inputs, outputs]`` and bias, then the four PReLU weights.
    ``values`` is the flat vector, ``gradient`` its gradient after ``backward``.
    """

    def __init__(self, parts: list[Tensor]) -> None:
        import torch

        self.shapes = [part.shape for part in parts]
        self.values = torch.cat([part.reshape(-1) for part in parts])
        self.gradient = torch.zeros_like(self.values)
        self._parts, self._gradients = self.split(self.values), self.split(self.gradient)
        self._inputs: list[Tensor] = []
        self._before: list[Tensor] = []

    def split(self, values: Tensor) -> list[Tensor]:
        """The eleven parts of a flat vector, as views."""
        import torch

        sizes = [shape.numel() for shape in self.shapes]
        parts = torch.split(values, sizes)
        return [part.view(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def matrices(self) -> Tensor:
        """1 where a flat vector holds a matrix, 0 where it holds biases and PReLU weights."""
        import torch

        found = torch.zeros_like(self.values)
        for part in self.split(found)[0:10:2]:
            part.fill_(1.0)
        return found

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs ``[points, outputs]`` at ``[points, inputs]``, keeping what the backward pass needs."""
        import torch

        self._inputs, self._before = [], []
        for layer, prelu_weight in enumerate(self._parts[10].tolist()):
            self._inputs.append(inputs)
            before = torch.addmm(self._parts[2 * layer + 1], inputs, self._parts[2 * layer])
            self._before.append(before)
            inputs = torch.nn.functional.leaky_relu(before, prelu_weight)
        self._inputs.append(inputs)
        return torch.addmm(self._parts[9], inputs, self._parts[8])

    def backward(self, grad_output: Tensor) -> None:
        """Fill ``gradient`` from the loss's gradient ``[points, outputs]`` at the outputs of the last forward pass."""
        import torch

        for layer in (4, 3, 2, 1, 0):
            if layer < 4:
                before = self._before[layer]
                self._gradients[10][layer] = torch.dot(grad_output.flatten(), before.clamp_max(0).flatten())
                prelu_weight = float(self._parts[10][layer])
                grad_output = torch.ops.aten.leaky_relu_backward(grad_output, before, prelu_weight, False)
            torch.mm(self._inputs[layer].T, grad_output, out=self._gradients[2 * layer])
            torch.sum(grad_output, 0, out=self._gradients[2 * layer + 1])
            if layer:
                grad_output = grad_output @ self._parts[2 * layer].T

    def at(self, values: Tensor, inputs: Tensor) -> Tensor:
        """Outputs at ``[points, inputs]`` with other values than its own, in pieces that stay in the cache."""
        import torch

        parts = self.split(values)
        outputs = []
        for hidden in torch.split(inputs, 1024):
            for layer, prelu_weight in enumerate(parts[10].tolist()):
                hidden = torch.addmm(parts[2 * layer + 1], hidden, parts[2 * layer])
                hidden = torch.nn.functional.leaky_relu(hidden, prelu_weight)
            outputs.append(torch.addmm(parts[9], hidden, parts[8]))
        return torch.cat(outputs)

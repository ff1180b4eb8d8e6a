"""The reference's own training, ported literally, as a baseline: torch modules, Adam, batches of 32, nothing else.

Network and loop as in the reference's description: Fourier features of a fixed matrix, four PReLU layers of one width
and a linear one, libtorch's initialisation, mean squared error, a fresh order each epoch, the last small batch kept.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class ReferenceNet(torch.nn.Module):
    """Fourier-CPPN from ``[n, coordinates]`` to ``[n, latents]``. gauss: cycles per unit."""

    def __init__(self, inputs: int, latents: int, gauss: float = 0.1, width: int = 128, features: int = 256) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.register_buffer("B_T", (torch.randn(features, inputs) * gauss).T)
        self.fc_in_gau = torch.nn.Linear(2 * features, width)
        self.fc2, self.fc3, self.fc4 = (torch.nn.Linear(width, width) for _ in range(3))
        self.fc_out = torch.nn.Linear(width, latents)
        self.prelu1, self.prelu2, self.prelu3, self.prelu4 = (torch.nn.PReLU() for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Latents at coordinates."""
        angle = 2 * torch.pi * x @ self.B_T
        hidden = self.prelu1(self.fc_in_gau(torch.cat([torch.sin(angle), torch.cos(angle)], -1)))
        hidden = self.prelu4(self.fc4(self.prelu3(self.fc3(self.prelu2(self.fc2(hidden))))))
        found: torch.Tensor = self.fc_out(hidden)
        return found


@dataclass(frozen=True)
class Moment:
    """After an epoch: CPU seconds of training so far (without this measuring), and the net."""

    epoch: int
    seconds: float
    net: ReferenceNet


def train(
    x: Floats,
    z: Floats,
    epochs: int,
    seed: int,
    rate: float = 1e-3,
    batch: int = 32,
    every: int = 5,
    gauss: float = 0.1,
) -> Iterator[Moment]:
    """Train, telling of every ``every``-th epoch. CPU time of the calling thread."""
    torch.manual_seed(seed)
    net = ReferenceNet(x.shape[1], z.shape[1], gauss)
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    places, sounds = torch.from_numpy(x), torch.from_numpy(z)
    spent, began = 0.0, time.thread_time()
    for epoch in range(1, epochs + 1):
        for picked in torch.randperm(len(places)).split(batch):
            optimiser.zero_grad()
            loss = torch.nn.functional.mse_loss(net(places[picked]), sounds[picked])
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        if epoch % every == 0 or epoch == epochs:
            spent += time.thread_time() - began
            yield Moment(epoch, spent, net)
            began = time.thread_time()


def predicted(net: ReferenceNet, x: Floats) -> Floats:
    """Latents at coordinates, float32 ``[n, latents]``."""
    with torch.inference_mode():
        found: Floats = net(torch.from_numpy(np.ascontiguousarray(x, np.float32))).numpy()
    return found

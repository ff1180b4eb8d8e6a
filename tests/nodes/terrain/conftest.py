"""Shared by the terrain tests: small lands, smooth made-up sounds, and the reference's own file where there is one."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.network import FloatArray, TerrainShape, Weights, initial_weights

CurveMaker = Callable[..., Pairs]


def reference_folders() -> list[Path]:
    given = os.environ.get("LATENT_TERRAIN_REFERENCE_DATA")
    return [Path(given)] if given else [Path(__file__).parents[3].parent / "shared" / "data"]


@pytest.fixture
def reference_file() -> Callable[[str], Path]:
    """Finds a file of the reference by name, or skips the test."""

    def find(name: str) -> Path:
        for folder in reference_folders():
            if (folder / name).is_file():
                return folder / name
        pytest.skip(f"{name} is not here; set LATENT_TERRAIN_REFERENCE_DATA to the folder that holds it")

    return find


@pytest.fixture
def land() -> Callable[..., dict[str, FloatArray]]:
    """An unshaped land of any shape, by seed."""

    def make(control_dim: int = 2, latent_dim: int = 4, seed: int = 1, **more: float) -> dict[str, FloatArray]:
        return initial_weights(TerrainShape(control_dim, latent_dim, **more), seed)  # type: ignore[arg-type]

    return make


@pytest.fixture
def curves() -> CurveMaker:
    """Separate lines in cells of the 32 x 8 canvas with smooth latents and noise on them, as pairs."""

    def make(count: int = 6, points: int = 40, latent_dim: int = 4, noise: float = 0.1, seed: int = 0) -> Pairs:
        random = np.random.default_rng(seed)
        time = np.linspace(0, 1, points)
        x, z = [], []
        for number in range(count):
            centre = np.array([-16 + 32 * (number % 6 + 0.5) / 6, -2 + 4 * (number // 6)])
            turn = random.uniform(0, 2 * np.pi, 2)
            x.append(centre + np.stack([2 * np.sin(5 * time + turn[0]), np.sin(4 * time + turn[1])], axis=1))
            rates = random.uniform(0.5, 2.5, (latent_dim, 1))
            waves = 1.4 * np.sin(2 * np.pi * rates * time + random.uniform(0, 6, (latent_dim, 1)))
            z.append(waves.T + noise * random.standard_normal((points, latent_dim)))
        return Pairs(np.concatenate(x).astype(np.float32), np.concatenate(z).astype(np.float32), (points,) * count)

    return make


@pytest.fixture(scope="session")
def torch_answer() -> Callable[[Weights, FloatArray], FloatArray]:
    """What the network gives when it is built of torch's own layers, as the reference is."""

    def answer(weights: Weights, places: FloatArray) -> FloatArray:
        import torch
        from torch.nn import functional

        held = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
        x = torch.from_numpy(np.array(places, np.float32))
        first = "fc_in_linear"
        if "B_T" in held:
            first = "fc_in_gau"
            angle = torch.matmul(held["two_pi"] * x, held["B_T"])
            x = torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)
        for number, layer in enumerate((first, "fc2", "fc3", "fc4"), 1):
            x = functional.linear(x, held[f"{layer}.weight"], held[f"{layer}.bias"])
            x = functional.prelu(x, held[f"prelu{number}.weight"])
        return functional.linear(x, held["fc_out.weight"], held["fc_out.bias"]).numpy()  # type: ignore[no-any-return]

    return answer

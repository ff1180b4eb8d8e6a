"""Whitening over many places: in pieces, so that others can go between, and the same as in one go."""

import pytest
import torch
from torch import Tensor

from latent_terrain.nodes.terrain import basis
from latent_terrain.nodes.terrain.basis import AT_ONCE, PIECE, Basis, waves, whitened


@pytest.mark.parametrize("middle", [0.0, 30.0], ids=["around the origin", "far from it"])
@pytest.mark.parametrize("side", [8.0, 3.0], ids=["wide", "narrow"])
def test_many_places_are_whitened_over_in_pieces_as_in_one_go(
    monkeypatch: pytest.MonkeyPatch, middle: float, side: float
) -> None:
    random = torch.Generator().manual_seed(1)
    x = middle + side * (torch.rand(3 * AT_ONCE + 5, 2, generator=random) - 0.5)
    frequencies = torch.randn(2, 40, generator=random) * 0.1
    breaths = [0]

    def check_stop() -> None:
        breaths[0] += 1

    pieces = whitened(frequencies, x, 12, 1e-4, random, check_stop)
    assert breaths[0] >= len(x) // PIECE
    assert float(pieces(x).square().mean()) == pytest.approx(1.0, abs=0.02)
    exact = waves(x, frequencies).double()
    spread = (exact - exact.mean(0)).T @ (exact - exact.mean(0)) / len(x)
    monkeypatch.setattr(basis, "AT_ONCE", len(x))
    whole = whitened(frequencies, x, 12, 1e-4, random)
    assert errors(pieces, spread) <= 2 * errors(whole, spread) + 1e-5


def errors(found: Basis, spread: Tensor) -> float:
    """How far a basis is from directions that go their own ways, at most; spread: the waves', exact."""
    assert found.transform is not None
    transform = found.transform.double()
    together = transform.T @ spread @ transform
    together = together / together.diagonal().sqrt().outer(together.diagonal().sqrt())
    return float((together - torch.eye(len(together))).abs().max())


def test_what_ends_a_breath_ends_the_work() -> None:
    def check_stop() -> None:
        raise InterruptedError

    x = torch.zeros(2 * PIECE, 2)
    seen = Basis(torch.ones(2, 3), torch.zeros(6), torch.ones(6, 2))
    with pytest.raises(InterruptedError):
        seen(x, check_stop)
    assert seen(x).shape == (2 * PIECE, 2)

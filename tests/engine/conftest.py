"""Fixtures of the engine's tests."""

import pytest

from latent_terrain.engine.kernels.code import code


@pytest.fixture(params=["numpy", "compiled"])
def played_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who plays many nodes in one call."""
    if request.param == "numpy":
        monkeypatch.setattr(code, "play", None)
    else:
        assert code.play is not None, code.problem
    return str(request.param)

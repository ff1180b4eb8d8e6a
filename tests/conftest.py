"""Shared by all tests: one thread, a fixed hypothesis profile, no clock."""

import os
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="latent-terrain-tests-")
"""What a test allows to run is forgotten with it, and what the user allowed is not looked at."""
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="latent-terrain-cache-")
"""Code per sample is compiled for the tests alone."""


@pytest.fixture(scope="session", autouse=True)
def _kernels_are_there(pytestconfig: pytest.Config) -> None:
    """Compiled code is compiled once for a checkout, and there before the first test."""
    from latent_terrain.engine.kernels.code import code, kernel_file

    path, cache = kernel_file(), getattr(pytestconfig, "cache", None)
    kept = cache.mkdir("kernels") / path.name if cache is not None else path
    if kept.is_file() and kept != path:
        shutil.copyfile(kept, path)
    code.wait()
    if path.is_file() and not kept.is_file():
        shutil.copyfile(path, kept)


@pytest.fixture(autouse=True)
def _models_run_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test that renders with a model a process of its own; where that is what is tried, mark it ``remote``."""
    if request.node.get_closest_marker("remote") is None:
        from latent_terrain.nodes.codec import remote

        monkeypatch.setattr(remote, "runs_remotely", lambda name: False)

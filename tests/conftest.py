"""Shared by all tests: one thread, a fixed hypothesis profile, no clock."""

import os
import tempfile

from hypothesis import HealthCheck, settings

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="latent-terrain-tests-")
"""What a test allows to run is forgotten with it, and what the user allowed is not looked at."""

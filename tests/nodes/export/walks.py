"""The walks of ``benchmarks/exported_sounds.py``, for tests on sounds that are made here."""

import importlib.util
from pathlib import Path
from types import ModuleType


def _benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "exported_sounds", Path(__file__).parents[3] / "benchmarks" / "exported_sounds.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


walks = _benchmark().walks

"""The whole way: a patch, the engine, a device, back into the device, and the patch hears itself."""

import json
from pathlib import Path

import pytest

from ..engine.drivers.jack import JackServer, need_jack

CHILD = Path(__file__).parent / "loop_on_jack.py"


@pytest.mark.parametrize("kind", ["callback", "blocking"])
def test_what_a_patch_plays_it_hears_the_same_to_the_bit_so_many_samples_later(kind: str) -> None:
    need_jack()
    server = JackServer(f"loop-{kind}")
    try:
        server.start()
        found = json.loads(server.run_program(str(CHILD), kind).splitlines()[-1])
    finally:
        server.stop()
    assert found["inputs"] == 2
    assert 0.3 < found["peak"] < 1.0
    assert found["played_is_render"]
    assert found["equal"] >= found["asked"] // 2
    assert found["lag"] > 0

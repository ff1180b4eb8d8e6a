"""A space that is remembered in a patch is read, or is not known, whatever stands there."""

import numpy as np
import pytest

from latent_terrain.nodes.codec.space import space_in


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", '["a"', "5", "\xff", "[[1], NaN]"])
def test_a_space_that_cannot_be_read_is_not_known(text: str) -> None:
    assert space_in({"space": np.frombuffer(text.encode("latin-1"), np.uint8)}, "space") is None

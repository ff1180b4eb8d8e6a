import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.scope import Scope


@given(st.lists(st.integers(1, 100), min_size=1, max_size=10))
def test_it_remembers_the_latest_samples_in_order(blocks: list[int]) -> None:
    scope = Scope(samples=64)
    total = sum(blocks)
    sound = np.arange(1, 2 * total + 1, dtype=np.float32).reshape(2, total)
    start = 0
    for count in blocks:
        part = sound[:, start : start + count]
        assert (scope.process(part, np.empty_like(part)) == part).all()
        start += count
    expected = np.concatenate((np.zeros((2, 64), np.float32), sound), axis=1)[:, -64:]
    assert (scope.read() == expected).all()


def test_before_the_first_block_there_is_nothing_to_see() -> None:
    assert Scope(samples=64).read().shape == (0, 64)

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


@given(st.integers(1025, 6000), st.integers(0, 20_000), st.integers(1, 3))
def test_what_is_shown_covers_all_that_is_kept(kept: int, played: int, channels: int) -> None:
    scope = Scope(samples=kept)
    sound = np.arange(channels * played, dtype=np.float32).reshape(channels, played)
    for start in range(0, played, 512):
        scope.process(sound[:, start : start + 512], np.empty_like(sound[:, start : start + 512]))
    shown, latest = scope.shows(), scope.read()[:2]
    assert {name: array.shape for name, array in shown.items()} == {"samples": (2, 1024), "span": (2, 2, 256)}
    for row, one in enumerate(latest):
        assert (shown["samples"][row] == one[-1024:]).all()
        assert shown["span"][row, 0].min() == one.min()
        assert shown["span"][row, 1].max() == one.max()
        assert (shown["span"][row, 0] <= shown["span"][row, 1]).all()
        stretch = kept / 256
        for column in (1, 100, 255):
            about = one[int(max(0.0, (column - 1) * stretch)) : int((column + 2) * stretch) + 1]
            assert about.min() <= shown["span"][row, 0, column]
            assert shown["span"][row, 1, column] <= about.max()


def test_a_small_scope_shows_what_it_keeps() -> None:
    scope = Scope(samples=64)
    scope.process(np.ones((1, 16), np.float32), np.empty((1, 16), np.float32))
    (samples,) = scope.shows().values()
    assert samples.shape == (2, 64)
    assert samples.sum(axis=1).tolist() == [16.0, 0.0]

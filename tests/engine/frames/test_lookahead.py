"""A frame begins to sound when it is sure to be there, and not later than its own time after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.frames.lookahead import lookahead_blocks

RATES = st.sampled_from([44_100, 48_000, 96_000])
BLOCKS = st.sampled_from([64, 128, 256, 512, 2048])


@given(st.floats(0.0, 0.5), st.integers(1, 16), BLOCKS, RATES, st.booleans())
def test_it_is_at_least_a_block_at_most_a_frame_and_a_slower_codec_never_sounds_sooner(
    usual: float, blocks_per_frame: int, block: int, rate: int, is_realtime: bool
) -> None:
    period, length = blocks_per_frame * block / rate, block / rate
    found = lookahead_blocks(usual, period, length, is_realtime)
    assert 1 <= found <= blocks_per_frame
    assert lookahead_blocks(usual + 0.01, period, length, is_realtime) >= found
    assert lookahead_blocks(usual, period, length, is_realtime=False) >= found


@pytest.mark.parametrize(("is_realtime", "blocks"), [(True, 3), (False, 5)])
def test_a_worker_that_others_may_keep_waiting_has_more_time(is_realtime: bool, blocks: int) -> None:
    """5 ms: 1.8 times that and 4 ms are 13 ms, 2.5 times and 10 ms are 22.5 ms; a block is 5.33 ms."""
    assert lookahead_blocks(0.005, 2048 / 48_000, 256 / 48_000, is_realtime) == blocks

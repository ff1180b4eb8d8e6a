"""How much later than its instant a codec's frame is heard, so that it is there in time."""

from math import ceil

# Lookahead: so many times the 90th percentile of computing a frame, and this much for getting there and back.
SHARE, MARGIN_SECONDS = 1.8, 0.004
# The same where the worker may not run before ordinary processes.
ORDINARY_SHARE, ORDINARY_MARGIN_SECONDS = 2.5, 0.010


def lookahead_blocks(usual_seconds: float, period_seconds: float, block_seconds: float, is_realtime: bool) -> int:
    """How many blocks after its instant a codec's frame begins to sound, so that it is there in time.

    usual_seconds: the 90th percentile of computing one; period_seconds: a frame's own time, which is the most, in whole
    blocks. is_realtime: whether its worker runs before ordinary processes.
    """
    share, margin = (SHARE, MARGIN_SECONDS) if is_realtime else (ORDINARY_SHARE, ORDINARY_MARGIN_SECONDS)
    at_once = max(1.0, block_seconds / period_seconds)  # frames that fall due in one block are asked for together
    wanted = ceil((share * at_once * usual_seconds + margin) / block_seconds)
    # Eight blocks are eight, also where division says a hair more.
    most = ceil(period_seconds / block_seconds * (1 - 1e-9))
    return min(wanted, max(1, most))

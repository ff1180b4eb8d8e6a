"""What a worker's memory tells about how it keeps up."""

import numpy as np

from ..processes.shared import SharedArrays
from .interface import StreamReport
from .words import ANSWERING, COMPUTING, DONE, FAULTS, SKIPPED, TIMES


def worked(memory: SharedArrays, lookahead: int, late: int, is_realtime: bool) -> StreamReport:
    """A report from the words and times that the worker has written."""
    if "words" not in memory.arrays:
        return StreamReport(lookahead=lookahead, late=late, is_realtime=is_realtime)
    words = memory.arrays["words"]
    return StreamReport(
        lookahead=lookahead,
        frames=int(words[DONE]),
        late=late,
        skipped=int(words[SKIPPED]),
        faults=int(words[FAULTS]),
        computing_ms=_median_and_most(memory, COMPUTING),
        answering_ms=_median_and_most(memory, ANSWERING),
        is_realtime=is_realtime,
    )


def _median_and_most(memory: SharedArrays, row: int) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds of the latest times; zeros before the first."""
    times = memory.arrays["times"][row * TIMES : (row + 1) * TIMES]
    times = times[times > 0]
    if not len(times):
        return 0.0, 0.0
    middle, most = np.percentile(times, (50, 99)) / 1e6
    return round(float(middle), 3), round(float(most), 3)

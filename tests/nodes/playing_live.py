"""A live session without a clock: every block waits for the workers, so that nothing depends on the machine."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from latent_terrain.engine import FloatArray, Palette
from latent_terrain.engine.frames.words import DONE, POSTED
from latent_terrain.engine.live import Live, LiveSetup
from latent_terrain.graphs import Patch

PATIENCE_SECONDS = 30.0


@contextmanager
def live(patch: Patch, palette: Palette, how: LiveSetup, folder: Path | None = None) -> Iterator[Live]:
    session = Live(patch, palette, folder or Path(), how)
    session.frames.patience = 4 * PATIENCE_SECONDS  # an edit is to be heard, however busy the machine is
    try:
        yield session
    finally:
        session.close()


def play(session: Live, blocks: int, heard: FloatArray | None = None) -> FloatArray:
    """The next blocks, ``[samples, 2]``. heard: ``[samples, inputs]``."""
    block = session.how.block
    out = np.full((blocks * block, 2), 9.0, np.float32)
    for begin in range(0, len(out), block):
        part = slice(begin, begin + block)
        session.play(None if heard is None else heard[part], out[part])
        wait_for_workers(session)
    session.housekeep(blocks * block / session.how.sample_rate)
    return out


def wait_for_workers(session: Live) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    for opened in session.frames.streams():
        words = opened.stream._words
        while words[DONE] != words[POSTED]:
            assert time.monotonic() < end, f"{opened.node} does not answer"
            time.sleep(0.0005)

"""Played live: lines that change under their playhead are no rougher to hear than lines that do not."""

import numpy as np
import pytest

from latent_terrain.engine.live import LiveSetup
from latent_terrain.graphs import Patch, set_content
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights

from .land import PALETTE, draw
from .playing_live import live, play

BLOCK, EVERY, CHANGES = 256, 40, 8
LINE = np.array([[-10.0, -2.0], [10.0, 2.0]], np.float32)


def walking(mode: str) -> Patch:
    """
    walk --> land --> voice --> out
    """
    weights = initial_weights(TerrainShape(2, 16), 4)
    return draw(
        "walk.xy -> land.position",
        "land.out -> voice.latents",
        "voice.out -> out.audio",
        walk=("gui", {"mode": mode, "rate": 2.0}, {"play/0001": LINE}),
        land=("terrain", {}, {f"learn/{name}": array for name, array in weights.items()}),
        voice="decoder",
        out="audio_out",
    )


def drawn(number: int) -> dict[str, np.ndarray]:
    """Moved, bent, with another line beside it, and as it was."""
    shift = np.array([0.0, 0.4], np.float32)
    bent = np.array([[-10.0, -2.0], [0.0, 0.5], [10.0, 2.0]], np.float32)
    beside = {"play/0001": LINE, "play/0002": LINE[::-1] + shift}
    return ({"play/0001": LINE + shift}, {"play/0001": bent}, beside, {"play/0001": LINE})[number % 4]


def played(mode: str, changes: bool) -> np.ndarray:
    """What is heard once it has settled, ``[samples, 2]``."""
    patch, parts = walking(mode), []
    with live(patch, PALETTE, LiveSetup(sample_rate=44_100.0, block=BLOCK, lookahead=4 * BLOCK)) as session:
        play(session, 100)
        for number in range(CHANGES):
            if changes:
                patch = set_content(patch, "walk", drawn(number))
                assert session.update(patch) == ()
            parts.append(play(session, EVERY))
        assert [one for one in session.news() if one["kind"] != "slow"] == []  # a machine may be busy
        assert session.status()["late_frames"] == 0
    return np.concatenate(parts)


def roughness(sound: np.ndarray) -> float:
    """The largest change of slope between neighbouring samples: clicks stand out in it."""
    return float(np.abs(np.diff(sound.astype(np.float64), 2, axis=0)).max())


@pytest.mark.parametrize("mode", ["loop", "ping-pong"])
def test_a_drawing_that_changes_under_its_playhead_does_not_click(mode: str) -> None:
    still, changed = played(mode, changes=False), played(mode, changes=True)
    assert np.abs(still).max() > 0.02
    assert not np.array_equal(still, changed), "the changes are heard"
    assert roughness(changed) <= 1.1 * roughness(still)
    blocks = np.abs(changed).reshape(-1, BLOCK, 2).max(axis=(1, 2))
    assert blocks.min() > 0.3 * np.abs(still).reshape(-1, BLOCK, 2).max(axis=(1, 2)).min(), "and it never falls silent"

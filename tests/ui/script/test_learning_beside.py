"""A script records and trains while it plays: real engine, real trainer, no audio device."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.graphs import load_file
from latent_terrain.nodes.terrain.learned import learned_error
from latent_terrain.ui.script import ScriptError, load

from ...waiting import eventually


def test_takes_are_recorded_trained_heard_saved_and_taken_back(tmp_path: Path) -> None:
    it = load("live-record").play("none")
    try:
        before = it.patch.nodes["terrain"].content
        it.record("terrain")
        eventually(lambda: (going := it.shown("places", "going")) is not None and going[0] > 40)
        it.stop_recording("terrain", "door")
        for node in ("latents", "places"):
            assert it[node].takes.names == ("", "door")
        lengths = {len(it[node].takes[1]) for node in ("latents", "places")}
        assert len(lengths) == 1
        assert lengths.pop() > 40
        it.start_training("terrain", seconds=30).wait_for_training(120)
        after = it.patch.nodes["terrain"].content
        assert not np.array_equal(before["learn/fc_out.weight"], after["learn/fc_out.weight"])
        error = it.training.error
        assert error is not None
        assert error < 0.3
        assert error == learned_error(after)
        assert it.status()["late_frames"] == 0 or it.status()["is_playing"]
        saved = load_file(it.save(tmp_path / "stage.ltp")).nodes
        assert "takes/0002 door" in saved["places"].content
        assert np.array_equal(saved["terrain"].content["learn/fc_out.weight"], after["learn/fc_out.weight"])
        it.undo()
        kept = it.patch.nodes["terrain"].content
        assert np.array_equal(before["learn/fc_out.weight"], kept["learn/fc_out.weight"])
    finally:
        it.close(strict=False)


def test_recording_and_training_that_cannot_be_are_sentences() -> None:
    it = load("walk")
    with pytest.raises(ScriptError, match="no record node"):
        it.record()
    with pytest.raises(ScriptError, match="no such node to train"):
        it.start_training("out")
    it.close(strict=False)

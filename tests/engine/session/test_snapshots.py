"""While a job learns, what it has so far can be heard; asking for it changes nothing of what it learns."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Content
from latent_terrain.engine.compile.resolve import make
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.palette import load_palette
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, add_node, connect, set_content

from ..training.toy_school import palette


def school(steps: int) -> Patch:
    return set_content(add_node(Patch(), "slow", "pupil", {"steps": steps}), "pupil", {"given": np.ones(2)})


@pytest.mark.parametrize(("seconds", "counts"), [(0.0, [1, 2, 3, 4]), (1000.0, [])])
def test_snapshots_come_no_oftener_than_asked_for(seconds: float, counts: list[int]) -> None:
    shown: list[tuple[str, Content]] = []
    patch = school(4)
    trained = run_jobs(
        patch,
        palette(),
        offline_setup(patch, Path()),
        snapshot=lambda node, content: shown.append((node, content)),
        snapshot_seconds=seconds,
    )
    assert [(node, int(content["learn/count"][0])) for node, content in shown] == [("pupil", one) for one in counts]
    assert trained.patch.nodes["pupil"].content["learn/count"] == [4]


def test_a_snapshot_is_the_nodes_whole_content_and_counts_as_not_done() -> None:
    shown: list[Content] = []
    patch = school(2)
    setup = offline_setup(patch, Path())
    run_jobs(patch, palette(), setup, snapshot=lambda node, content: shown.append(content), snapshot_seconds=0.0)
    assert shown[0].keys() == {"given", "learn/count", "learn/given", "learn/fingerprint"}
    kept = set_content(patch, "pupil", shown[0])
    assert run_jobs(kept, palette(), setup).done == ("pupil.learn",)


def test_after_a_stop_nothing_more_is_shown() -> None:
    shown: list[Content] = []
    patch = school(5)
    trained = run_jobs(
        patch,
        palette(),
        offline_setup(patch, Path()),
        report=lambda node, job, done, text: done < 0.5,
        snapshot=lambda node, content: shown.append(content),
        snapshot_seconds=0.0,
    )
    assert trained.stopped
    assert [int(one["learn/count"][0]) for one in shown] == [1, 2]


def test_f43_a_terrain_shows_itself_while_it_learns_and_learns_the_same() -> None:
    found = load_palette()
    rows = np.linspace(-1, 1, 24, dtype=np.float32)
    patch = add_node(Patch(), "terrain", "land", {"steps": 6, "features": 16, "width": 8})
    patch = add_node(patch, "record", "way", content={"takes/0001": np.stack([rows, rows**2], axis=1)})
    patch = add_node(patch, "record", "sound", content={"takes/0001": np.stack([rows, -rows, rows**3], axis=1)})
    patch = connect(connect(patch, "way.takes", "land.coordinates"), "sound.takes", "land.latents")
    setup = offline_setup(patch, Path())
    shown: list[Content] = []
    trained = run_jobs(patch, found, setup, snapshot=lambda node, content: shown.append(content), snapshot_seconds=0.0)
    assert trained.done == ("land.learn",), trained.skipped
    learned = trained.patch.nodes["land"].content
    assert len(shown) == 6
    assert {name: array.shape for name, array in shown[0].items()} == {
        name: array.shape for name, array in learned.items() if "/log." not in name or "/log.colours." in name
    }
    playing = make(found["terrain"], {}, learned, setup)
    assert playing.renews(shown[0])
    playing.renew(playing.prepare(shown[0]))
    alone = run_jobs(patch, found, setup).patch.nodes["land"].content
    assert all(np.array_equal(alone[name], array) for name, array in learned.items())

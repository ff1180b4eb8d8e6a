"""Slow work: done once, in order, kept in the patch, done again when something changed."""

import numpy as np
import pytest

from latent_terrain.engine import PatchError
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, set_seed, set_value

from ..toys import PALETTE, draw, setup_for


def school() -> Patch:
    """
    paths --trajectories--> learner
    """
    return draw("source.paths -> pupil.paths", pupil="learner", source="paths")


def test_jobs_run_upstream_first_and_their_results_stay_in_the_patch() -> None:
    trained = run_jobs(school(), PALETTE, setup_for(school()))
    assert trained.done == ("source.make", "pupil.learn")
    assert trained.patch.nodes["pupil"].content["learn/mean"][0] == pytest.approx(3 / 5)


def test_work_already_done_is_not_done_again() -> None:
    once = run_jobs(school(), PALETTE, setup_for(school())).patch
    assert run_jobs(once, PALETTE, setup_for(once)).done == ()
    assert run_jobs(once, PALETTE, setup_for(once), again=True).done == ("source.make", "pupil.learn")


@pytest.mark.parametrize(
    ("change", "done"),
    [
        (lambda patch: set_value(patch, "source", "count", 3), ("source.make", "pupil.learn")),
        (lambda patch: set_seed(patch, 5), ("source.make", "pupil.learn")),
    ],
    ids=["a setting upstream", "the seed"],
)
def test_a_change_makes_what_depends_on_it_stale(change, done) -> None:  # type: ignore[no-untyped-def]
    once = change(run_jobs(school(), PALETTE, setup_for(school())).patch)
    assert run_jobs(once, PALETTE, setup_for(once)).done == done


def test_a_job_that_cannot_run_is_skipped_with_its_reason_and_loses_nothing() -> None:
    once = run_jobs(school(), PALETTE, setup_for(school())).patch
    empty = set_value(once, "source", "count", 0)
    trained = run_jobs(empty, PALETTE, setup_for(empty), only="source")
    assert [str(problem) for problem in trained.skipped] == ["source: nothing to make; set count above 0"]
    assert "make/1" in trained.patch.nodes["source"].content


def test_a_learner_with_nothing_connected_is_told() -> None:
    trained = run_jobs(draw(pupil="learner"), PALETTE, setup_for(draw()))
    assert [str(problem) for problem in trained.skipped] == ["pupil.paths: connect sounds and a map to train"]


def test_trajectories_that_feed_themselves_are_named() -> None:
    patch = draw("a.paths -> b.paths", a="paths", b="learner")
    assert run_jobs(patch, PALETTE, setup_for(patch)).done
    with pytest.raises(PatchError, match="unknown node type"):
        run_jobs(draw(x="nope"), PALETTE, setup_for(draw()))


def test_content_is_read_only_numbers() -> None:
    content = run_jobs(school(), PALETTE, setup_for(school())).patch.nodes["source"].content
    assert all(isinstance(array, np.ndarray) and not array.flags.writeable for array in content.values())


def test_stopped_work_keeps_what_it_had_and_is_done_again_next_time() -> None:
    trained = run_jobs(school(), PALETTE, setup_for(school()), report=lambda node, job, done, text: False)
    assert (trained.stopped, trained.done) == (True, ("source.make",))
    assert "make/1" in trained.patch.nodes["source"].content
    assert run_jobs(trained.patch, PALETTE, setup_for(trained.patch)).done == ("source.make", "pupil.learn")

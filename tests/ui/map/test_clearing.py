"""Lines that were laid out by themselves, and are deleted: they stay away until they are asked for."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, connect, dump, load, set_content
from latent_terrain.ui.map import operations
from latent_terrain.ui.map.sheet import Sheet

from ...nodes.land import setup_for
from .sheets import PALETTE, map_node, sheet_of


def select_all_and_delete(sheet: Sheet) -> None:
    operations.select_all(sheet)
    operations.delete(sheet)


def one_after_the_other(sheet: Sheet) -> None:
    for number in sorted(sheet.lines):
        operations.delete_lines(sheet, frozenset({number}))


CLEARING = (operations.clear, select_all_and_delete, one_after_the_other)


def jobs_done(patch: Patch, again: bool = False) -> Patch:
    """A patch as it is saved after its lines were laid out."""
    return load(dump(run_jobs(patch, PALETTE, setup_for(patch), only="map", again=again).patch))


def jobs_run(sheet: Sheet, again: bool = False) -> None:
    sheet.desk.edit(partial(jobs_done, again=again), "trained")


def with_take(patch: Patch, name: str) -> Patch:
    takes = {**patch.nodes["sounds"].content, name: np.ones((17, 4), np.float32)}
    return set_content(patch, "sounds", takes)


@pytest.fixture(params=["map", "rows"])
def laid(request: pytest.FixtureRequest) -> Sheet:
    """A map on which three lines and a tour are laid out."""
    patch = connect(map_node(layout=request.param), "sounds.takes", "map.latents")
    random = np.random.default_rng(0)
    takes = {
        name: random.standard_normal(one.shape).astype(np.float32)
        for name, one in patch.nodes["sounds"].content.items()
    }
    sheet = sheet_of(jobs_done(set_content(patch, "sounds", takes)))
    assert sheet.drawing.is_arranged
    assert (set(sheet.drawing.lines), len(sheet.drawing.play)) == ({0, 1, 2}, 1)
    return sheet


@pytest.mark.parametrize("clearing", CLEARING)
def test_lines_that_were_deleted_stay_away_also_when_the_jobs_run(
    laid: Sheet, clearing: Callable[[Sheet], None]
) -> None:
    clearing(laid)
    assert not laid.drawing.lines
    jobs_run(laid)
    assert not laid.drawing.lines
    patch = laid.desk.patch
    instance = Engine(patch, PALETTE, setup_for(patch)).instance("map")
    assert not instance.drawing.lines
    assert not any(instance.coordinates(None).lengths), "nothing is learned of them"


@pytest.mark.parametrize("clearing", CLEARING[:2])
def test_no_tour_is_left_of_what_is_not_there(laid: Sheet, clearing: Callable[[Sheet], None]) -> None:
    clearing(laid)
    assert not laid.drawing.played


def test_undo_brings_them_back(laid: Sheet) -> None:
    before = laid.drawing.lines
    operations.clear(laid)
    laid.desk.undo()  # type: ignore[attr-defined]
    assert laid.drawing.lines == before


def test_a_sound_that_comes_later_gets_its_line_and_no_other(laid: Sheet) -> None:
    operations.clear(laid)
    laid.desk.edit(lambda patch: with_take(patch, "takes/0002b"), "a sound between the others")
    jobs_run(laid)
    names = [laid.name_of(number) for number in laid.drawing.lines]
    assert names == ["0002b"]


@pytest.mark.parametrize("clearing", CLEARING)
def test_retrain_all_lays_them_out_again_until_they_are_deleted_again(
    laid: Sheet, clearing: Callable[[Sheet], None]
) -> None:
    operations.clear(laid)
    jobs_run(laid, again=True)
    assert set(laid.drawing.lines) == {0, 1, 2}
    jobs_run(laid)
    assert set(laid.drawing.lines) == {0, 1, 2}
    clearing(laid)
    jobs_run(laid)
    assert not laid.drawing.lines


def test_lines_that_a_hand_moved_and_then_deleted_do_not_come_back_as_they_were_laid_out(laid: Sheet) -> None:
    operations.select_all(laid)
    operations.turn_round(laid)
    assert not laid.drawing.is_arranged
    select_all_and_delete(laid)
    jobs_run(laid)
    assert not laid.drawing.lines


def test_lines_are_laid_out_by_likeness_when_one_asks_for_it(laid: Sheet) -> None:
    before = set(laid.desk.document.history.labels)  # type: ignore[attr-defined]
    for change in (operations.clear, lambda sheet: operations.turn_round(sheet)):
        operations.select_all(laid)
        change(laid)
        assert operations.lay_out(laid)
        jobs_run(laid)
        assert laid.drawing.is_arranged
        assert set(laid.drawing.lines) == {0, 1, 2}
    assert "lay out by likeness" not in before

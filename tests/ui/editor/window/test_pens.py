"""Pens: what the kernel tells of them, through a pipe in place of a tablet."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.ui.surface.pens import (
    ABS_PRESSURE,
    BTN_TOOL_PEN,
    EV_ABS,
    EV_KEY,
    EVENT,
    Pens,
    PenState,
    Tablet,
    found,
)

from ....waiting import eventually

if sys.platform == "win32":
    pytest.skip("Windows tells of pens in other ways", allow_module_level=True)


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(1, 2, kind, code, value)


NEAR, AWAY = event(EV_KEY, BTN_TOOL_PEN, 1), event(EV_KEY, BTN_TOOL_PEN, 0)


def pressed(value: int) -> bytes:
    return event(EV_ABS, ABS_PRESSURE, value)


@given(st.lists(st.integers(1, 60), max_size=12))
def test_events_are_read_wherever_the_pieces_end(sizes: list[int]) -> None:
    data = NEAR + event(EV_ABS, 0, 77) + pressed(600) + event(0, 0, 0)
    pen, place = PenState(Tablet(0, 100, 1100)), 0
    for size in (*sizes, len(data)):
        pen.take(data[place : place + size])
        place += size
    assert (pen.is_near, pen.pressure) == (True, 0.5)


@pytest.mark.parametrize(("value", "share"), [(0, 0.0), (100, 0.0), (1100, 1.0), (9999, 1.0)])
def test_pressure_is_a_share_of_what_the_tablet_knows(value: int, share: float) -> None:
    pen = PenState(Tablet(0, 100, 1100))
    pen.take(NEAR + pressed(value))
    assert pen.pressure == share
    pen.take(AWAY)
    assert (pen.is_near, pen.pressure) == (False, 0.0)


def test_a_pen_is_followed_while_its_tablet_is_there() -> None:
    reading, writing = os.pipe()

    def find(known: set[str]) -> Iterator[tuple[str, Tablet]]:
        if not known and reading >= 0:
            yield "tablet", Tablet(os.dup(reading), 0, 1000)

    pens = Pens(find)
    assert pens.pressure is None
    os.write(writing, NEAR + pressed(250))
    eventually(lambda: pens.pressure == 0.25)
    os.write(writing, AWAY)
    eventually(lambda: pens.pressure is None)
    pens.close()
    assert pens.pressure is None
    os.close(reading)
    os.close(writing)


def test_a_tablet_that_is_unplugged_is_let_go() -> None:
    reading, writing = os.pipe()
    given: list[tuple[str, Tablet]] = [("tablet", Tablet(reading, 0, 1000))]

    def find(known: set[str]) -> Iterator[tuple[str, Tablet]]:
        while given:
            yield given.pop()

    pens = Pens(find)
    os.write(writing, NEAR + pressed(1000))
    eventually(lambda: pens.pressure == 1.0)
    os.close(writing)
    eventually(lambda: pens.pressure is None)
    pens.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's files of input devices are Linux's")
def test_files_that_are_no_tablets_are_closed_again(tmp_path: Path) -> None:
    (tmp_path / "event0").write_bytes(NEAR)
    (tmp_path / "event1").symlink_to("/dev/null")
    before = set(os.listdir("/proc/self/fd"))
    assert list(found(set(), tmp_path)) == []
    assert set(os.listdir("/proc/self/fd")) == before

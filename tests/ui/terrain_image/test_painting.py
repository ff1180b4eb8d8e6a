"""Painting a land: layers that know their answer, colours that stay while it learns, always the latest picture."""

import threading
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from latent_terrain.engine.messages.workers import Hear, Paint, Picture, blobs_of
from latent_terrain.engine.processes.child import ChildError, ChildGone
from latent_terrain.nodes.terrain.colours import measured_colours
from latent_terrain.nodes.terrain.network import TerrainShape, evaluate, initial_weights
from latent_terrain.nodes.terrain.plot import plot
from latent_terrain.ui.terrain_image.colour import alike
from latent_terrain.ui.terrain_image.facets import COLOURINGS, Facet, facet_from
from latent_terrain.ui.terrain_image.layers import distance, hatched, painted, sensitivity, terrain_picture
from latent_terrain.ui.terrain_image.terrain import COARSER, TerrainImage
from latent_terrain.ui.terrain_image.work import heard, loudness_of

from ...waiting import eventually

VIEW = (-16.0, -4.0, 16.0, 4.0)
WEIGHTS = initial_weights(TerrainShape(2, 16, width=16, features=32), 3)
COLOURS = measured_colours(WEIGHTS, VIEW)


def plane(slope_x: float, slope_y: float) -> np.ndarray:
    """One latent that rises evenly over the view, 40 rows by 80 columns."""
    x = -16 + np.arange(80) * 32 / 80
    y = -4 + np.arange(40) * 8 / 40
    return (slope_x * x[np.newaxis] + slope_y * y[:, np.newaxis])[np.newaxis].astype(np.float32)


def test_sensitivity_of_a_plane_is_its_slope_everywhere() -> None:
    np.testing.assert_allclose(sensitivity(plane(0.3, 0.4), VIEW), 0.5, rtol=1e-4)


def test_density_is_the_way_to_the_nearest_point_in_shares_of_the_canvas() -> None:
    gap = distance(np.array([[0.0, 0.0]]), VIEW, (64, 16), (32.0, 8.0))
    assert gap.shape == (16, 64)
    assert gap.min() == pytest.approx(np.hypot(0.25, 0.25) / 8)
    assert gap[0, 0] == pytest.approx(np.hypot(15.75, 3.75) / 8)


def test_only_what_is_far_from_all_data_is_hatched() -> None:
    grey = np.full((40, 80, 3), 100, np.uint8)
    assert np.array_equal(hatched(grey, np.zeros((4, 8))), grey)
    assert (hatched(grey, np.ones((4, 8))) != grey).any()


def test_f43_b43_any_latents_in_any_way_give_a_picture_and_say_what_its_colours_mean() -> None:
    values = plot(WEIGHTS, VIEW, (40, 20))
    for colour in COLOURINGS:
        for channels in ((0,), (7, 2, 5), (4, 1, 0, 6), (99, -3)):
            pixels, legend = painted(values, Facet(colour, channels), COLOURS)
            assert pixels.shape == (20, 40, 3)
            assert legend
    fixed, legend = painted(values, Facet("one", (3,), low=-1.0, high=4.0, palette="grey"), COLOURS)
    want = np.rint(np.clip((values[3] + 1) / 5, 0, 1) * 255)
    np.testing.assert_allclose(fixed[..., 0], want, atol=1)
    assert "-1.00 … 4.00" in legend


def test_colours_do_not_flip_while_a_land_changes_little_by_little() -> None:
    before, axes = alike(plot(WEIGHTS, VIEW, (40, 20)), COLOURS).astype(int), COLOURS.axes
    random = np.random.default_rng(1)
    for _ in range(5):
        moved = {name: one + random.normal(0, 1e-3, one.shape).astype(np.float32) for name, one in WEIGHTS.items()}
        after = alike(plot(moved, VIEW, (40, 20)), measured_colours(moved, VIEW, before=axes)).astype(int)
        assert np.abs(after - before).mean() < 12


def test_every_layer_can_be_seen_on_a_land_of_three_axes_cut_anywhere() -> None:
    deep = initial_weights(TerrainShape(3, 16, width=16, features=32), 3)
    facet = Facet(layers=frozenset(("sensitivity", "density")), cut=(0.0, 0.0, 0.7))
    colours = measured_colours(deep, VIEW)
    pixels, legend = terrain_picture(deep, colours, VIEW, (48, 24), facet, [np.zeros((2, 2))])
    assert pixels.shape == (24, 48, 4)
    assert "change per unit" in legend
    other, _ = terrain_picture(deep, colours, VIEW, (48, 24), Facet(cut=(0.0, 0.0, -3.0)))
    assert not np.array_equal(pixels, other)


def test_loudness_is_that_of_the_decoded_sound() -> None:
    latents = np.zeros((2, 16), np.float32)
    latents[:, -1] = (-3.0, 3.0)  # the built-in codec's last latent is its loudness
    quiet, loud = loudness_of("builtin:bank")(latents)
    assert loud > quiet + 6


def test_facets_are_saved_and_nonsense_is_as_usual() -> None:
    facet = Facet("three", (1, 2, 3), -2.0, None, "grey", frozenset(("density",)), (0.0, 1.0, 2.0), (2, 0))
    assert facet_from(facet.plain()) == facet
    assert facet_from({"colour": 7, "channels": "x", "axes": (1,)}) == Facet()


def asked(**arrays: NDArray[Any]) -> Hear:
    return Hear(arrays=blobs_of(arrays), codec="builtin:bank", folder=".", sounds=())


def test_a_line_is_heard_as_encoded_then_from_the_land() -> None:
    latents = np.random.default_rng(0).standard_normal((12, 16)).astype(np.float32)
    places = np.linspace((-10, 0), (10, 0), 12).astype(np.float32)
    alone, rate = heard(asked(latents=latents))
    lands = {f"terrain/{name}": one for name, one in WEIGHTS.items()}
    both, _ = heard(asked(latents=latents, coordinates=places, **lands))
    assert both.shape[1] == 2 * alone.shape[1]
    np.testing.assert_allclose(both[:, : alone.shape[1]], alone)
    expected, _ = heard(asked(latents=np.asarray(evaluate(WEIGHTS, places), np.float32)))
    np.testing.assert_allclose(both[:, alone.shape[1] :], expected, atol=1e-6)
    louder, _ = heard(replace(asked(coordinates=places, **lands), level=6.0))
    np.testing.assert_allclose(louder, 10 ** (6 / 20) * expected, atol=1e-5)
    assert rate == 44_100
    with pytest.raises(ValueError, match="nothing to play"):
        heard(asked())


class PaintingChild:
    """Paints in this process; may fail or vanish."""

    def __init__(self, fails: list[Exception] | None = None) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.fails = fails if fails is not None else []

    def ask(self, question: Paint, wanted: type[Picture], seconds: float) -> Picture:
        if self.fails:
            raise self.fails.pop(0)
        columns, rows = question.size
        self.sizes.append(question.size)
        return Picture(size=question.size, pixels=bytes(4 * rows * columns), legend="grey")

    def close(self, seconds: float) -> None:
        pass


@pytest.fixture
def painting() -> Any:
    child = PaintingChild()
    land = TerrainImage(child)  # type: ignore[arg-type]
    yield land, child
    land.close()


def test_a_land_is_seen_coarse_at_once_then_finer_and_painted_once(
    painting: tuple[TerrainImage, PaintingChild],
) -> None:
    land, child = painting
    for _ in range(3):
        land.show(WEIGHTS, COLOURS, VIEW, (640, 320), Facet())
    eventually(lambda: land.picture is not None and land.picture.coarser == 1)
    land.show(WEIGHTS, COLOURS, VIEW, (640, 320), Facet())
    assert child.sizes == [(640 // by, 320 // by) for by in COARSER]
    assert land.picture is land.picture
    land.hide()
    assert land.picture is None


def test_what_cannot_be_painted_is_told_and_the_next_picture_is_painted(
    painting: tuple[TerrainImage, PaintingChild],
) -> None:
    land, child = painting
    for side, error in ((64, ChildGone("keeps crashing")), (80, ChildError("no such latent"))):
        child.fails.append(error)
        land.show(WEIGHTS, COLOURS, VIEW, (side, 32), Facet())
        said: list[str] = []
        eventually(lambda said=said: bool(said.append(land.complaint()) or any(said)))  # type: ignore[misc]
        assert str(error) in "".join(said)
    land.show(WEIGHTS, COLOURS, VIEW, (96, 32), Facet())
    eventually(lambda: land.picture is not None)


def test_what_was_painted_of_one_terrain_is_never_shown_of_another() -> None:
    goes_on, is_asked = threading.Event(), threading.Event()

    class SlowChild(PaintingChild):
        def ask(self, question: Paint, wanted: type[Picture], seconds: float) -> Picture:
            is_asked.set()
            goes_on.wait(10.0)
            return super().ask(question, wanted, seconds)

    land = TerrainImage(SlowChild())  # type: ignore[arg-type]
    try:
        goes_on.set()
        land.show(WEIGHTS, COLOURS, VIEW, (64, 32), Facet(), about=("a", "map"))
        eventually(lambda: land.picture is not None and land.picture.coarser == 1)
        again = dict(WEIGHTS)
        land.show(again, COLOURS, VIEW, (64, 32), Facet(), about=("a", "map"))
        assert land.picture is not None, "one of the same terrain stays until there is a newer one"
        eventually(lambda: not land.is_busy)
        goes_on.clear()
        is_asked.clear()
        land.show(WEIGHTS, COLOURS, VIEW, (64, 32), Facet(), about=("a", "map"))
        assert is_asked.wait(10.0)
        land.show(again, COLOURS, VIEW, (96, 32), Facet(), about=("b", "map"))
        assert land.picture is None
        goes_on.set()
        shown = []
        eventually(lambda: bool(shown.append(land.picture) or shown[-1]))  # type: ignore[func-returns-value]
        assert shown[-1] is not None
        assert shown[-1].pixels.shape[1] in {96 // by for by in COARSER}, "not the one that was being painted"
    finally:
        goes_on.set()
        land.close()

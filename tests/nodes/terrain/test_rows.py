"""A fast map is the land itself, however rough, however many axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.terrain.network import TerrainShape, evaluate, initial_weights
from latent_terrain.nodes.terrain.plot import plot, preview
from latent_terrain.nodes.terrain.rows import Rows

BOX = (-16.0, -4.0, 16.0, 4.0)


@given(
    control_dim=st.integers(2, 6),
    gauss=st.sampled_from([0, 0.02, 0.1, 0.4, 3.0]),
    columns=st.integers(1, 200),
    rows=st.integers(1, 9),
    data=st.data(),
)
def test_it_agrees_with_the_plain_evaluation(control_dim, gauss, columns, rows, data):
    across, down = data.draw(st.permutations(range(control_dim)))[:2]
    weights = initial_weights(TerrainShape(control_dim, 3, gauss, 24, 64), 1)
    random = np.random.default_rng(columns)
    x, y = np.linspace(-16, 16, columns, dtype=np.float32), np.linspace(4, -4, rows, dtype=np.float32)
    values = random.uniform(-2, 2, control_dim).astype(np.float32)
    found = Rows(weights, x, across, down, values).evaluate(y)
    places = np.tile(values, (rows * columns, 1))
    places[:, across], places[:, down] = np.tile(x, rows), np.repeat(y, columns)
    wanted = evaluate(weights, places).T.reshape(3, rows, columns)
    np.testing.assert_allclose(found, wanted, atol=2e-5 * max(1.0, gauss * 10))


@pytest.mark.parametrize("slope", [-0.5, 0.0, 0.25, 1.0, 1.7])
def test_slopes_of_every_kind_bend_as_they_should(land, slope):
    weights = land()
    for number in range(1, 5):
        weights[f"prelu{number}.weight"][:] = slope
    places = np.array([[-3.0, 1.0], [2.0, 1.0], [9.0, 1.0]])
    found = Rows(weights, places[:, 0].astype(np.float32), 0, 1, np.zeros(2)).evaluate(np.ones(1, np.float32))
    np.testing.assert_allclose(found[:, 0].T, evaluate(weights, places), rtol=1e-4, atol=1e-5)


def test_one_set_of_columns_serves_any_number_of_rows_in_turn(land):
    rows = Rows(land(), np.linspace(-1, 1, 20, dtype=np.float32), 0, 1, np.zeros(2))
    y = np.linspace(-1, 1, 7, dtype=np.float32)
    whole = rows.evaluate(y).copy()
    parts = [rows.evaluate(y[begin : begin + 3]) for begin in range(0, 7, 3)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-6)


def test_a_first_look_is_the_map_thinned(land):
    weights = land()
    look = preview(weights, BOX, (600, 150))
    assert look.shape[1] * look.shape[2] <= 5200
    np.testing.assert_allclose(look, plot(weights, BOX, (600, 150))[:, ::5, ::5], atol=1e-5)
    assert preview(weights, BOX, (20, 10)).shape == (4, 10, 20)

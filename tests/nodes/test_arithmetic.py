"""Add, multiply, slider: sums and products of signals and values."""

import numpy as np

from latent_terrain.nodes.add import add
from latent_terrain.nodes.multiply import multiply
from latent_terrain.nodes.slider import slider

A = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
B = np.array([[10.0, 20.0], [30.0, 40.0]], np.float32)
RAMP = np.array([[0.0, 1.0]], np.float32)


def test_two_stereo_signals_and_a_value_add() -> None:
    assert (add(A, np.empty_like(A), B, 1.0) == A + B + 1).all()
    assert (add(A, np.empty_like(A), None, RAMP) == A + RAMP).all()  # type: ignore[arg-type]


def test_without_a_second_signal_only_the_value_counts() -> None:
    assert (add(A, np.empty_like(A), None, 0.5) == A + 0.5).all()
    assert (multiply(A, np.empty_like(A), None, 0.5) == A * 0.5).all()


def test_two_stereo_signals_and_a_value_multiply() -> None:
    assert (multiply(A, np.empty_like(A), B, 2.0) == A * B * 2).all()
    assert (multiply(A, np.empty_like(A), B, RAMP) == A * B * RAMP).all()  # type: ignore[arg-type]


def test_a_slider_gives_its_value() -> None:
    assert (slider(np.zeros((1, 4), np.float32), -7.25) == -7.25).all()

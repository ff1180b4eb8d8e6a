"""Expr: a formula for every sample, such as a filter, a waveshaper or an oscillator of one's own."""

from .node import Expr

__all__ = ["Expr"]

"""No feature of the learning side is without its test, and the table says which it is."""

import pytest

from .features import CANVAS, LEARNING
from .parity import TABLE, found, table


@pytest.mark.parametrize("number", {**LEARNING, **CANVAS})
def test_every_feature_has_a_test(number: str) -> None:
    assert number in found(), f"{number} ({ {**LEARNING, **CANVAS}[number] }) has no test that carries its number"


def test_the_table_is_as_the_tests_are() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(), "write it anew: python tests/parity.py"

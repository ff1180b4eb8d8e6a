"""Outlet: what a definition gives to the outside."""

from typing import Annotated

from ..engine import Help, Signal, Size, node


@node(other_names=("outlet~", "out~", "output of a definition"))
def outlet(audio: Annotated[Signal, Size("any"), Help("what its instances give")]) -> None:
    """Output of a definition.

    Instances of the definition have an output of this node's name. Outside of a definition it does nothing.
    """

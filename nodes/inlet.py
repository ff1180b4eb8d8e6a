"""Inlet: what comes into a definition from outside."""

from typing import Annotated

from ..engine import Help, Signal, node


@node(other_names=("inlet~", "in", "in~", "input", "abstraction", "subpatch", "sub-patch", "patcher", "group"))
def inlet(out: Signal) -> Annotated[Signal, Help("what its instances are given")]:
    """Input of a definition.

    Instances of the definition have an input of this node's name; what is connected there comes out here. Outside of
    a definition it is silent.
    """
    out.fill(0.0)
    return out

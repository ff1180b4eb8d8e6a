"""Split: take channels apart, as a place on a terrain becomes x and y."""

from typing import Annotated, NamedTuple

from ..engine import Signal, Size, node

One = Annotated[Signal, Size(1)]


class Channels(NamedTuple):
    """One channel each."""

    a: One
    b: One
    c: One
    d: One
    e: One
    f: One


@node(other_names=("unpack", "mc.unpack~"))
def split(audio: Annotated[Signal, Size("any")], out: Channels) -> Channels:
    """Split a multichannel signal into its first six channels.

    Outputs beyond its last channel are silent; ``pick`` reaches channels beyond the sixth.
    """
    for number, channel in enumerate(out):
        if number < len(audio):
            channel[0] = audio[number]
        else:
            channel.fill(0.0)
    return out

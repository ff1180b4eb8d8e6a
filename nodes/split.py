"""Split: take channels apart, as a place on a terrain becomes x and y."""

from typing import Annotated, NamedTuple

from ..engine import Help, Signal, Size, node

One = Annotated[Signal, Size(1)]


class Channels(NamedTuple):
    """One channel each."""

    a: Annotated[One, Help("channel 1")]
    b: Annotated[One, Help("channel 2")]
    c: Annotated[One, Help("channel 3")]
    d: Annotated[One, Help("channel 4")]
    e: Annotated[One, Help("channel 5")]
    f: Annotated[One, Help("channel 6")]


@node(other_names=("unpack", "mc.unpack~", "channels"))
def split(audio: Annotated[Signal, Size("any"), Help("a signal of several channels")], out: Channels) -> Channels:
    """Split a multichannel signal into its first six channels.

    Outputs beyond its last channel are silent; ``pick`` reaches channels beyond the sixth.
    """
    for number, channel in enumerate(out):
        if number < len(audio):
            channel[0] = audio[number]
        else:
            channel.fill(0.0)
    return out

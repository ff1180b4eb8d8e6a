"""Join: put channels side by side, as x and y become one place on a terrain."""

from typing import Annotated

from ..engine import Signal, Size, node

Some = Annotated[Signal, Size("any")]
All = Annotated[Signal, Size("sum")]


@node(other_names=("pack", "mc.pack~", "merge"))
def join(
    out: All,
    a: Some | None = None,
    b: Some | None = None,
    c: Some | None = None,
    d: Some | None = None,
    e: Some | None = None,
    f: Some | None = None,
) -> All:
    """Combine up to six signals into one multichannel signal.

    As many channels as come in, in the order a to f; inputs without a cord take no channel.
    """
    channel = 0
    for signal in (a, b, c, d, e, f):
        if signal is not None:
            out[channel : channel + len(signal)] = signal
            channel += len(signal)
    out[channel:] = 0.0
    return out

"""Join: put channels side by side, as x and y become one place on a terrain."""

from typing import Annotated

from ..engine import Help, Signal, Size, node

Some = Annotated[Signal, Size("any")]
All = Annotated[Signal, Size("sum")]


@node(linear=True, other_names=("pack", "mc.pack~", "merge", "stack", "combine"))
def join(
    out: All,
    a: Annotated[Some, Help("first signal of the row")] | None = None,
    b: Annotated[Some, Help("second signal of the row")] | None = None,
    c: Annotated[Some, Help("third signal of the row")] | None = None,
    d: Annotated[Some, Help("fourth signal of the row")] | None = None,
    e: Annotated[Some, Help("fifth signal of the row")] | None = None,
    f: Annotated[Some, Help("sixth signal of the row")] | None = None,
) -> Annotated[All, Help("all channels side by side")]:
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

"""The text of a block loop: lane by lane, channel by channel, sample by sample, for numba to compile.

The signature is written out, so that calling the loop never compiles anything. No fast-math: the same bits whatever
the block, and many in one call as each alone.
"""

from collections.abc import Iterator

from .description import TINY, PerSample, Role

HEAD = """\
from numba import njit, types

SOUNDS = types.Array(types.float32, 3, "A", readonly=True)
LINES = types.Array(types.float32, 2, "A", readonly=True)
OUT = types.Array(types.float32, 3, "A")
KEPT = types.Array(types.float64, 3, "A")
"""


def module_text(kind: PerSample) -> str:
    """A module whose ``loop(out, kept, rate, inputs …, params …)`` plays a block and gives nothing.

    out: float32 ``[lanes, channels, samples]``. kept: float64 ``[lanes, channels or more, kind.size]``. rate: Hz.
    inputs: float32 as ``out``. params: float32 ``[lanes or 1, samples or 1]``, moving or at rest.
    """
    arguments = ["out", "kept", "rate", *(f"in_{name}" for name in kind.inputs), *(f"by_{n}" for n in kind.params)]
    types = ["OUT", "KEPT", "types.float64", *["SOUNDS"] * len(kind.inputs), *["LINES"] * len(kind.params)]
    lines = [
        HEAD,
        kind.source.rstrip(),
        "",
        "",
        f"@njit(types.void({', '.join(types)}), cache=True, nogil=True, error_model='numpy')",
        f"def loop({', '.join(arguments)}):",
        *(f"    {line}" for line in _body(kind)),
    ]
    return "\n".join([*lines, ""])


def _body(kind: PerSample) -> Iterator[str]:
    yield "for lane in range(out.shape[0]):"
    for name in kind.params:
        yield f"    row_{name} = min(lane, by_{name}.shape[0] - 1)"
        yield f"    step_{name} = 1 if by_{name}.shape[1] > 1 else 0"
        yield f"    value_{name} = float(by_{name}[row_{name}, 0])"
    if kind.prepares:
        yield f"    {_prepared(kind)}"
    yield "    for channel in range(out.shape[1]):"
    yield from (f"        {line}" for line in _load(kind))
    moves = " or ".join(f"step_{name} > 0" for name in kind.params)
    if moves:
        yield f"        if {moves}:"
        yield "            for n in range(out.shape[2]):"
        yield from (
            f"                value_{name} = float(by_{name}[row_{name}, n * step_{name}])" for name in kind.params
        )
        if kind.prepares:
            yield f"                {_prepared(kind)}"
        yield from (f"                {line}" for line in _sample(kind))
        yield "        else:"
        yield "            for n in range(out.shape[2]):"
        yield from (f"                {line}" for line in _sample(kind))
    else:
        yield "        for n in range(out.shape[2]):"
        yield from (f"            {line}" for line in _sample(kind))
    yield from (f"        {line}" for line in _store(kind))


def _load(kind: PerSample) -> Iterator[str]:
    for index, (name, _) in enumerate(kind.state):
        yield f"s_{name} = kept[lane, channel, {index}]"
    begin = len(kind.state)
    if kind.rings:
        yield f"now = int(kept[lane, channel, {begin}])"
        begin += 1
    for name, length in kind.rings:
        yield f"ring_{name} = kept[lane, channel, {begin}:{begin + length}]"
        begin += length


def _sample(kind: PerSample) -> Iterator[str]:
    for name in kind.inputs:
        yield f"x_{name} = float(in_{name}[lane, channel, n])"
    for name, length in kind.rings:
        if name != "y":
            yield f"ring_{name}[now & {length - 1}] = x_{name}"
    given = ", ".join(_argument(name, role) for name, role in kind.takes)
    yield f"{', '.join(['sound', *(f's_{name}' for name, _ in kind.state)])} = tick({given})"
    yield "out[lane, channel, n] = sound"
    for name, length in kind.rings:
        if name == "y":
            yield f"ring_y[now & {length - 1}] = 0.0 if abs(sound) < {TINY} else sound"
    if kind.rings:
        yield "now += 1"


def _store(kind: PerSample) -> Iterator[str]:
    for index, (name, _) in enumerate(kind.state):
        yield f"kept[lane, channel, {index}] = 0.0 if abs(s_{name}) < {TINY} else s_{name}"
    if kind.rings:
        yield f"kept[lane, channel, {len(kind.state)}] = now"


def _prepared(kind: PerSample) -> str:
    """Coefficients from the params' values."""
    names = [name for name, role in kind.takes if role == "coefficient"]
    given = ", ".join(_argument(name, role) for name, role in kind.prepares)
    return f"{', '.join(f'k_{name}' for name in names)}, = prepare({given})"


def _argument(name: str, role: Role) -> str:
    match role:
        case "input":
            return f"x_{name}"
        case "state":
            return f"s_{name}"
        case "param":
            return f"value_{name}"
        case "coefficient":
            return f"k_{name}"
        case "ring":
            return f"ring_{name}"
    return role

"""The text of a block loop: some lanes abreast, channel by channel, sample by sample, for numba to compile.

The signature is written out, so that calling the loop never compiles anything. No fast-math: the same bits whatever
the block, and many in one call as each alone.
"""

from collections.abc import Iterator

from .description import TINY, PerSample, Role

ABREAST = 4
"""Lanes whose samples are computed in turn, so that none waits for another: the same bits, in half the time."""
LONGEST_ABREAST = 3000
"""Letters of code; what is longer is not limited by waiting, and takes long to compile."""
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
    moves = " or ".join(f"by_{name}.shape[1] > 1" for name in kind.params) or "False"
    yield f"moves = {moves}"
    yield "lane = 0"
    if not kind.rings and len(kind.source) < LONGEST_ABREAST:
        yield "if not moves:"
        yield f"    while lane + {ABREAST} <= out.shape[0]:"
        yield from _indented(2, _lanes(kind, range(ABREAST), False))
        yield f"        lane += {ABREAST}"
    yield "while lane < out.shape[0]:"
    if kind.params:
        yield "    if moves:"
        yield from _indented(2, _lanes(kind, range(1), True))
        yield "    else:"
        yield from _indented(2, _lanes(kind, range(1), False))
    else:
        yield from _indented(1, _lanes(kind, range(1), False))
    yield "    lane += 1"


def _lanes(kind: PerSample, lanes: range, moves: bool) -> Iterator[str]:
    """Some lanes, a sample of each in turn: a recurrence waits for its own last sample only."""
    for one in lanes:
        for name in kind.params:
            yield f"row_{name}_{one} = min(lane + {one}, by_{name}.shape[0] - 1)"
            if moves:
                yield f"step_{name} = 1 if by_{name}.shape[1] > 1 else 0"
            else:
                yield f"value_{name}_{one} = float(by_{name}[row_{name}_{one}, 0])"
        if not moves:
            yield from _prepared(kind, one)
    yield "for channel in range(out.shape[1]):"
    for one in lanes:
        yield from _indented(1, _load(kind, one))
    yield "    for n in range(out.shape[2]):"
    for one in lanes:
        if moves:
            for name in kind.params:
                yield f"        value_{name}_{one} = float(by_{name}[row_{name}_{one}, n * step_{name}])"
            yield from _indented(2, _prepared(kind, one))
        yield from _indented(2, _sample(kind, one))
    for one in lanes:
        yield from _indented(1, _store(kind, one))


def _load(kind: PerSample, one: int) -> Iterator[str]:
    for index, (name, _) in enumerate(kind.state):
        yield f"s_{name}_{one} = kept[lane + {one}, channel, {index}]"
    begin = len(kind.state)
    if kind.rings:
        yield f"now_{one} = int(kept[lane + {one}, channel, {begin}])"
        begin += 1
    for name, length in kind.rings:
        yield f"ring_{name}_{one} = kept[lane + {one}, channel, {begin}:{begin + length}]"
        begin += length


def _sample(kind: PerSample, one: int) -> Iterator[str]:
    for name in kind.inputs:
        yield f"x_{name}_{one} = float(in_{name}[lane + {one}, channel, n])"
    for name, length in kind.rings:
        if name != "y":
            yield f"ring_{name}_{one}[now_{one} & {length - 1}] = x_{name}_{one}"
    given = ", ".join(_argument(name, role, one) for name, role in kind.takes)
    yield f"{', '.join([f'sound_{one}', *(f's_{name}_{one}' for name, _ in kind.state)])} = tick({given})"
    yield f"out[lane + {one}, channel, n] = sound_{one}"
    for name, length in kind.rings:
        if name == "y":
            yield f"ring_y_{one}[now_{one} & {length - 1}] = 0.0 if abs(sound_{one}) < {TINY} else sound_{one}"
    if kind.rings:
        yield f"now_{one} += 1"


def _store(kind: PerSample, one: int) -> Iterator[str]:
    for index, (name, _) in enumerate(kind.state):
        yield f"kept[lane + {one}, channel, {index}] = 0.0 if abs(s_{name}_{one}) < {TINY} else s_{name}_{one}"
    if kind.rings:
        yield f"kept[lane + {one}, channel, {len(kind.state)}] = now_{one}"


def _prepared(kind: PerSample, one: int) -> Iterator[str]:
    """Coefficients from the params' values."""
    if kind.prepares:
        names = [f"k_{name}_{one}" for name, role in kind.takes if role == "coefficient"]
        given = ", ".join(_argument(name, role, one) for name, role in kind.prepares)
        yield f"{', '.join(names)}, = prepare({given})"


def _argument(name: str, role: Role, one: int) -> str:
    match role:
        case "input":
            return f"x_{name}_{one}"
        case "state":
            return f"s_{name}_{one}"
        case "param":
            return f"value_{name}_{one}"
        case "coefficient":
            return f"k_{name}_{one}"
        case "ring":
            return f"ring_{name}_{one}"
        case "now":
            return f"now_{one}"
    return "rate"


def _indented(depth: int, lines: Iterator[str]) -> Iterator[str]:
    return (f"{'    ' * depth}{line}" for line in lines)

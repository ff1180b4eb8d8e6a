"""The kernels: one function for each op, over lanes of samples; numba compiles them in another process (``build``).

Each does what nodes of its op do in numpy, by the same operations in the same order and without fast-math, so that both
give the same bits. What can be a vector has a loop of its own; a recurrence is alone in its loop. See ``cells`` for the
tables. All addresses are whole numbers here, and nothing is checked: ``lanes`` fills the tables.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

from ..wave import FASTEST, QUARTER, RADIANS, SINE, WHOLE
from .addresses import doubles, floats, integers
from .cells import BOUNDS, COUNT, LANES, OP, OPS, RATE, ROWS, WIDTH, WORK

single, double, long, short, unsigned = np.float32, np.float64, np.int64, np.int32, np.uint64
S1, S2, S3, S4 = (single(one) for one in SINE)
RADIAN, AHEAD = single(RADIANS), short(QUARTER)
LEAST, BELOW_1 = single(1.0 / WHOLE), single(1.0 - 2.0**-24)
HALF, TURNS, WORDS = single(0.5), 1.0 / WHOLE, 2.0**32
NARROWEST, FURTHEST, LARGEST = 1e-9, 1e6, 1e9
SINES, LFO_SINE, LFO_TRIANGLE, LFO_SAW, LFO_SQUARE, PHASOR, TIMES, SUM, PRODUCT, *_rest = OPS.values()
SCALE, SCALE_CLIPPED, SUM_OF_ALL, PRODUCT_OF_ALL = _rest
Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile it with those that call it."""
    compiled: Any = njit(error_model="numpy")(function)
    found: Function = compiled
    return found


@kernel
def within(value: Any, low: Any, high: Any) -> Any:
    """As ``np.fmax`` and ``np.fmin``: what is no number becomes the lowest."""
    value = value if value > low else low
    return value if value < high else high


@kernel
def sine_of(word: Any) -> Any:
    """Of 32 bits of phase; see ``engine.wave``."""
    z = single(short(AHEAD - short(abs(short(word - AHEAD))))) * RADIAN
    square = z * z
    power = square * S4
    power = (power + S3) * square
    power = (power + S2) * square
    power = (power + S1) * square
    return z + power * z


@kernel
def spread(head: Any, row: Any, place: Any, param: Any, to: Any) -> None:
    """A param for each sample, as doubles: its line within its bounds, or its value."""
    count, bounds = integers(head)[COUNT], doubles(integers(head)[BOUNDS])
    if integers(row)[place]:
        line = floats(integers(row)[place])
        low, high = single(bounds[2 * param]), single(bounds[2 * param + 1])
        for n in range(count):
            to[n] = within(line[n], low, high)
    else:
        value = doubles(row)[place + 1]
        for n in range(count):
            to[n] = value


@kernel
def walk(head: Any, row: Any, phases: Any) -> None:
    """The phases of an oscillator whose frequency is its first param, and on with its state."""
    count, bounds, cells = integers(head)[COUNT], doubles(integers(head)[BOUNDS]), integers(row)
    state, scale = integers(cells[1]), WHOLE / doubles(head)[RATE]
    phase = state[0]
    if cells[2]:
        line, low, high = floats(cells[2]), single(bounds[0]), single(bounds[1])
        for n in range(count):
            phases[n] = long(min(double(within(line[n], low, high)) * scale, FASTEST))
        for n in range(count):
            step = phases[n]
            phases[n] = phase
            phase += step
        state[0] = phase
    else:
        step = long(min(double(single(doubles(row)[3])) * scale, FASTEST))
        for n in range(count):
            phases[n] = phase + n * step
        state[0] = phase + count * step


@kernel
def sines(head: Any, row: Any, work: Any, count: Any) -> None:
    """Cells: out, state, frequency, phase."""
    cells, out, phases = integers(row), floats(integers(row)[0]), integers(work)
    walk(head, row, phases)
    if not cells[4] and doubles(row)[5] == 0.0:
        for n in range(count):
            out[n] = sine_of(short(phases[n] >> 32))
        return
    ahead = doubles(work + 8 * count)
    spread(head, row, 4, 1, ahead)
    for n in range(count):
        turns = double(phases[n]) * TURNS + ahead[n]
        turns = turns - math.floor(turns)
        out[n] = sine_of(short(long(turns * WORDS)))


@kernel
def turned(head: Any, row: Any, work: Any, count: Any) -> None:
    """Cells: out, state, rate, low, high, phase. Where in the cycle, 0 … 1, into the second row of scratch."""
    cells, phases, turns = integers(row), integers(work), doubles(work + 8 * count)
    walk(head, row, phases)
    for n in range(count):
        turns[n] = double(long(unsigned(phases[n]) >> unsigned(12))) * 2.0**-52
    if cells[8] or doubles(row)[9] != 0.0:
        ahead = doubles(work + 16 * count)
        spread(head, row, 8, 3, ahead)
        for n in range(count):
            there = turns[n] + ahead[n]
            turns[n] = there - math.floor(there)


@kernel
def span(head: Any, row: Any, low_place: Any, param: Any, work: Any, count: Any) -> None:
    """Two params, low and high, into the third and fourth row of scratch: low, and how much higher high is.

    In doubles while both rest; as far as one moves, the difference is of singles.
    """
    cells, low, wide = integers(row), doubles(work + 16 * count), doubles(work + 24 * count)
    spread(head, row, low_place, param, low)
    spread(head, row, low_place + 2, param + 1, wide)
    if cells[low_place] or cells[low_place + 2]:
        for n in range(count):
            wide[n] = double(single(wide[n]) - single(low[n]))
    else:
        for n in range(count):
            wide[n] = wide[n] - low[n]


@kernel
def lfo_sines(head: Any, row: Any, work: Any, count: Any) -> None:
    """Cells as of ``turned``."""
    cells, out, phases = integers(row), floats(integers(row)[0]), integers(work)
    if cells[8] or doubles(row)[9] != 0.0:
        turned(head, row, work, count)
        turns = doubles(work + 8 * count)
        for n in range(count):
            phases[n] = long(turns[n] * WORDS) << 32
    else:
        walk(head, row, phases)
    if cells[4] or cells[6]:
        low, high = doubles(work + 16 * count), doubles(work + 24 * count)
        spread(head, row, 4, 1, low)
        spread(head, row, 6, 2, high)
        for n in range(count):
            half = (single(high[n]) - single(low[n])) * HALF
            out[n] = sine_of(short(phases[n] >> 32)) * half + (single(low[n]) + half)
    else:
        bottom, top = single(doubles(row)[5]), single(doubles(row)[7])
        half = (top - bottom) * HALF
        middle = bottom + half
        for n in range(count):
            out[n] = sine_of(short(phases[n] >> 32)) * half + middle


@kernel
def lfos(head: Any, row: Any, work: Any, count: Any, op: Any) -> None:
    """Cells as of ``turned``; every shape but the sine."""
    out, turns = floats(integers(row)[0]), doubles(work + 8 * count)
    turned(head, row, work, count)
    if op == LFO_TRIANGLE:
        for n in range(count):
            twice = turns[n] * 2.0
            turns[n] = min(twice, 2.0 - twice)
    elif op == LFO_SQUARE:
        for n in range(count):
            turns[n] = 1.0 - math.floor(turns[n] * 2.0)
    span(head, row, 4, 1, work, count)
    low, wide = doubles(work + 16 * count), doubles(work + 24 * count)
    for n in range(count):
        out[n] = single(turns[n] * wide[n] + low[n])


@kernel
def phasors(head: Any, row: Any, work: Any, count: Any) -> None:
    """Cells: out, state, frequency."""
    out, phases = floats(integers(row)[0]), integers(work)
    walk(head, row, phases)
    for n in range(count):
        out[n] = min(single(unsigned(phases[n])) * LEAST, BELOW_1)


@kernel
def times(row: Any, count: Any) -> None:
    """Cells: out, audio, factor (at rest)."""
    out, audio, factor = floats(integers(row)[0]), floats(integers(row)[1]), single(doubles(row)[3])
    for n in range(count):
        out[n] = audio[n] * factor


@kernel
def plus(a: Any, b: Any) -> Any:
    """The sum."""
    return a + b


@kernel
def multiplied(a: Any, b: Any) -> Any:
    """The product."""
    return a * b


def of_two(combine: Any, neutral: Any) -> Any:
    """An op of two inputs and a value; neutral: the value that changes nothing."""

    @kernel
    def play(head: Any, row: Any, work: Any, count: Any) -> None:
        """Cells: out, a, b, value."""
        cells = integers(row)
        out, a, b, value = floats(cells[0]), floats(cells[1]), floats(cells[2]), single(doubles(row)[4])
        line = doubles(work)
        if cells[3]:
            spread(head, row, 3, 0, line)
            if cells[2]:
                for n in range(count):
                    out[n] = combine(combine(a[n], b[n]), single(line[n]))
            else:
                for n in range(count):
                    out[n] = combine(a[n], single(line[n]))
        elif not cells[2]:
            for n in range(count):
                out[n] = combine(a[n], value)
        elif value != neutral:
            for n in range(count):
                out[n] = combine(combine(a[n], b[n]), value)
        else:
            for n in range(count):
                out[n] = combine(a[n], b[n])

    return play


sums, products = of_two(plus, single(0.0)), of_two(multiplied, single(1.0))


@kernel
def scales(head: Any, row: Any, work: Any, count: Any, op: Any) -> None:
    """Cells: out, audio, in_low, in_high, out_low, out_high."""
    out, audio, position = floats(integers(row)[0]), floats(integers(row)[1]), doubles(work)
    begin, end = doubles(work + 16 * count), doubles(work + 24 * count)
    spread(head, row, 2, 0, begin)
    spread(head, row, 4, 1, end)
    low, high = (0.0, 1.0) if op == SCALE_CLIPPED else (-FURTHEST, FURTHEST)
    for n in range(count):
        wide = end[n] - begin[n]
        wide = wide if abs(wide) >= NARROWEST else NARROWEST
        there = (double(audio[n]) - begin[n]) / wide
        there = low if there < low else there
        position[n] = high if there > high else there
    span(head, row, 6, 2, work, count)
    for n in range(count):
        value = position[n] * end[n] + begin[n]
        value = -LARGEST if value < -LARGEST else value
        out[n] = single(LARGEST if value > LARGEST else value)


def of_all(combine: Any) -> Any:
    """An op of many inputs, combined in their order."""

    @kernel
    def play(row: Any, width: Any, count: Any) -> None:
        """Cells: out, then the inputs."""
        cells = integers(row)
        out, a, b = floats(cells[0]), floats(cells[1]), floats(cells[2])
        for n in range(count):
            out[n] = combine(a[n], b[n])
        k = 3
        while k + 4 <= width:  # four at once, so that what is gathered is read and written a fourth as often
            a, b, c, d = floats(cells[k]), floats(cells[k + 1]), floats(cells[k + 2]), floats(cells[k + 3])
            for n in range(count):
                out[n] = combine(combine(combine(combine(out[n], a[n]), b[n]), c[n]), d[n])
            k += 4
        while k < width:
            a = floats(cells[k])
            for n in range(count):
                out[n] = combine(out[n], a[n])
            k += 1

    return play


sum_of_all, product_of_all = of_all(plus), of_all(multiplied)


@kernel
def lane(op: Any, head: Any, row: Any, width: Any, work: Any, count: Any) -> None:
    """One lane of an op."""
    if op == SINES:
        sines(head, row, work, count)
    elif op == LFO_SINE:
        lfo_sines(head, row, work, count)
    elif op == PHASOR:
        phasors(head, row, work, count)
    elif op == TIMES:
        times(row, count)
    elif op == SUM:
        sums(head, row, work, count)
    elif op == PRODUCT:
        products(head, row, work, count)
    elif op == SUM_OF_ALL:
        sum_of_all(row, width, count)
    elif op == PRODUCT_OF_ALL:
        product_of_all(row, width, count)
    elif op in (SCALE, SCALE_CLIPPED):
        scales(head, row, work, count, op)
    else:
        lfos(head, row, work, count, op)


def play(headers: Any, number: Any) -> None:
    """Play so many ops in order. headers: the address of their headers' addresses."""
    for one in range(number):
        head = integers(headers)[one]
        cells = integers(head)
        for index in range(cells[LANES]):
            row = cells[ROWS] + 8 * index * cells[WIDTH]
            if integers(row)[0]:
                lane(cells[OP], head, row, cells[WIDTH], cells[WORK], cells[COUNT])

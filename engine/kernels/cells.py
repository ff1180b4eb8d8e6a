"""What the kernels and those who fill their tables agree on: ops by number, and the cells of a header.

A header describes an op over lanes, a row of cells each: int64, of which values are the bits of a float64. A lane's are
where it writes (0: it rests), where its state is (where the op has one), where its inputs are (0: none), then two for
each param: where its line is (0: it rests), and its value.
"""

NAMES = (
    *("sine", "lfo sine", "lfo triangle", "lfo saw", "lfo square", "phasor", "times", "sum", "product"),
    *("scale", "scale clipped", "sum of all", "product of all"),
)
OPS = {name: number for number, name in enumerate(NAMES)}
OP, LANES, COUNT, ROWS, WIDTH, WORK, BOUNDS, RATE = range(8)
"""Op, number of lanes, samples per block, address of the lanes, cells of each, address of scratch for ``SCRATCH`` rows
of 8 bytes a sample, address of the lowest and highest value of each param (float64), sample rate (float64).
"""
HEADER = 8
SCRATCH = 6

"""Commands one after the other in a process that has little memory: a line of words in, a line of what came of it out.

Started by test_damaged_commands, with the bytes that it may map (0: as many as it likes).
"""

import io
import json
import resource
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from latent_terrain.ui.cli import main


def written() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def text(file: io.TextIOWrapper) -> str:
    buffer = file.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def spent() -> tuple[float, float]:
    """Seconds of the processor, of this process and of those that it started; and of the clock."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used), time.monotonic()


def most_memory() -> int:
    """KiB that this process, or the largest of those that it started, has had.

    The kernel's ru_maxrss of a process counts what its parent had when it was started.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (own,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


if most := int(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
answers = sys.stdout
for line in sys.stdin:
    out, err = written(), written()
    before = spent()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(json.loads(line))
    seconds = [now - then for now, then in zip(spent(), before, strict=True)]
    answer = {"code": code, "out": text(out), "err": text(err), "seconds": seconds, "kib": most_memory()}
    print(json.dumps(answer), file=answers, flush=True)

"""Compiling the kernels, in a process of its own: numba makes machine code of ``ops``, which is kept as a file."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import njit

from ...graphs.file_write import NewFile
from ..loops.cache import LoopError
from ..messages import Ready, Unable
from ..messages.workers import TO_KERNEL_BUILDER, BuildKernels
from ..processes.child import Parent
from ..wave import SineWave
from . import ops
from .code import Play, linked, machine
from .kernel import Kernel
from .lanes import Lanes, address_of

CHECKED = 4096


def build(path: Path) -> None:
    """Compile, check and keep them. Raises LoopError where this machine's code would give other bits than numpy."""
    options: Any = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    made: Any = njit("void(int64, int64)", **options)(ops.play)  # without wrappers it needs nothing of numba's
    text = made.inspect_llvm(made.signatures[0])
    name = _symbol(text)
    triple, cpu, features = machine()
    target = llvm.Target.from_triple(triple)
    code = target.create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic").emit_object(
        llvm.parse_assembly(text)
    )
    check(linked(name, code))
    new = NewFile(path)
    new.handle.write(b"%s %s\n" % (sha256(code).hexdigest().encode(), name.encode()))
    new.handle.write(code)
    new.commit()


def serve(parent: Parent) -> None:
    """The process's work."""
    try:
        build(Path(parent.order(BuildKernels).path))
    except Exception as error:
        parent.send(Unable(text=str(error) or type(error).__name__))
        return
    parent.send(Ready())
    parent.receive(TO_KERNEL_BUILDER)  # until it is closed


def check(play: Play) -> None:
    """Compare with numpy's bits: what might differ is a processor that multiplies and adds in one."""
    phases = np.random.default_rng(1).integers(-(2**63), 2**63, CHECKED)
    wanted, found = np.zeros((2, CHECKED, 1), np.float32)
    SineWave(wanted.shape).of_phases(phases[:, None], wanted)
    bounds = {"frequency": (0.0, 1.0), "phase": (0.0, 1.0)}
    lanes = Lanes(Kernel("sine"), list(found[:, None, :]), {}, phases[:, None].copy(), {}, bounds, 48_000.0)
    for row in range(CHECKED):
        lanes.set(row, {"frequency": 0.0, "phase": 0.0})
    headers = np.array([lanes.address])
    play(address_of(headers), 1)
    if not np.array_equal(wanted, found):
        raise LoopError("compiled code gives other numbers than numpy on this processor; patches play without it")


def _symbol(text: str) -> str:
    """The name of the function that is not one of those it calls."""
    for line in text.splitlines():
        if line.startswith("define ") and "linkonce" not in line:
            found = re.match(r'define [^@]*@"?([^"(]+)"?\(', line)
            if found:
                return found[1]
    raise LoopError("numba made no code that could be kept")

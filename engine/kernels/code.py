"""The kernels' machine code: kept on disk for this machine, loaded without numba, compiled elsewhere when it is not."""

import ctypes
import logging
import threading
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..logs import failed
from ..loops.cache import LoopError, cache_folder
from ..messages.workers import FROM_KERNEL_BUILDER, BuildKernels
from ..missing_package import MissingError, need
from ..processes.policy import Policy
from ..processes.supervisor import StartError, SupervisedChild

Play: TypeAlias = Callable[[int, int], object]
"""Plays ops in order: the address of their headers' addresses, and how many."""

log = logging.getLogger(__name__)
BUILDER = "latent_terrain.engine.kernels.build:serve"
POLICY = Policy(start_seconds=300.0, silent_seconds=0.0, pauses=(), niceness=15)
KEPT = 4
"""Files, so that a few versions and processors that share a home do not compile in turn."""
SOURCES = ("ops.py", "addresses.py", "cells.py", "build.py", "../wave.py")


class Code:
    """The code of this process. play: None until it is there; what it is asked for never waits but with ``wait``."""

    def __init__(self) -> None:
        self.play: Play | None = None
        self.problem = ""
        """Why there is none, in words."""
        self._lock = threading.Lock()
        self._is_asked = self._is_looked_for = False
        self._is_over = threading.Event()

    def load(self) -> None:
        """Load what is kept, if there is some; once."""
        with self._lock:
            if not self._is_looked_for:
                self._is_looked_for = True
                self._load_kept()

    def ask(self) -> None:
        """Load what is kept, or have it compiled meanwhile: a thread sees to it."""
        self.load()
        with self._lock:
            if self.play is not None or self._is_asked or self.problem:
                return
            self._is_asked = True
        try:
            path = kernel_file()  # here, as LLVM holds the interpreter while it is loaded, and nothing plays yet
        except Exception as error:
            self._give_up(error)
            return
        threading.Thread(target=self._compile, args=[path], name="compile kernels", daemon=True).start()

    def wait(self) -> None:
        """Until it is there, or can't be had."""
        self.ask()
        if self.play is None and not self.problem:
            self._is_over.wait()

    def _load_kept(self) -> None:
        try:
            if not any(cache_folder().glob("kernels_*.o")):
                return  # nothing is imported for what is not there
            path = kernel_file()
            if path.is_file():
                self.play = _loaded(path)
        except Exception as error:
            self._give_up(error)

    def _compile(self, path: Path) -> None:
        try:
            _build(path)
            for old in sorted(path.parent.glob("kernels_*.o"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
                old.unlink(missing_ok=True)
            self.play = _loaded(path)
        except Exception as error:
            self._give_up(error)
        self._is_over.set()

    def _give_up(self, error: Exception) -> None:
        is_known = isinstance(error, LoopError | MissingError | StartError)
        self.problem = str(error) if is_known else failed(log, f"compiled code can't be had ({error})", error)
        log.info("patches play without compiled code: %s", self.problem)


code = Code()
"""Of this process."""


def machine() -> tuple[str, str, str]:
    """What code is made for: LLVM's triple, the processor and what it can. Raises MissingError without llvmlite."""
    llvm: Any = need("llvmlite.binding", "compiled code")
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def linked(name: str, code: bytes) -> Play:
    """Machine code as a function. Raises RuntimeError for what is none."""
    llvm: Any = need("llvmlite.binding", "compiled code")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    compiler = llvm.create_lljit_compiler()
    library = llvm.JITLibraryBuilder().add_object_img(code).export_symbol(name).add_current_process()
    tracker = library.link(compiler, "kernels")
    function: Any = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 2)(tracker[name])
    room = np.zeros(8, np.int64)  # numba's functions take where to write a result, and what went wrong
    _kept.append((compiler, tracker, room))
    where = room.ctypes.data
    return partial(function, where, where)


_kept: list[object] = []
"""What the code in use needs to stay."""


def kernel_file() -> Path:
    """Where the code for this text, machine and numba is kept."""
    here, digest = Path(__file__).parent, sha256()
    for name in SOURCES:
        digest.update((here / name).read_bytes())
    for name in ("numba", "llvmlite"):
        digest.update(metadata.version(name).encode())
    digest.update(repr(machine()).encode())
    return cache_folder() / f"kernels_{digest.hexdigest()[:32]}.o"


def _loaded(path: Path) -> Play | None:
    """What is kept, or None where the file is damaged, which is then removed."""
    head, _, found = path.read_bytes().partition(b"\n")
    digest, _, name = head.partition(b" ")
    if digest != sha256(found).hexdigest().encode():
        path.unlink()
        return None
    return linked(name.decode(), found)


def _build(path: Path) -> None:
    """Have them compiled by a process of its own. Raises StartError with what it says."""
    order = BuildKernels(path=str(path))
    child = SupervisedChild("the compiler", BUILDER, lambda: order, FROM_KERNEL_BUILDER, policy=POLICY)
    child.begin()
    child.close()

"""Compiles Faust programs in a process of its own: what crashes, loops for ever or takes all memory ends that process.

That process is confined (it reads nothing but its compiler, Faust's libraries and copies of what the program imports),
compiles, and tries the program with noise, silence, numbers that are no sound, and its controls at their ends. What
comes back is machine code, which the process that plays loads in a millisecond; it never compiles itself.
"""

import json
import logging
import os
import queue
import re
import signal
import sys
import tempfile
import threading
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.messages import Confined, Failed, Gone, Message, Unable
from ...engine.messages.workers import FROM_WORKER, Facts, RunWork
from ...engine.missing_package import MissingError
from ...engine.processes.child import Child, Parent
from ...engine.processes.confinement import Limits
from ...engine.processes.policy import Policy
from .kept import keep, read_kept
from .library import FaustError, Instance, Program, compiled, installed, load
from .source import FaustSource

# For its libraries to be there, on a busy machine; then for the program.
START_SECONDS, COMPILE_SECONDS = 60.0, 20.0
LEEWAY_SECONDS = 10
MEMORY = 2 << 30
LARGEST_ANSWER = 16 << 20
NICENESS = 15
MOST_CHANNELS, MOST_STATE, MOST_CONTROLS = 64, 256 << 20, 2000
TRIAL_BLOCK, TRIAL_BLOCKS = 256, 24
# What a sound may be before the engine resets who made it; a place in a table that comes of it must not lie outside.
BROKEN = (float("nan"), float("inf"), float("-inf"), 1e30, -1e30)
# Programs that are remembered, with what is wrong with those that can't be played.
MOST_REMEMBERED = 64
# Of a sentence of the compiler's, which quotes whole expressions.
MOST_WORDS = 240
PLACE = re.compile(r"^(?P<file>[^\n:]*):(?P<line>-?\d+)\s*:\s*(?:ERROR\s*:\s*)?", re.MULTILINE)
ENDLESS = "a definition refers to itself without end; give it a case that ends it, or write a loop with ~"
# What the compiler says in words of its own, in ours; no word at all is an empty program.
PLAIN = {
    "undefined symbol : process": "it says nothing of what it plays; add a line: process = …;",
    "no output signal": "it has no outputs, so nothing would be heard; give process at least one",
    "stack overflow": ENDLESS,
    "endless evaluation": ENDLESS,
    "ASSERT : please report": "the compiler gave up, mostly for lack of memory; make the program smaller",
}
EMPTY = "it is empty; write a line: process = …;"

_remembered: "OrderedDict[str, CompiledFaust | str]" = OrderedDict()
_loaded: "weakref.WeakValueDictionary[str, Program]" = weakref.WeakValueDictionary()
_lock, _compiling = threading.Lock(), threading.Lock()
log = logging.getLogger(__name__)


class NotCompiledError(FaustError):
    """The process that compiles did not come to an end by itself: the next edit tries again."""


@dataclass(frozen=True)
class CompiledFaust:
    """Machine code for this computer. load: the part of a block's time that it took when it was tried, at 48 kHz."""

    machine: str
    load: float


def program(source: FaustSource, seconds: float = COMPILE_SECONDS) -> tuple[Program, float]:
    """A program, ready to be played, and its load; compiled at most once. Slow: not for the audio thread.

    Raises FaustError with a sentence, whatever went wrong, and MissingError without the compiler.
    """
    digest = source.digest
    known = _remembered.get(digest)
    if known is None:
        with _compiling:  # what is known already does not wait for it
            known = _remembered.get(digest)
            if known is None:
                known = _remembered[digest] = _found_or_compiled(source, seconds)
    with _lock:
        _remembered[digest] = known
        _remembered.move_to_end(digest)
        while len(_remembered) > MOST_REMEMBERED:
            _remembered.popitem(last=False)
        if isinstance(known, str):
            raise FaustError(known)
        loaded = _loaded.get(digest)
        if loaded is None:
            loaded = _loaded[digest] = Program(known.machine)
        return loaded, known.load


def _found_or_compiled(source: FaustSource, seconds: float) -> "CompiledFaust | str":
    """As it was compiled on this computer before, or now; a sentence where it can't be."""
    # what is allowed may be less than when it was compiled
    key = f"{source.digest} {MOST_CHANNELS} {MOST_STATE} {MOST_CONTROLS}"
    kept = read_kept(key)
    if kept is not None:
        try:
            Program(kept[0])
            return CompiledFaust(*kept)
        except FaustError as error:
            log.info("%s can't be loaded as it was kept: %s", source.name, error)
    try:
        compiled = compile_apart(source, seconds)
    except NotCompiledError:
        raise
    except FaustError as error:
        return str(error)
    keep(key, compiled.machine, compiled.load)
    return compiled


def compile_apart(source: FaustSource, seconds: float = COMPILE_SECONDS) -> CompiledFaust:
    """Machine code of a program, compiled and tried in another process. Raises FaustError, and MissingError."""
    installed()
    heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="latent-terrain-faust-") as folder:
        for name, text in source.files.items():
            copy = Path(folder, name)
            assert copy.resolve().is_relative_to(Path(folder).resolve()), name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
        arguments = {"name": source.name, "text": source.text, "folder": folder, "seconds": seconds, "memory": MEMORY}
        policy = Policy(niceness=NICENESS, is_confined=True, largest=LARGEST_ANSWER)
        child = Child(f"{__name__}:serve", RunWork(work="", arguments=arguments), FROM_WORKER, heard.put, policy)
        try:
            return _answer(source.name, heard, seconds)
        finally:
            child.kill()
            child.close()


def _answer(name: str, heard: "queue.SimpleQueue[Message]", seconds: float) -> CompiledFaust:
    end, is_compiling = time.monotonic() + START_SECONDS, False
    while True:
        try:
            message = heard.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            if not is_compiling:
                late = f"the process that compiles it did not start within {START_SECONDS:.0f} s; try again"
                raise NotCompiledError(f"{name}: {late}") from None
            raise FaustError(
                f"{name}: compiling it took more than {seconds:g} seconds and was stopped; make the program smaller, "
                "or look for a definition that refers to itself without end"
            ) from None
        match message:
            case Confined() if not is_compiling:
                end, is_compiling = time.monotonic() + seconds, True
            case Facts():
                machine, share = message.facts.get("machine"), message.facts.get("load")
                if not isinstance(machine, str) or not isinstance(share, float):
                    raise FaustError(f"{name}: what was compiled can't be understood; install cyfaust-llvm again")
                return CompiledFaust(machine, share)
            case Unable():
                raise FaustError(message.text)
            case Failed():
                raise FaustError(f"{name}: the compiler failed ({message.text}); simplify the program")
            case Gone() if sys.platform != "win32" and message.code == -signal.SIGKILL:
                raise NotCompiledError(f"{name}: the process that compiles it was ended from outside; try again")
            case Gone():
                raise FaustError(f"{name}: {_why_gone(message.code)}; make the program smaller")
            case _:
                pass


def serve(parent: Parent) -> None:
    """Be the process that compiles: one order, one answer."""
    order = parent.order(RunWork).arguments
    name, folder = str(order["name"]), Path(order["folder"])
    try:
        load()
        _, libraries = installed()
        os.chdir(folder)
        limits = Limits(memory=int(order["memory"]), cpu_seconds=int(order["seconds"]) + LEEWAY_SECONDS)
        # the compiler asks a shell where it lies itself, and crashes where it may not
        parent.confine(limits, readable=(str(folder), "/bin"), starts_programs=True)
        machine = compiled(name, str(order["text"]), (libraries, folder))
        parent.send(Facts(facts={"machine": machine, "load": _try(name, machine)}))
    except FaustError as error:
        parent.send(Unable(text=told(name, str(error))))
    except MissingError as error:
        parent.send(Unable(text=str(error)))
    except MemoryError:
        parent.send(Unable(text=f"{name}: needs more memory than a program should; shorten its delays and tables"))


def told(name: str, text: str) -> str:
    """What the compiler says, as a sentence that begins with where: ``reverb.dsp, line 3: …``."""
    found = PLACE.search(text)
    if found is not None:
        file, line, text = found["file"], int(found["line"]), text[: found.start()] + text[found.end() :]
        where = f"{name if file.strip('?') == '' else Path(file).name}{f', line {line}' if line > 0 else ''}"
    else:
        where, text = name, text.removeprefix("ERROR : ")
    words = " ".join(text.replace("ERROR : ", "").partition("\n\nHere ")[0].split())
    if words.startswith(f"{name}: "):  # a sentence of ours
        return words
    plain = next((plain for sign, plain in PLAIN.items() if sign in words), "" if words else EMPTY)
    if plain:
        return f"{where}: {plain}"
    short = words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS].rstrip()} …"
    return f"{where}: {short}; correct {'it there' if ', line ' in where else 'the program'}"


def _try(name: str, machine: str) -> float:
    """Play it with all that may come, its controls at their ends. Gives its load. Raises FaustError."""
    tried = Program(machine)
    about = _plain(tried.description)
    size, inputs, outputs = (about.get(key, 0) for key in ("size", "inputs", "outputs"))
    if size > MOST_STATE:
        needs = f"needs {size >> 20} MB of memory, more than {MOST_STATE >> 20}"
        raise FaustError(f"{name}: {needs}; shorten its delays and tables")
    if outputs == 0:
        raise FaustError(f"{name}: {PLAIN['no output signal']}")
    for count, what in ((inputs, "inputs"), (outputs, "outputs")):
        if count > MOST_CHANNELS:
            raise FaustError(f"{name}: has {count} {what}; {MOST_CHANNELS} are the most, leave some out")
    try:
        instance = Instance(tried, 48_000.0, TRIAL_BLOCK)
    except FaustError as error:
        raise FaustError(f"{name}: {error}") from error
    if instance.reads_files:
        raise FaustError(f"{name}: plays sound files (soundfile), which it can't here; take a sound_player node to it")
    if len(instance.controls) > MOST_CONTROLS:
        raise FaustError(f"{name}: has {len(instance.controls)} controls; {MOST_CONTROLS} are the most, leave some out")
    noise = np.random.default_rng(0).uniform(-1, 1, instance.given.shape).astype(np.float32)
    fastest = float("inf")
    for place in (-1.0, 0.0, 1.0):
        for control in instance.controls:
            control.zone.value = control.at(place)
        for number in range(TRIAL_BLOCKS):
            instance.given[:] = noise if number < TRIAL_BLOCKS // 2 else 0.0
            begin = time.perf_counter()
            instance.compute(TRIAL_BLOCK)
            fastest = min(fastest, time.perf_counter() - begin) if place < 0 else fastest
    for broken in BROKEN:
        instance.given[:] = broken
        instance.compute(TRIAL_BLOCK)
    return fastest / (TRIAL_BLOCK / 48_000.0)


def _plain(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:  # a label may contain anything
        return {}
    return found if isinstance(found, dict) else {}


def _why_gone(code: int) -> str:
    if sys.platform == "win32" or code >= 0:
        return "the compiler ended unexpectedly"
    reasons = {
        signal.SIGXCPU: "compiling it took too long",
        signal.SIGSYS: "it made a system call that no compiler needs",
        signal.SIGABRT: "the compiler gave up, for lack of memory or by a fault of its own",
        signal.SIGSEGV: "it crashed while it was compiled or tried",
    }
    return reasons.get(signal.Signals(-code), f"the compiler ended by signal {-code}")

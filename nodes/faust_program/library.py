"""The Faust compiler as the package ``cyfaust-llvm`` brings it, by its C interface.

The package's own Python interface is not used: its ``compute`` keeps the interpreter lock, a foreign call gives it
away. The structs and calls are those of ``faust/gui/CInterface.h`` and ``faust/dsp/llvm-dsp-c.h``, which the package
contains.
"""

import ctypes
import threading
import weakref
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ...engine import FloatArray
from ...engine.missing_package import MissingError, extra_command
from .controls import KINDS, Control

PACKAGE, EXTRA = "cyfaust-llvm", "faust"
# ftz 2: numbers too small to be heard are 0; many processors take far longer over them, so a dying reverb costs more.
# mcd 0: every delay is a ring whose place is masked, so that a broken number can't read past its end.
OPTIONS = ("-single", "-ftz", "2", "-mcd", "0", "-ct", "1")
LONGEST_ERROR = 4096
# A group's label where the program gives it none.
NAMELESS = "0x00"
BEST = -1
Address = ctypes.c_void_p
Zone = ctypes.POINTER(ctypes.c_float)
_float, _text = ctypes.c_float, ctypes.c_char_p
_lock = threading.RLock()


class FaustError(ValueError):
    """A program can't be played; the text says why."""


def installed() -> tuple[Path, Path]:
    """The compiler and the folder of its libraries, without loading either. Raises MissingError."""
    found = find_spec("cyfaust")
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    files = [file for folder in folders for ending in ("so", "pyd") for file in Path(folder).glob(f"cyfaust*.{ending}")]
    if not files:
        raise MissingError(
            f"a Faust program needs {PACKAGE}, which is not installed; run: {extra_command(EXTRA, PACKAGE)}"
        )
    return files[0], files[0].parent / "resources" / "libraries"


@cache
def load() -> Any:
    """The compiler. Raises MissingError where it is not there, does not load, or has no LLVM."""
    path, _ = installed()
    try:
        _load_without_the_interpreter(path)
        library: Any = ctypes.CDLL(str(path))
        for name, (gives, *takes) in CALLS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = gives, takes
    except (OSError, AttributeError) as error:
        raise MissingError(
            f"a Faust program needs {PACKAGE}, but what is installed as cyfaust does not work here ({error}); run: "
            f"{extra_command(EXTRA, PACKAGE)}"
        ) from error
    return library


def compiled(name: str, text: str, folders: tuple[Path, ...]) -> str:
    """Machine code of a program, as text. For a process of its own. Raises FaustError with what the compiler says."""
    library = load()
    words = [*OPTIONS, *(word for folder in folders for word in ("-I", str(folder)))]
    options = (_text * len(words))(*(word.encode() for word in words))
    error = ctypes.create_string_buffer(LONGEST_ERROR)
    factory = library.createCDSPFactoryFromString(name.encode(), text.encode(), len(words), options, b"", error, BEST)
    if not factory:
        raise FaustError(error.value.decode("utf-8", "replace"))
    kept = library.writeCDSPFactoryToMachine(factory, b"")
    machine = ctypes.string_at(kept).decode("ascii")
    library.freeCMemory(kept)
    library.deleteCDSPFactory(factory)
    return machine


def machine_target() -> str:
    """The processor that programs are compiled for, as the compiler calls it. Raises MissingError."""
    library = load()
    kept = library.getCDSPMachineTarget()
    target = ctypes.string_at(kept).decode("utf-8", "replace")
    library.freeCMemory(kept)
    return target


class Program:
    """Machine code of a program, ready to be played by any number of instances.

    Made, and let go of, on any thread but the audio thread. Raises FaustError.
    """

    def __init__(self, machine: str) -> None:
        self.library = load()
        error = ctypes.create_string_buffer(LONGEST_ERROR)
        with _lock:
            self.factory = self.library.readCDSPFactoryFromMachine(machine.encode(), b"", error)
        if not self.factory:
            raise FaustError(f"its compiled code can't be loaded ({error.value.decode('utf-8', 'replace').strip()})")
        weakref.finalize(self, _locked, self.library.deleteCDSPFactory, self.factory)

    @property
    def description(self) -> str:
        """What the compiler says of it: JSON."""
        with _lock:
            kept = self.library.getCDSPFactoryJSON(self.factory)
            text = ctypes.string_at(kept).decode("utf-8", "replace")
            self.library.freeCMemory(kept)
        return text


class Instance:
    """A program that plays, with its state, controls and buffers.

    Raises FaustError without the memory for it. inputs, outputs: numbers of channels. given, made: float32 ``[channels,
    block]``, what ``compute`` reads and writes.
    """

    def __init__(self, program: Program, sample_rate: float, block: int) -> None:
        library = self._library = program.library
        with _lock:
            made = library.createCDSPInstance(program.factory)
        if not made:
            raise FaustError("there is not enough memory for it; shorten its delays and tables")
        self._address = Address(made)
        # the finalizer holds the program: it must not be deleted before its instances
        self._end = weakref.finalize(self, _end, program, self._address)
        library.initCDSPInstance(self._address, round(sample_rate))
        self.inputs: int = library.getNumInputsCDSPInstance(self._address)
        self.outputs: int = library.getNumOutputsCDSPInstance(self._address)
        self.controls, self.reads_files = _controls(library, self._address)
        self.given: FloatArray = np.zeros((self.inputs, block), np.float32)
        self.made: FloatArray = np.zeros((self.outputs, block), np.float32)
        self._given, self._made = _rows(self.given), _rows(self.made)
        self._compute, self._clear = library.computeCDSPInstance, library.instanceClearCDSPInstance

    def compute(self, count: int) -> None:
        """Audio thread: play so many samples from ``given`` into ``made``, without the interpreter lock."""
        self._compute(self._address, count, self._given, self._made)

    def clear(self) -> None:
        """Audio thread: forget what sounds."""
        self._clear(self._address)

    def close(self) -> None:
        """Let go of it; it can't play any more."""
        self._end()


@dataclass
class _Heard:
    controls: list[Control]
    paths: list[str]
    groups: list[str]
    about: dict[int, dict[str, str]]
    reads_files: bool = False


def _controls(library: Any, address: Any) -> tuple[tuple[Control, ...], bool]:
    """The controls in the program's order, and whether it wants sound files.

    Of several that have one label each is called by its groups too: ``left/gain``.
    """
    heard = _Heard([], [], [], {})

    def add(kind: str) -> Any:
        def button(_: Any, label: bytes, zone: Any) -> None:
            number(_, label, zone, 0.0, 0.0, 1.0, 1.0)

        def number(_: Any, label: bytes, zone: Any, initial: float, low: float, high: float, step: float) -> None:
            about = heard.about.get(ctypes.addressof(zone.contents), {})
            heard.paths.append("/".join([*(group for group in heard.groups[1:] if group != NAMELESS), _words(label)]))
            heard.controls.append(Control(kind, _words(label), initial, low, high, step, about, zone.contents))

        return button if kind in ("button", "checkbox") else number

    def sound(_: Any, label: bytes, url: bytes, zone: Any) -> None:
        heard.reads_files = True

    def declare(_: Any, zone: Any, key: bytes, value: bytes) -> None:
        if zone:
            heard.about.setdefault(ctypes.addressof(zone.contents), {})[_words(key)] = _words(value)

    def opened(_: Any, label: bytes) -> None:
        heard.groups.append(_words(label))

    def closed(_: Any) -> None:
        heard.groups.pop()

    def nothing(*_: Any) -> None:
        pass

    named = {kind: add(kind) for kind in KINDS}
    functions = [
        *(BOX(opened) for _ in range(3)),
        CLOSE(closed),
        BUTTON(named["button"]),
        BUTTON(named["checkbox"]),
        *(SLIDER(named[kind]) for kind in ("slider", "slider", "entry")),
        *(BARGRAPH(nothing) for _ in range(2)),
        SOUND(sound),
        DECLARE(declare),
    ]
    glue = _Glue(None, *functions)
    library.buildUserInterfaceCDSPInstance(address, ctypes.byref(glue))
    counts = Counter(control.label for control in heard.controls)
    controls = [
        control if counts[control.label] == 1 else replace(control, label=path)
        for control, path in zip(heard.controls, heard.paths, strict=True)
    ]
    return tuple(controls), heard.reads_files


def _rows(array: FloatArray) -> Any:
    """Where the rows of an array lie, as the program wants it."""
    begin, step = array.ctypes.data, array.strides[0]
    return (Address * max(1, len(array)))(*(begin + row * step for row in range(len(array))))


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _end(program: Program, address: Any) -> None:
    _locked(program.library.deleteCDSPInstance, address)


def _locked(call: Any, address: Any) -> None:
    with _lock:
        call(address)


def _load_without_the_interpreter(path: Path) -> None:
    """Load it by the system's own call: a hundred megabytes are a few hundredths of a second, and sound may play."""
    try:
        load = ctypes.CDLL(None).dlopen
    except (OSError, AttributeError, TypeError):
        return  # it is loaded the usual way then
    load.restype, load.argtypes = Address, (_text, ctypes.c_int)
    load(str(path).encode(), 2)


BOX = ctypes.CFUNCTYPE(None, Address, _text)
CLOSE = ctypes.CFUNCTYPE(None, Address)
BUTTON = ctypes.CFUNCTYPE(None, Address, _text, Zone)
SLIDER = ctypes.CFUNCTYPE(None, Address, _text, Zone, _float, _float, _float, _float)
BARGRAPH = ctypes.CFUNCTYPE(None, Address, _text, Zone, _float, _float)
SOUND = ctypes.CFUNCTYPE(None, Address, _text, _text, Address)
DECLARE = ctypes.CFUNCTYPE(None, Address, Zone, _text, _text)


class _Glue(ctypes.Structure):
    """``UIGlue``: whom the program tells of its controls, in this order."""

    _fields_ = (
        ("interface", Address),
        *((f"open_{shape}", BOX) for shape in ("tab", "horizontal", "vertical")),
        ("close", CLOSE),
        ("button", BUTTON),
        ("checkbox", BUTTON),
        *((f"slider_{number}", SLIDER) for number in range(3)),
        *((f"bargraph_{number}", BARGRAPH) for number in range(2)),
        ("sound", SOUND),
        ("declare", DECLARE),
    )


_int = ctypes.c_int
CALLS: dict[str, tuple[Any, ...]] = {
    "createCDSPFactoryFromString": (Address, _text, _text, _int, Address, _text, _text, _int),
    "writeCDSPFactoryToMachine": (Address, Address, _text),
    "readCDSPFactoryFromMachine": (Address, _text, _text, _text),
    "getCDSPFactoryJSON": (Address, Address),
    "getCDSPMachineTarget": (Address,),
    "deleteCDSPFactory": (ctypes.c_bool, Address),
    "freeCMemory": (None, Address),
    "createCDSPInstance": (Address, Address),
    "deleteCDSPInstance": (None, Address),
    "initCDSPInstance": (None, Address, _int),
    "getNumInputsCDSPInstance": (_int, Address),
    "getNumOutputsCDSPInstance": (_int, Address),
    "buildUserInterfaceCDSPInstance": (None, Address, Address),
    "instanceClearCDSPInstance": (None, Address),
    "computeCDSPInstance": (None, Address, _int, Address, Address),
}

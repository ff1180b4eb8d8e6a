"""The table of contents of a ``.pt`` file, read as untrusted data: without doing what it says.

A checkpoint's index is a pickle, a small program. Only the few instructions that torch itself writes are followed,
none of the names in it leads to real code, and what comes out are descriptions of tensors, not tensors.
"""

import io
import pickle
import pickletools
from collections.abc import Mapping
from typing import NamedTuple

# Bytes; indices of terrains have under 3000. Also bounds how deep one can be nested.
LARGEST_INDEX = 2**14

DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4"}
# fmt: off
INSTRUCTIONS = frozenset({
    "PROTO", "GLOBAL", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "MARK", "TUPLE", "EMPTY_TUPLE",
    "EMPTY_DICT", "EMPTY_LIST", "APPEND", "APPENDS", "SETITEM", "SETITEMS", "NEWOBJ", "REDUCE", "BUILD",
    "BINPERSID", "BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "NONE", "NEWTRUE",
    "NEWFALSE", "STOP",
})
# fmt: on


class StoredTensor(NamedTuple):
    """Where the numbers of a tensor lie: storage ``key``, numpy ``dtype``; offset, size and stride in numbers."""

    key: str
    dtype: str
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def read_index(data: bytes) -> dict[str, StoredTensor]:
    """The tensors of a module tree by their dotted names, up to two deep.

    Raises pickle.UnpicklingError for anything that is not such an index; nothing in it is ever run.
    """
    if len(data) > LARGEST_INDEX:
        raise pickle.UnpicklingError("too long")
    try:
        for instruction, _, _ in pickletools.genops(data):
            if instruction.name not in INSTRUCTIONS:
                raise pickle.UnpicklingError(f"instruction {instruction.name}")
        root = _Reader(io.BytesIO(data)).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:
        raise pickle.UnpicklingError(type(error).__name__) from None
    found: dict[str, StoredTensor] = {}
    for name, value in _members(root).items():
        if isinstance(value, StoredTensor):
            found[name] = value
        for part, leaf in _members(value).items():
            if isinstance(leaf, StoredTensor):
                found[f"{name}.{part}"] = leaf
    return found


class _Storage(NamedTuple):
    key: str
    dtype: str


class _Node:
    """Stands for any object of the tree: only what hangs on it counts."""

    state: object = None

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        self.state = state


class _Rebuild:
    """Stands for torch's function that makes a tensor: describes it instead. Cannot be altered by the pickle."""

    __slots__ = ()

    def __call__(self, storage: object, offset: object, size: object, stride: object, *_: object) -> StoredTensor:
        if not isinstance(storage, _Storage) or type(size) is not tuple or type(stride) is not tuple:
            raise pickle.UnpicklingError("a tensor without storage")
        numbers = [number for number in (offset, *size, *stride) if type(number) is int and 0 <= number < 2**31]
        if len(numbers) != 1 + 2 * len(size) or len(size) != len(stride) or len(size) > 2:
            raise pickle.UnpicklingError("a tensor of impossible size")
        return StoredTensor(*storage, numbers[0], tuple(numbers[1 : 1 + len(size)]), tuple(numbers[1 + len(size) :]))

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("a function with state")


class _Reader(pickle.Unpickler):
    """Lets every name mean one of the stand-ins above, or refuses it."""

    def find_class(self, module: str, name: str) -> object:
        """What a name of the pickle stands for here."""
        if module == "__torch__" or module.startswith("__torch__."):
            return _Node
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Rebuild()
        if (module, name) == ("collections", "OrderedDict"):
            return _Node
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"it names {module}.{name}"[:80])

    def persistent_load(self, pid: object) -> object:
        """The storage that a tensor's numbers lie in."""
        if type(pid) is tuple and len(pid) == 5 and pid[0] == "storage" and pid[1] in DTYPES.values():
            return _Storage(str(pid[2]), pid[1])
        raise pickle.UnpicklingError("a storage of unknown kind")


def _members(node: object) -> Mapping[str, object]:
    if not isinstance(node, _Node) or not isinstance(node.state, dict):
        return {}
    return {name: value for name, value in node.state.items() if type(name) is str}

"""What is kept stays as it was: read-only maps and arrays, so that undo can share them without copying."""

import hashlib
import struct
import weakref
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

T = TypeVar("T")

# The number types an array in a patch may have.
DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")

# What ``array_sha256`` gave for arrays that nobody can write to, by their identity, for as long as they are there.
_digests: dict[int, tuple["weakref.ref[Array]", str]] = {}


class FrozenMap(Mapping[str, T]):
    """A map that can't be changed; equal to any map with the same keys and the same values (see ``same``)."""

    __slots__ = ("_items",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, items: Mapping[str, T] | None = None) -> None:
        self._items: dict[str, T] = dict(items or {})

    def __getitem__(self, key: str) -> T:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    # As Mapping has them, but for speed: an edit looks through all the nodes of a patch several times.

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._items.keys()

    def values(self) -> ValuesView[T]:
        """What they stand for."""
        return self._items.values()

    def items(self) -> ItemsView[str, T]:
        """Both, in pairs."""
        return self._items.items()

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return same(self, other) if isinstance(other, Mapping) else NotImplemented

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def put(self, key: str, value: T) -> "FrozenMap[T]":
        """A map with one entry set; the others are shared."""
        return FrozenMap({**self._items, key: value})

    def without(self, key: str) -> "FrozenMap[T]":
        """A map with one entry taken away, or this map when it has no such entry."""
        return FrozenMap({k: v for k, v in self._items.items() if k != key}) if key in self._items else self


class Content(FrozenMap[Array]):
    """A node's arrays, each as ``kept_array`` makes it: looked at once, when it is made, and never again."""

    __slots__ = ()


def frozen(items: Mapping[str, T]) -> FrozenMap[T]:
    """The map as one that can't be changed: itself when it is one already."""
    return items if isinstance(items, FrozenMap) else FrozenMap(items)


def frozen_content(content: Mapping[str, Any]) -> FrozenMap[Array]:
    """Arrays by name, each as ``kept_array`` makes it; the same object when nothing had to be done."""
    return content if isinstance(content, Content) else Content({key: kept_array(one) for key, one in content.items()})


def kept_array(array: Any) -> Array:
    """A read-only, C-contiguous, little-endian array: the same object when it is so already, else a copy.

    Raises ValueError, in one sentence, for anything but rectangular arrays of ``DTYPES``.
    """
    try:
        given = np.asarray(array)
    except (ValueError, TypeError, OverflowError):
        raise ValueError("not a rectangular array of numbers; give rows of equal length") from None
    kind = given.dtype.newbyteorder("<")
    if kind.name not in DTYPES:
        raise ValueError(f"an array of {given.dtype} can't be kept; convert it to one of {', '.join(DTYPES)}")
    if given.dtype == kind and given.flags.c_contiguous and _is_settled(given):
        return given
    made = np.array(given, dtype=kind, order="C", copy=True)
    made.setflags(write=False)
    return made


def same(one: Any, other: Any) -> bool:
    """Whether two values would be saved as the same bytes: 1, 1.0 and True are three things, so are 0.0 and -0.0.

    Arrays compare by number type, shape and bits, so NaN equals itself. Shared parts cost nothing.
    """
    if one is other:
        return True
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and _same_array(one, other)
    if isinstance(one, Mapping):
        return (
            isinstance(other, Mapping)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list | tuple):
        return (
            isinstance(other, list | tuple)
            and len(one) == len(other)
            and all(same(a, b) for a, b in zip(one, other, strict=True))
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack("<d", one) == struct.pack("<d", other)
    return bool(one == other)


def array_sha256(array: Array) -> str:
    """The sha256 (hex) of an array's number type, shape and bytes, by which two arrays are the same."""
    known = _digests.get(id(array))
    if known is not None and known[0]() is array and not array.flags.writeable:
        return known[1]
    kept = kept_array(array)
    sum_ = hashlib.sha256(f"{kept.dtype.name}{list(kept.shape)}".encode())
    sum_.update(kept.reshape(-1).view(np.uint8).data)
    found, key = sum_.hexdigest(), id(kept)
    if kept is array:
        _digests[key] = weakref.ref(kept, lambda _: _digests.pop(key, None)), found
    return found


def _same_array(one: Array, other: Array) -> bool:
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return np.array_equal(_bits(one), _bits(other))


def _bits(array: Array) -> Array:
    return np.ascontiguousarray(array).reshape(-1).view(f"u{array.dtype.itemsize}")


def _is_settled(array: Array) -> bool:
    """Whether nobody can write into the array's memory, and all of that memory is the array's."""
    base: Any = array
    while isinstance(base, np.ndarray):
        if type(base) is not np.ndarray or base.flags.writeable or base.nbytes != array.nbytes:
            return False
        base = base.base
    return base is None or (isinstance(base, bytes) and len(base) == array.nbytes)

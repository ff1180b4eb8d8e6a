"""Taking a terrain in or out: nn.terrain~'s own ``.pt`` files, and a light ``.npz`` of the same arrays.

Reading never runs anything a file contains: of a ``.pt``, which is a zip with a pickle inside, only plain numbers,
names and tables are taken, and every size is checked before memory is. Format: spec §5.
"""

import math
import os
import pickle
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...graphs.archives import read_npz as read_npz_arrays
from ...graphs.file_read import ReadError, open_regular
from ...graphs.file_write import reason
from .network import (
    DEFAULT_FEATURES,
    FloatArray,
    TerrainError,
    TerrainShape,
    Weights,
    array_sizes,
    validate_weights,
)
from .save import save_whole
from .tensor_index import LARGEST_INDEX, StoredTensor, read_index

if TYPE_CHECKING:
    from torch import Tensor, nn

LARGEST_FILE = 96 * 2**20
MOST_ENTRIES = 1000
DIMENSIONS = ("m_in_dim", "m_out_dim", "m_cmax", "m_mapping_size")


def read_pt(path: str | os.PathLike[str]) -> dict[str, FloatArray]:
    """The weights in a checkpoint of nn.terrain~ or of ``write_pt``, without running anything in it.

    Raises TerrainError when the file is missing, too large, damaged or something else.
    """
    with _opened(path) as archive:
        entries = _entries(archive, path)
        index = [name for name in entries if name == "data.pkl" or name.endswith("/data.pkl")]
        if len(index) != 1:
            raise TerrainError(f"{_name(path)} is a zip file without a terrain; give a .pt saved by nn.terrain~")
        folder = index[0].removesuffix("data.pkl")
        tensors = _index(_bytes(archive, entries[index[0]], LARGEST_INDEX, path), path)
        if (order := entries.get(f"{folder}byteorder")) and _bytes(archive, order, 16, path) != b"little":
            raise TerrainError(f"{_name(path)} stores numbers in an order this program does not read")
        arrays = {}
        for name in sorted(set(tensors) & _NAMES):
            entry = entries.get(f"{folder}data/{tensors[name].key}")
            if entry is None:
                raise TerrainError(f"{_name(path)} lost the numbers of {name}; copy the file again")
            arrays[name] = _array(tensors[name], _bytes(archive, entry, LARGEST_FILE, path), name, path)
    return _checked(arrays, path)


def write_pt(weights: Weights, path: str | os.PathLike[str]) -> Path:
    """Save weights as a checkpoint that nn.terrain~ loads; gives the path, which ends in ``.pt``.

    Needs torch. An existing file is replaced only when the new one is complete. Raises TerrainError.
    """
    import torch

    shape = validate_weights(weights)
    module = torch.jit.script(_module(weights, shape))
    return save_whole(path, ".pt", lambda file: torch.jit.save(module, file))


def read_npz(path: str | os.PathLike[str]) -> dict[str, FloatArray]:
    """The weights in a file of ``write_npz``. Raises TerrainError as ``read_pt`` does."""
    try:
        arrays = read_npz_arrays(Path(path), _name(path), most=LARGEST_FILE, only=_ONLY)
    except ReadError as error:
        raise TerrainError(f"{error}; give a .pt saved by nn.terrain~ or a .npz") from None
    return _checked(arrays, path)


def write_npz(weights: Weights, path: str | os.PathLike[str]) -> Path:
    """Save weights as a light ``.npz``, the same bytes for the same weights; gives the path.

    Raises TerrainError. An existing file is replaced only when the new one is complete.
    """
    names = array_sizes(validate_weights(weights))
    arrays: dict[str, FloatArray] = {name: weights[name] for name in names if name in weights}

    def save(whole: IO[bytes]) -> None:
        with zipfile.ZipFile(whole, "w") as archive:
            for name, array in arrays.items():
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)

    return save_whole(path, ".npz", save)


def read(path: str | os.PathLike[str]) -> dict[str, FloatArray]:
    """The weights in a ``.pt`` or ``.npz`` file, by its name. Raises TerrainError."""
    return read_npz(path) if Path(path).suffix.lower() == ".npz" else read_pt(path)


_LAYER_NAMES = ("fc_in_gau", "fc_in_linear", "fc2", "fc3", "fc4", "fc_out")
_NAMES = {
    *(f"{layer}.{part}" for layer in _LAYER_NAMES for part in ("weight", "bias")),
    *(f"prelu{number}.weight" for number in range(1, 5)),
    *("B_T", "two_pi", "m_gauss_scale"),
    *DIMENSIONS,
}
_ONLY = frozenset(_NAMES)


def _index(data: bytes, path: str | os.PathLike[str]) -> dict[str, StoredTensor]:
    try:
        return read_index(data)
    except pickle.UnpicklingError as error:
        raise TerrainError(
            f"{_name(path)} is not a terrain checkpoint or is damaged ({error}); nothing in it was run, "
            "give a .pt saved by nn.terrain~"
        ) from None


def _array(tensor: StoredTensor, data: bytes, name: str, path: str | os.PathLike[str]) -> NDArray[np.generic]:
    item = np.dtype(tensor.dtype).itemsize
    last = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.size, tensor.stride, strict=True))
    count = math.prod(tensor.size)
    if not count or (last + 1) * item > len(data) or count * item > len(data):
        raise TerrainError(f"{name} in {_name(path)} does not fit the numbers stored for it; the file is damaged")
    numbers = np.frombuffer(data[: len(data) // item * item], tensor.dtype)[tensor.offset :]
    strides = [step * item for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(numbers, tensor.size, strides).copy()


def _checked(arrays: Mapping[str, NDArray[np.generic]], path: str | os.PathLike[str]) -> dict[str, FloatArray]:
    dimensions = {name: array for name, array in arrays.items() if name in DIMENSIONS}
    with np.errstate(over="ignore"):
        weights = {
            name: np.ascontiguousarray(array, np.float32) if array.ndim else np.array(array, np.float32)
            for name, array in arrays.items()
            if name not in DIMENSIONS
        }
    if "B_T" not in weights:
        for name in ("two_pi", "m_gauss_scale"):
            weights.pop(name, None)
    try:
        shape = validate_weights(weights)
    except TerrainError as error:
        raise TerrainError(f"{_name(path)} cannot be used: {error}") from None
    given = (shape.control_dim, shape.latent_dim, shape.width, shape.features)
    for name, number in zip(DIMENSIONS, given, strict=True):
        warnings = dimensions.get(name)
        skipped = name == "m_mapping_size" and not shape.gauss
        if warnings is not None and not skipped and (warnings.size != 1 or warnings.reshape(-1)[0] != number):
            raise TerrainError(f"{_name(path)} says {name} is {warnings.tolist()} but its layers have {number}")
    return weights


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[zipfile.ZipFile]:
    try:
        file = open_regular(Path(path), LARGEST_FILE)
    except OSError as error:
        raise TerrainError(f"{_name(path)} cannot be read: {reason(error)}; check the path") from None
    except ReadError as error:
        raise TerrainError(f"{_name(path)} cannot be read: {error}") from None
    except ValueError:
        raise TerrainError(
            f"{_name(path)!r} is not a terrain file; give a .pt saved by nn.terrain~ or a .npz"
        ) from None
    with file:
        try:
            archive = zipfile.ZipFile(file)
        except Exception:  # zipfile raises half a dozen kinds on damaged archives
            raise TerrainError(
                f"{_name(path)} is not a terrain file, or is cut short; give a .pt saved by nn.terrain~ or a .npz"
            ) from None
        with archive:
            yield archive


def _entries(archive: zipfile.ZipFile, path: str | os.PathLike[str]) -> dict[str, zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_FILE:
        raise TerrainError(f"{_name(path)} holds far more than a terrain; give a .pt saved by nn.terrain~ or a .npz")
    return {entry.filename: entry for entry in entries}


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, path: str | os.PathLike[str]) -> bytes:
    if entry.file_size > most:
        raise TerrainError(f"{entry.filename} in {_name(path)} is far too large for a terrain; the file is not one")
    try:
        with archive.open(entry) as file:
            data = file.read(most + 1)
    except Exception:
        raise TerrainError(f"{entry.filename} in {_name(path)} is damaged; copy the file again") from None
    if len(data) != entry.file_size:
        raise TerrainError(f"{entry.filename} in {_name(path)} is damaged; copy the file again")
    return data


def _module(weights: Weights, shape: TerrainShape) -> "nn.Module":
    import torch
    from torch import nn

    def tensor(name: str) -> "Tensor":
        return torch.from_numpy(np.array(weights[name]))

    root = nn.Module()
    root.register_buffer("two_pi", torch.tensor(2 * math.pi, dtype=torch.float32))
    if shape.gauss:
        columns = torch.from_numpy(np.array(weights["B_T"].T, order="C"))
        root.register_buffer("B_T", columns.T)
    for name in array_sizes(shape):
        layer, _, part = name.partition(".")
        if not part:
            continue
        if not hasattr(root, layer):
            root.add_module(layer, nn.Module())
        getattr(root, layer).register_parameter(part, nn.Parameter(tensor(name)))
    features = shape.features if shape.gauss else DEFAULT_FEATURES
    scalars = dict(zip(DIMENSIONS, (shape.control_dim, shape.latent_dim, shape.width, features), strict=True))
    for name, number in scalars.items():
        root.register_parameter(name, nn.Parameter(torch.tensor(number), requires_grad=False))
    scale = weights.get("m_gauss_scale", np.array(shape.gauss, np.float32))
    root.register_parameter("m_gauss_scale", nn.Parameter(torch.tensor(float(scale)), requires_grad=False))
    return root


def _name(path: str | os.PathLike[str]) -> str:
    return Path(path).name

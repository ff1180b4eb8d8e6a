"""Patch files as bytes: the same patch gives the same bytes, and bytes that are no patch are told in one sentence.

A ``.ltp`` file is one msgpack map: format, version, app, seed, view, nodes, cords, assets, and blobs, where every array
stands once under its sha256 with its number type and shape. Keys are sorted. Unknown keys, and nodes of unknown types,
are kept. Nothing in a file is ever executed.

Bounds: files up to 2 GiB, a million values outside of arrays (``scan.MAX_VALUES``), 64 levels, 10,000 nodes. Reading
takes at most three times the file's size plus 300 MB of memory, whatever lengths the file claims, and time in
proportion to the size.
"""

from typing import Any

import msgpack

from .frozen import Array
from .migrations import VERSION, migrated, version_of
from .parts import asset_out, blob_in, blob_out, map_in, node_out, patch_in, refuse_hidden, short, sorted_values
from .patch import Patch
from .scan import look_through

FORMAT = "latent-terrain"
APP = "latent-terrain 0.1"
MAX_BYTES = 2**31

FOREIGN = (
    (b"RIFF", "a WAV sound"),
    (b"RF64", "a WAV sound"),
    (b"fLaC", "a FLAC sound"),
    (b"OggS", "an OGG sound"),
    (b"FORM", "an AIFF sound"),
    (b"ID3", "an MP3 sound"),
    (b"\x89PNG", "a PNG picture"),
    (b"PK\x03\x04", "a zip archive (perhaps a model)"),
    (b"%PDF", "a PDF"),
)


class PatchFileError(ValueError):
    """A patch file can't be read or written; the text says what is wrong with it and what to do."""


def dump(patch: Patch) -> bytes:
    """A patch as canonical bytes, which ``load`` makes the same patch of.

    Raises PatchFileError for a patch that would not come back: beyond the bounds of a file, or with names, numbers or
    cords that no edit makes.
    """
    arrays: dict[str, Array] = {}
    nodes = {name: node_out(node, arrays) for name, node in patch.nodes.items()}
    size = sum(array.nbytes for array in arrays.values())
    if size + sum(len(asset.embedded or b"") for asset in patch.assets.values()) > MAX_BYTES:
        raise PatchFileError("the patch is larger than 2 GiB; keep long recordings as sound files")
    whole = {
        **patch.extra,
        "format": FORMAT,
        "version": version_of(patch.nodes),
        "app": APP,
        "seed": patch.seed,
        "view": patch.view,
        "nodes": nodes,
        "cords": [
            {**cord.extra, "source": cord.source, "target": cord.target}
            for cord in sorted(patch.cords, key=lambda cord: (cord.source, cord.target))
        ],
        "assets": {name: asset_out(asset) for name, asset in patch.assets.items()},
        "blobs": {key: blob_out(array) for key, array in arrays.items()},
    }
    try:
        refuse_hidden(patch)
        raw = sorted_values(whole)
        patch_in(raw, arrays)
        data = bytes(msgpack.packb(raw, use_bin_type=True) or b"")
        look_through(data)
    except UnicodeEncodeError:
        raise _unsaved("a text has characters that no file can hold") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise _unsaved(str(error)) from None
    except MemoryError:
        raise PatchFileError("the patch needs more memory than is free; close other programs and save again") from None
    if len(data) > MAX_BYTES:
        raise PatchFileError("the patch is larger than 2 GiB; keep long recordings as sound files")
    return data


def load(data: bytes) -> Patch:
    """A patch from bytes. Raises PatchFileError, and nothing else, for bytes that are no patch."""
    if len(data) > MAX_BYTES:
        raise PatchFileError("this file is larger than 2 GiB, which no patch is; is it the right one?")
    if not data:
        raise PatchFileError("this file is empty; take its previous version or an autosave")
    _refuse_foreign(data)
    try:
        look_through(data)
        raw = _migrated(
            msgpack.unpackb(data, raw=False, strict_map_key=False, max_ext_len=0, object_pairs_hook=_unique)
        )
        return patch_in(raw, {key: blob_in(blob, key) for key, blob in map_in(raw, "blobs").items()})
    except PatchFileError:
        raise
    except UnicodeDecodeError:
        raise _damaged("a text in it can't be read") from None
    except (ValueError, TypeError, OverflowError, msgpack.exceptions.UnpackException) as error:
        raise _damaged(str(error)) from None
    except MemoryError:
        raise PatchFileError("this patch needs more memory than is free; close other programs") from None


def _refuse_foreign(data: bytes) -> None:
    for magic, what in FOREIGN:
        if data.startswith(magic):
            raise PatchFileError(f"this is {what}, not a patch; open a .ltp file")
    head = data[:64].lstrip()
    if head[:1] in (b"{", b"[") and head[1:2] in (b'"', b"\n", b"\r", b" ", b"}", b"]", b"{"):
        raise PatchFileError("this is JSON text, not a patch; open a .ltp file")
    if all(0x20 <= byte < 0x7F or byte in b"\t\n\r" for byte in data[:256]):
        raise PatchFileError("this is plain text, not a patch; open a .ltp file")
    if not (0x80 <= data[0] <= 0x8F or data[0] in (0xDE, 0xDF)):
        raise PatchFileError("this file is not a patch (unknown header); open a .ltp file")


def _unique(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise ValueError("a key is not text")
        if key in found:
            raise ValueError(f"the key {short(key)} occurs twice")
        found[key] = value
    return found


def _migrated(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise PatchFileError("this file is not a patch (it is not marked as one); open a .ltp file")
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise ValueError("its version is not a number")
    if version > VERSION:
        app = raw.get("app")
        writer = app if isinstance(app, str) and 0 < len(app) <= 60 and app.isprintable() else "unknown"
        raise PatchFileError(
            f"this patch was written by a newer program ({writer}, file version {version}; this one reads up to "
            f"{VERSION}); update latent-terrain"
        )
    return migrated(raw, version)


def _damaged(why: str) -> PatchFileError:
    return PatchFileError(f"this patch file is damaged: {why}; take its previous version or an autosave")


def _unsaved(why: str) -> PatchFileError:
    return PatchFileError(f"the patch can't be saved: {why}; undo the edit that put it there and save again")

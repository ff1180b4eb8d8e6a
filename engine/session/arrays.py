"""The arrays of a document by what is in them, so that edits name them; and for a while those that it no longer has."""

from collections.abc import Mapping

from ...graphs import Patch
from ...graphs.frozen import Array, array_sha256

MOST_SPARE_BYTES = 8 << 20
# Arrays that no edit names any more are kept so far, as an undo brings them back.
MOST_SPARE = 256


class ArrayStore:
    """known: arrays by sha256."""

    def __init__(self) -> None:
        self.known: dict[str, Array] = {}

    def keep(self, patch: Patch, arrays: Mapping[str, Array]) -> list[str]:
        """Keep what an edit brought to a patch, and of what it has no more the latest; gives what is forgotten."""
        self.known = {**{key: one for key, one in self.known.items() if key not in arrays}, **arrays}
        in_use = self.of(patch)
        spare = [key for key in self.known if key not in in_use]
        too_much = sum(self.known[key].nbytes for key in spare) - MOST_SPARE_BYTES
        forgotten: list[str] = []
        for key in spare:
            if too_much <= 0 and len(spare) - len(forgotten) <= MOST_SPARE:
                break
            too_much -= self.known.pop(key).nbytes
            forgotten.append(key)
        return forgotten

    def of(self, patch: Patch) -> set[str]:
        """Those that a patch has."""
        used = {id(array) for node in patch.nodes.values() for array in node.content.values()}
        return {key for key, array in self.known.items() if id(array) in used}


def named(contents: Mapping[str, Mapping[str, Array]]) -> tuple[dict[str, dict[str, str]], dict[str, Array]]:
    """Contents of nodes with each array named by its sha256, and the arrays by that."""
    found: dict[str, dict[str, str]] = {}
    arrays: dict[str, Array] = {}
    for node, content in contents.items():
        found[node] = {name: array_sha256(array) for name, array in content.items()}
        arrays |= {found[node][name]: array for name, array in content.items()}
    return found, arrays

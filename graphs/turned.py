"""Params that hands are turning: a patch is made of them when somebody looks at it, not with every turn."""

from typing import Any

from .checks import checked_key, checked_value
from .edits import set_value, the_node
from .patch import Patch


class TurnedPatch:
    """A patch, and what has been turned of it since. Not for two threads at once."""

    def __init__(self, patch: Patch) -> None:
        self._patch = patch
        self._turned: dict[tuple[str, str], Any] = {}

    @property
    def patch(self) -> Patch:
        """The patch with all that has been turned until now; the same object until more is."""
        turned, self._turned = self._turned, {}
        for (node, param), value in turned.items():
            self._patch = set_value(self._patch, node, param, value)
        return self._patch

    @patch.setter
    def patch(self, patch: Patch) -> None:
        self._patch, self._turned = patch, {}

    def __contains__(self, node: str) -> bool:
        return node in self._patch.nodes

    def put(self, node: str, param: str, value: Any) -> bool:
        """Turn a param; gives whether it has another value now. Raises EditError as ``set_value`` does."""
        values = the_node(self._patch, node).values
        place, value = (node, checked_key(node, param)), checked_value(f"{node}.{param}", value)
        before = self._turned.get(place, values.get(param))
        if type(before) is type(value) and before == value:
            return False
        self._turned[place] = value
        return True

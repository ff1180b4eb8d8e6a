"""What one can do: every action with its name, its keys and its place in the menus."""

from collections.abc import Mapping
from types import MappingProxyType

from .define import DEFINING
from .edit import EDITING
from .files import FILES
from .map import MAPPING
from .registry import Action, perform
from .view import PLAYING

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {one.name: one for one in (*FILES, *EDITING, *DEFINING, *PLAYING, *MAPPING)}
)
# In their order; what stands in a menu of one of them is ``Map/Tools``.
MENUS = ("File", "Edit", "Add", "Arrange", "Map", "View", "Sound", "Control", "Learn", "Help")

__all__ = ["ACTIONS", "MENUS", "Action", "perform"]

"""The patch document: what is saved."""

from .edits import EditError, add_node, connect, disconnect, remove_node, set_content, set_muted, set_seed, set_value
from .patch import Cord, Node, Patch

__all__ = ["Cord", "EditError", "Node", "Patch", "add_node", "connect", "disconnect", "remove_node", "set_content", "set_muted", "set_seed", "set_value"]

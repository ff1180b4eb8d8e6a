"""The patch document: what is saved."""

from .checks import EditError
from .compare import Change, diff, diff_text
from .edits import (
    add_asset,
    add_node,
    connect,
    disconnect,
    move_node,
    remove_asset,
    remove_node,
    rename_node,
    set_bypassed,
    set_content,
    set_muted,
    set_seed,
    set_title,
    set_value,
    set_view,
    unset_value,
)
from .files import autosave, load_file, recoverable, save
from .fragments import copy_out, merge, paste
from .frozen import array_sha256
from .history import History
from .patch import Array, Asset, Cord, Node, Patch, Point, Value
from .storage import PatchFileError, dump, load
from .text import as_json, show
from .three_way_merge import Conflict, Merged, merge_edits

__all__ = [
    "Array",
    "Asset",
    "Change",
    "Conflict",
    "Cord",
    "EditError",
    "History",
    "Merged",
    "Node",
    "Patch",
    "PatchFileError",
    "Point",
    "Value",
    "add_asset",
    "add_node",
    "array_sha256",
    "as_json",
    "autosave",
    "connect",
    "copy_out",
    "diff",
    "diff_text",
    "disconnect",
    "dump",
    "load",
    "load_file",
    "merge",
    "merge_edits",
    "move_node",
    "paste",
    "recoverable",
    "remove_asset",
    "remove_node",
    "rename_node",
    "save",
    "set_bypassed",
    "set_content",
    "set_muted",
    "set_seed",
    "set_title",
    "set_value",
    "set_view",
    "show",
    "unset_value",
]

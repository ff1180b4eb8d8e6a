"""Nodes on the clipboard, as text that another window, or a letter to a friend, can take."""

import base64
from collections.abc import Collection

from ....graphs import Patch, PatchFileError, Point, copy_out, dump, load
from ....graphs.scopes import scope_of, short_name
from ..document.desk import GRID, Desk
from ..document.scoped_edits import pasted

CLIP = "latent-terrain nodes: "


def copy_text(desk: Desk, names: Collection[str]) -> str:
    """Nodes as text for the clipboard."""
    data = base64.b64encode(dump(copy_out(desk.patch, names))).decode()
    return f"{CLIP}{', '.join(sorted(map(short_name, names)))}\n{data}\n"


def paste_text(desk: Desk, text: str, at: Point | None = None) -> bool:
    """Put copied nodes into the patch, at a point or a little beside where they were."""
    head, _, data = text.strip().partition("\n")
    if not head.startswith(CLIP.strip()):
        desk.say("no nodes on the clipboard; copy some first", "warning")
        return False
    try:
        fragment = load(base64.b64decode("".join(data.split()), validate=True))
    except (ValueError, PatchFileError) as error:
        desk.say(f"the clipboard is damaged ({error}); copy the nodes again", "warning")
        return False
    return _put(desk, fragment, at)


def _put(desk: Desk, fragment: Patch, at: Point | None) -> bool:
    own = [node for name, node in fragment.nodes.items() if not scope_of(name)]
    if not own:
        return False
    corner = [min(node.position[axis] for node in own) for axis in (0, 1)]
    offset = (3 * GRID, 3 * GRID) if at is None else (at[0] - corner[0], at[1] - corner[1])
    names: dict[str, str] = {}

    def change(patch: Patch) -> Patch:
        after, made = pasted(patch, fragment, offset, desk.scopes.scope)
        names.update(made)
        return after

    done = desk.edit(change, f"paste {len(own)} nodes")
    if done:
        desk.select(names.values())
    return done

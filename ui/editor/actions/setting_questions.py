"""Settings that are not typed: sounds have a page of their own, and the codec is one for the whole patch."""

from functools import partial

from ...one_codec import SETTING as CODEC
from ...one_codec import followers
from ...patcher.window_requests import ChooseFile, Show
from ...sound_list import SETTING as SOUNDS
from ...sound_list import listed
from ..document.desk import Desk
from ..document.patch_codec import SUFFIXES, choose_codec
from ..window.setting_values import put_file
from .files import void
from .sounds import add_sounds


def asks_elsewhere(desk: Desk, node: str, name: str) -> bool:
    """Ask for a setting's value where it belongs; False for one that is typed, or chosen as a file."""
    if node not in desk.patch.nodes:
        return False
    if name == SOUNDS and node in desk.palette.names(desk.patch, "encoder"):
        if listed(desk.patch, node):
            desk.select([node])
            desk.ask(Show("sounds"))
        else:
            add_sounds(desk, node)
        return True
    if name == CODEC and node in followers(desk.patch, desk.palette):
        take = partial(put_file, desk, node, name)
        alone = ChooseFile(f"Codec of {node}", SUFFIXES, False, lambda path: void(take(path)))
        choose_codec(desk, ((f"Only for {node} …", partial(desk.ask, alone)),))
        return True
    return False

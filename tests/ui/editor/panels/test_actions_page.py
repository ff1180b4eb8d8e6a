"""Every action is found by its name, and each is in a menu."""

from latent_terrain.graphs import Patch
from latent_terrain.ui.editor.actions import ACTIONS, MENUS
from latent_terrain.ui.editor.panels.actions_page import can_be_done

from ...patcher.benches import chain, desk_of


def test_every_action_that_is_possible_is_found_by_its_label() -> None:
    desk = desk_of(chain())
    desk.select(["gain"])
    for name, action in ACTIONS.items():
        found = [one.action for one in can_be_done(desk, action.label)]
        assert (name in found) == (action.is_enabled(desk) and name != "help.actions")
        assert action.top in MENUS


def test_what_begins_so_comes_first_and_what_cannot_be_done_is_left_out() -> None:
    desk = desk_of(Patch())
    assert can_be_done(desk, "save")[0].label == "Save"
    assert not [one for one in can_be_done(desk, "mute") if one.action == "edit.mute"]


def test_a_menu_has_no_more_than_nineteen_lines() -> None:
    for menu in MENUS:
        lines = {action.menu if "/" in action.menu else name for name, action in ACTIONS.items() if action.top == menu}
        assert len(lines) <= 19, menu

"""The menu of what is under the hand on the map."""

from functools import partial
from typing import Any

from ....engine.typed import number as typed_number
from ...map import operations
from ...map.hand import MapHand, Wanted
from ...map.hits import Hit, OnBody, OnJoint, OnPad
from ...map.sheet import Sheet, as_place
from ...patcher.window_requests import TypeText
from ..actions import ACTIONS, perform
from ..document.desk import Desk

LINE_ACTIONS = ("delete", "reverse", "mirror_x", "mirror_y", "smooth", "straighten", "to_play")
GROUND_ACTIONS = ("layer", "all", "fit", "find", "find_pasted", "find_recorded", "export", "lay_out", "wipe", "clear")
MOST = 40


def open_menu(desk: Desk, hand: MapHand, hit: Hit, at: tuple[float, float]) -> int:
    """Open it at a pixel of the window; gives the popup."""
    import dearpygui.dearpygui as dpg

    sheet = hand.sheet
    window: int = dpg.add_window(
        popup=True, no_title_bar=True, no_move=True, autosize=True, pos=[round(at[0]), round(at[1])], min_size=(10, 10)
    )

    def entry(label: str, act: Any, parent: int = window, is_on: bool = True) -> None:
        dpg.add_menu_item(
            label=label, parent=parent, enabled=is_on, user_data=act, callback=lambda sender, data, act: act()
        )

    match hit:
        case OnJoint(number) | OnBody(number):
            entry("Listen\tdouble-click", lambda: hand.wanted.append(Wanted("listen", hit)))
            entry("A/B: original, then terrain", lambda: hand.wanted.append(Wanted("compare", hit)))
            entry("Play this line", partial(operations.play_line, sheet, number))
            for name in LINE_ACTIONS:
                action = ACTIONS[f"map.{name}"]
                entry(f"{action.label}\t{action.keys[0]}", partial(perform, desk, action))
            if sheet.layer == "learn":
                weight = sheet.drawing.weights.get(number, 1.0)
                entry(f"Weight {weight:g} …", partial(_ask_weight, desk, sheet, number, weight))
                others = [(index, sound.name) for index, sound in enumerate(sheet.sounds) if index != number]
                if others:
                    menu: int = dpg.add_menu(label="Reassign to sound", parent=window)
                    for index, label in others[:MOST]:
                        entry(label, partial(operations.reassign, sheet, number, index), menu)
        case OnPad(pad):
            entry(f"Go to pad {pad}\t{pad}", partial(operations.go_to_pad, sheet, pad))
            entry(f"Delete pad {pad}", partial(operations.drop_pad, sheet, pad))
        case _:
            here = as_place(sheet.view.to_values(hand.last_place))
            entry("Place a pad here", partial(operations.keep_place, sheet, here))
            for name in GROUND_ACTIONS:
                action = ACTIONS[f"map.{name}"]
                entry(f"{action.label}\t{action.keys[0]}", partial(perform, desk, action))
    return window


def _ask_weight(desk: Desk, sheet: Sheet, number: int, weight: float) -> None:
    def typed(text: str) -> None:
        try:
            operations.weigh(sheet, number, typed_number(text))
        except ValueError as error:
            desk.say(str(error), "warning")

    desk.ask(TypeText(f"How much {sheet.name_of(number)} counts in training, 0 to 100", f"{weight:g}", typed))

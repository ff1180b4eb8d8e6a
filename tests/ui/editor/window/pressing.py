"""Finding what is to be pressed in a window, and pressing it, as a person does."""

from .conftest import Person


def middle(person: Person, label: str, share: float = 0.5) -> tuple[int, int]:
    """Where a widget with a label is on the screen; share: from its left to its right."""
    import dearpygui.dearpygui as dpg

    for item in reversed(dpg.get_all_items()):
        shown = str(dpg.get_item_label(item) or "").partition("##")[0]
        if shown == label and dpg.get_item_state(item).get("visible"):
            (x, y), (wide, high) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
            return round(x + wide * share), round(y + high / 2)
    raise AssertionError(f"nothing is labelled {label!r}")


def press(person: Person, label: str) -> None:
    """Click a widget with a label."""
    person.do("mousemove", *middle(person, label))
    person.wait(2)
    person.do("click", 1)
    person.wait(4)


def press_row(person: Person, label: str) -> None:
    """Click an entry of an open menu, which has no separator above it; menus don't tell where their entries are."""
    import dearpygui.dearpygui as dpg

    for window in dpg.get_windows():
        labels = [dpg.get_item_label(one) for one in dpg.get_item_children(window, 1)]
        if label in labels and dpg.is_item_shown(window) and dpg.get_item_type(window).endswith("mvWindowAppItem"):
            x, y = dpg.get_item_pos(window)
            person.do("mousemove", round(x + 40), round(y + 18 + 21 * labels.index(label)))
            person.wait(2)
            person.do("click", 1)
            person.wait(4)
            return
    raise AssertionError(f"no menu has {label!r}")


def is_offered(label: str) -> bool:
    """Whether a menu with such an entry is open."""
    import dearpygui.dearpygui as dpg

    return any(
        dpg.is_item_shown(window) and label in (dpg.get_item_label(one) for one in dpg.get_item_children(window, 1))
        for window in dpg.get_windows()
    )


def shows(label: str) -> bool:
    """Whether a window of that title is seen."""
    import dearpygui.dearpygui as dpg

    return any(dpg.get_item_label(one) == label and dpg.is_item_shown(one) for one in dpg.get_windows())


def knob(person: Person, param: str) -> int:
    """The widget of a param in the inspector."""
    import dearpygui.dearpygui as dpg

    for item in dpg.get_all_items():
        data = dpg.get_item_user_data(item)
        if getattr(data, "name", None) == param and dpg.get_item_state(item).get("visible"):
            return int(item)
    raise AssertionError(f"{param} has no widget")


def has_knob(person: Person, param: str) -> bool:
    """Whether a param's widget is seen in the inspector."""
    try:
        return bool(knob(person, param))
    except AssertionError:
        return False


def place(item: int, share: float) -> tuple[int, int]:
    import dearpygui.dearpygui as dpg

    (x, y), (wide, high) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
    return round(x + wide * share), round(y + high / 2)


def box_with(hint: str) -> tuple[int, int]:
    import dearpygui.dearpygui as dpg

    for item in dpg.get_all_items():
        if dpg.get_item_configuration(item).get("hint") == hint and dpg.get_item_state(item).get("visible"):
            return place(item, 0.5)
    raise AssertionError(f"no box has the hint {hint!r}")


def search(person: Person, words: str, label: str) -> None:
    person.do("mousemove", *box_with("Search actions and keys…"))
    person.do("click", 1)
    person.wait(3)
    person.type(words)
    person.wait(4)
    press(person, label)

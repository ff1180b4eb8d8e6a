"""Landmarks: controls that the tour points at, by names that other panels give them."""


def landmark(item: int, name: str) -> None:
    """Give a control a name by which it is found."""
    import dearpygui.dearpygui as dpg

    dpg.add_alias(f"landmark {name}", item)


def box_of(name: str) -> tuple[float, float, float, float] | None:
    """Where a control is in the window: left, top, right, bottom in pixels; None while it is not to be seen."""
    import dearpygui.dearpygui as dpg

    alias = f"landmark {name}"
    if not dpg.does_alias_exist(alias):
        return None
    item = dpg.get_alias_id(alias)
    if not dpg.does_item_exist(item) or not dpg.get_item_state(item).get("visible"):
        return None
    (x, y), (wide, high) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
    return x, y, x + wide, y + high

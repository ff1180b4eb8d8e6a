"""What panels are made of: heads, quiet words, marks of what flows, tips; in the look and the size of the window."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...patcher.ports import SHAPES, Kind
from ...surface.look import THEMES, Look, mixed
from ...surface.shapes import Colour
from ..document.desk import Desk
from .themes import FILES, FONTS, SIZES

MARK = 12
CLEAR = (0, 0, 0, 0)


def look_of(desk: Desk) -> Look:
    """The present theme."""
    return THEMES[desk.settings.theme]


def px(desk: Desk, size: float) -> int:
    """A size as designed, in pixels of this window."""
    return round(size * desk.settings.ui_scale)


def font(desk: Desk, face: str) -> int | None:
    """A font for a face of the themes, made once a window; None where its file can't be read."""
    import dearpygui.dearpygui as dpg

    path, size = FONTS / FILES[face], px(desk, SIZES[face])
    tag = f"panel font {face} {size}"
    if not path.exists():
        return None
    if not dpg.does_item_exist(tag):
        with dpg.font_registry():
            dpg.add_font(str(path), size, tag=tag)
    made: int = dpg.get_alias_id(tag)
    return made


def head(desk: Desk, parent: int, text: str, face: str = "title") -> int:
    """A heading."""
    import dearpygui.dearpygui as dpg

    item: int = dpg.add_text(text, parent=parent, wrap=0)
    made = font(desk, face)
    if made is not None:
        dpg.bind_item_font(item, made)
    return item


def words(desk: Desk, parent: int, text: str, colour: Colour | None = None, wrap: int = 0) -> int:
    """A text that wraps at the edge; quiet unless a colour is given."""
    import dearpygui.dearpygui as dpg

    item: int = dpg.add_text(text, parent=parent, wrap=wrap, color=colour or look_of(desk).quiet)
    return item


def unframed(**more: Any) -> int:
    """A hidden window without a frame, as large as what is in it, that takes no keys when it comes."""
    import dearpygui.dearpygui as dpg

    window: int = dpg.add_window(
        show=False,
        no_title_bar=True,
        no_resize=True,
        no_move=True,
        no_saved_settings=True,
        no_focus_on_appearing=True,
        no_scrollbar=True,
        autosize=True,
        **more,
    )
    return window


def fields(desk: Desk, parent: int, label_width: int = 130) -> int:
    """A table of two columns: names on the left, what is set on the right. Rows are made with ``field``."""
    import dearpygui.dearpygui as dpg

    table: int = dpg.add_table(parent=parent, header_row=False, policy=dpg.mvTable_SizingStretchProp)
    dpg.add_table_column(parent=table, width_fixed=True, init_width_or_weight=px(desk, label_width))
    dpg.add_table_column(parent=table)
    return table


def field(table: int, label: str) -> int:
    """A row of such a table with its name; what is added to it stands beside."""
    import dearpygui.dearpygui as dpg

    row: int = dpg.add_table_row(parent=table)
    dpg.add_text(label, parent=row)
    return row


def small(desk: Desk, parent: int, text: str) -> int:
    """A small quiet heading above a part of a panel."""
    import dearpygui.dearpygui as dpg

    dpg.add_spacer(parent=parent, height=px(desk, 4))
    item = words(desk, parent, text.upper())
    made = font(desk, "small")
    if made is not None:
        dpg.bind_item_font(item, made)
    return item


def tip(desk: Desk, item: int, text: str) -> None:
    """Words that come when the pointer rests on an item."""
    import dearpygui.dearpygui as dpg

    if text:
        with dpg.tooltip(item, delay=0.5):
            dpg.add_text(text, wrap=px(desk, 320))


def button(parent: int, label: str, act: Callable[[], object], width: int = 0) -> int:
    """A button that does something."""
    import dearpygui.dearpygui as dpg

    item: int = dpg.add_button(
        label=label, parent=parent, width=width, user_data=act, callback=lambda sender, data, act: act()
    )
    return item


def mark(desk: Desk, parent: int, kind: Kind | None) -> int:
    """The shape and the colour of what flows, as large as a letter; None leaves the room empty."""
    import dearpygui.dearpygui as dpg

    side = px(desk, MARK)
    item: int = dpg.add_drawlist(side, px(desk, 18), parent=parent)
    if kind is not None:
        draw_mark(item, kind, (side / 2, px(desk, 18) / 2), side * 0.36, look_of(desk).kind(kind))
    return item


def draw_mark(parent: int, kind: Kind, at: tuple[float, float], radius: float, colour: Colour) -> None:
    """Draw a kind's mark around a point."""
    import dearpygui.dearpygui as dpg

    x, y = at
    how = {"color": CLEAR, "fill": colour, "parent": parent}
    match SHAPES[kind]:
        case "disc" | "ring":
            dpg.draw_circle(at, radius, **how)
        case "diamond":
            r = radius * 1.25
            dpg.draw_quad((x, y - r), (x + r, y), (x, y + r), (x - r, y), **how)
        case "square":
            dpg.draw_rectangle((x - radius, y - radius), (x + radius, y + radius), **how)
        case "triangle":
            r = radius * 1.2
            dpg.draw_triangle((x - r * 0.8, y - r), (x - r * 0.8, y + r), (x + r, y), **how)


def styled(tag: str, make: Callable[[], None], component: int | None = None) -> int:
    """A theme of a few items, made once a window under a name. make: adds its colours and styles."""
    import dearpygui.dearpygui as dpg

    if not dpg.does_item_exist(tag):
        with dpg.theme(tag=tag), dpg.theme_component(dpg.mvAll if component is None else component):
            make()
    made: int = dpg.get_alias_id(tag)
    return made


def tight(desk: Desk) -> int:
    """The theme of sliders whose knob hides no number, and of rows close together."""
    import dearpygui.dearpygui as dpg

    def make() -> None:
        dpg.add_theme_style(dpg.mvStyleVar_GrabMinSize, px(desk, 4))
        dpg.add_theme_style(dpg.mvStyleVar_GrabRounding, px(desk, 2))
        dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, px(desk, 6), px(desk, 4))

    return styled(f"panel tight {desk.settings.ui_scale}", make)


def flat(desk: Desk) -> int:
    """The theme of lists whose texts stand in one line with what is chosen."""
    import dearpygui.dearpygui as dpg

    def make() -> None:
        dpg.add_theme_style(dpg.mvStyleVar_FramePadding, px(desk, 6), 0)
        dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, px(desk, 6), px(desk, 5))
        dpg.add_theme_style(dpg.mvStyleVar_CellPadding, px(desk, 4), px(desk, 3))

    return styled(f"panel flat {desk.settings.ui_scale}", make)


def bare(desk: Desk) -> int:
    """The theme of pictures that are buttons: no frame."""
    import dearpygui.dearpygui as dpg

    return styled("panel bare", partial(dpg.add_theme_style, dpg.mvStyleVar_FramePadding, 0, 0))


def folded(desk: Desk) -> int:
    """The theme of a header that is there to be opened: as quiet as the panel, not as bright as what is selected."""
    import dearpygui.dearpygui as dpg

    def make() -> None:
        dpg.add_theme_color(dpg.mvThemeCol_Header, look_of(desk).title)
        dpg.add_theme_color(dpg.mvThemeCol_Text, look_of(desk).quiet)

    return styled(f"panel folded {desk.settings.theme}", make)


def loud(desk: Desk) -> int:
    """The theme of the one button that Enter presses."""
    import dearpygui.dearpygui as dpg

    look = look_of(desk)
    return styled(f"panel loud {look.name}", partial(dpg.add_theme_color, dpg.mvThemeCol_Button, look.fill))


def lit(desk: Desk) -> int:
    """The theme of a button that shows that something is on."""
    import dearpygui.dearpygui as dpg

    look = look_of(desk)

    def make() -> None:
        dpg.add_theme_color(dpg.mvThemeCol_Button, mixed(look.title, look.good, 0.75))
        dpg.add_theme_color(dpg.mvThemeCol_ButtonHovered, look.good)
        dpg.add_theme_color(dpg.mvThemeCol_Text, look.ground if look.name == "dark" else look.card)

    return styled(f"panel lit {look.name}", make)

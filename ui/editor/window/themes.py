"""Fonts and colours for the window's own widgets, from the look of the canvas."""

from pathlib import Path

from ...surface.look import Look, mixed

FONTS = Path(__file__).parent / "fonts"
SIZES = {"text": 15, "title": 15, "small": 13, "head": 22}
FILES = {
    "text": "Inter-Regular.otf",
    "title": "Inter-SemiBold.otf",
    "small": "Inter-Regular.otf",
    "head": "Inter-SemiBold.otf",
}


def make_fonts(scale: float) -> dict[str, int]:
    """The fonts by face, at a scale of the whole window; what can't be read is left out."""
    import dearpygui.dearpygui as dpg

    found: dict[str, int] = {}
    with dpg.font_registry():
        for face, file in FILES.items():
            path = FONTS / file
            if path.exists():
                found[face] = dpg.add_font(str(path), round(SIZES[face] * scale))
    if "text" in found:
        dpg.bind_font(found["text"])
    return found


def bind_theme(look: Look, scale: float) -> int:
    """Give all widgets a look; gives the theme."""
    import dearpygui.dearpygui as dpg

    hot = mixed(look.title, look.text, 0.12)
    colours = {
        dpg.mvThemeCol_WindowBg: look.card,
        dpg.mvThemeCol_ChildBg: look.card,
        dpg.mvThemeCol_PopupBg: look.card,
        dpg.mvThemeCol_MenuBarBg: look.title,
        dpg.mvThemeCol_TitleBg: look.title,
        dpg.mvThemeCol_TitleBgActive: look.title,
        dpg.mvThemeCol_Text: look.text,
        dpg.mvThemeCol_TextDisabled: look.quiet,
        dpg.mvThemeCol_FrameBg: look.well,
        dpg.mvThemeCol_FrameBgHovered: hot,
        dpg.mvThemeCol_FrameBgActive: hot,
        dpg.mvThemeCol_Button: look.title,
        dpg.mvThemeCol_ButtonHovered: hot,
        dpg.mvThemeCol_ButtonActive: look.fill,
        dpg.mvThemeCol_Header: look.fill,
        dpg.mvThemeCol_HeaderHovered: hot,
        dpg.mvThemeCol_HeaderActive: look.fill,
        dpg.mvThemeCol_Border: look.edge,
        dpg.mvThemeCol_Separator: look.edge,
        dpg.mvThemeCol_CheckMark: look.good,
        dpg.mvThemeCol_SliderGrab: look.signal,
        dpg.mvThemeCol_SliderGrabActive: look.chosen,
        dpg.mvThemeCol_ScrollbarBg: look.card,
        dpg.mvThemeCol_ScrollbarGrab: look.edge,
        dpg.mvThemeCol_PlotHistogram: look.good,
        dpg.mvThemeCol_ResizeGrip: look.edge,
        dpg.mvThemeCol_ResizeGripHovered: look.chosen,
        dpg.mvThemeCol_ResizeGripActive: look.chosen,
        dpg.mvThemeCol_TextSelectedBg: look.fill,
        dpg.mvThemeCol_TableRowBgAlt: look.well,
        dpg.mvThemeCol_TableBorderLight: look.edge,
        dpg.mvThemeCol_TableBorderStrong: look.edge,
        dpg.mvThemeCol_Tab: look.title,
        dpg.mvThemeCol_TabHovered: hot,
        dpg.mvThemeCol_TabActive: look.fill,
        dpg.mvThemeCol_TableHeaderBg: look.title,
        dpg.mvThemeCol_ModalWindowDimBg: look.shade,
    }
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        for name, colour in colours.items():
            dpg.add_theme_color(name, colour)
        for style, sizes in (
            (dpg.mvStyleVar_FrameRounding, (4,)),
            (dpg.mvStyleVar_WindowRounding, (6,)),
            (dpg.mvStyleVar_ChildRounding, (0,)),
            (dpg.mvStyleVar_PopupRounding, (6,)),
            (dpg.mvStyleVar_FramePadding, (7, 4)),
            (dpg.mvStyleVar_ItemSpacing, (8, 6)),
            (dpg.mvStyleVar_WindowPadding, (10, 10)),
            (dpg.mvStyleVar_ScrollbarSize, (11,)),
        ):
            dpg.add_theme_style(style, *(size * scale for size in sizes))
    dpg.bind_theme(theme)
    made: int = theme
    return made

"""Buttons with a drawing and a word under it, for toolbars: drawn once for a look and a size."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...surface.shapes import Colour
from ..document.desk import Desk
from .themes import FILES, FONTS
from .widgets import look_of, px, styled

# Sizes at scale 1: of a drawing, its word, a button's height; and how much larger it is drawn than shown.
DRAWING, WORD, HIGH, FINE = 18, 11, 34, 4
# Lines of each drawing, in a square of 24; a list of two numbers and a radius is a disc, of three a ring.
Part = tuple[str, tuple[float, ...]]
DRAWINGS: dict[str, tuple[Part, ...]] = {
    "line": (("line", (4, 18, 10, 8, 15, 15, 20, 5)), ("disc", (4, 18, 2.6)), ("disc", (20, 5, 2.6))),
    "free": (("curve", (3, 15, 7, 2, 12, 14, 16, 21, 21, 7)),),
    "pen": (("line", (4, 20, 7, 12, 16, 3, 21, 8, 12, 17, 4, 20)), ("line", (7, 12, 12, 17))),
    "point": (("disc", (12, 12, 4)), ("ring", (12, 12, 9))),
    "erase": (
        ("line", (8, 20, 3, 15, 14, 4, 21, 11, 12, 20, 8, 20)),
        ("line", (8, 10, 15, 17)),
        ("line", (12, 20, 21, 20)),
    ),
    "move": (
        ("line", (12, 2, 12, 22)),
        ("line", (2, 12, 22, 12)),
        ("line", (9, 5, 12, 2, 15, 5)),
        ("line", (9, 19, 12, 22, 15, 19)),
        ("line", (5, 9, 2, 12, 5, 15)),
        ("line", (19, 9, 22, 12, 19, 15)),
    ),
    "pad": (("line", (4, 4, 20, 4, 20, 20, 4, 20, 4, 4)), ("disc", (12, 12, 3))),
    "record": (("disc", (12, 12, 7)),),
    "hand": (
        ("line", (8, 21, 5, 14, 4, 11, 6, 11, 8, 14, 8, 4, 10, 4, 10, 11)),
        ("line", (10, 11, 10, 3, 12.5, 3, 12.5, 11, 12.5, 4, 15, 4, 15, 12, 15, 6, 17.5, 6, 18, 14, 16, 21)),
    ),
    "options": (
        ("line", (3, 7, 21, 7)),
        ("line", (3, 17, 21, 17)),
        ("disc", (9, 7, 3)),
        ("disc", (15, 17, 3)),
    ),
    "place": (("line", (3, 4, 21, 4, 21, 20, 3, 20, 3, 4)), ("line", (3, 13, 21, 13))),
    "more": (("disc", (5, 12, 2)), ("disc", (12, 12, 2)), ("disc", (19, 12, 2))),
}


def icon_button(desk: Desk, parent: int, name: str, word: str, act: Callable[[], object]) -> int:
    """A button with a drawing and its word, which is its label too."""
    import dearpygui.dearpygui as dpg

    wide = px(desk, icon_width(word))
    item: int = dpg.add_image_button(
        icon_texture(desk, name, word),
        label=word,
        parent=parent,
        width=wide,
        height=px(desk, HIGH),
        user_data=act,
        callback=lambda sender, data, act: act(),
    )
    dpg.bind_item_theme(item, icon_theme(desk, is_on=False))
    return item


def icon_width(word: str) -> int:
    """How wide such a button is, at scale 1."""
    return max(34, round(len(word) * 6.4) + 4)


def icon_texture(desk: Desk, name: str, word: str) -> int:
    """The picture of such a button in the present look."""
    import dearpygui.dearpygui as dpg

    look, scale = look_of(desk), desk.settings.ui_scale
    tag = f"icon {name} {word} {look.name} {scale}"
    if not dpg.does_item_exist(tag):
        pixels = drawn(name, word, look.text, scale)
        rows, columns = pixels.shape[:2]
        with dpg.texture_registry():
            dpg.add_static_texture(columns, rows, pixels.reshape(-1), tag=tag)
    made: int = dpg.get_alias_id(tag)
    return made


def icon_theme(desk: Desk, *, is_on: bool) -> int:
    """The ground of such a button: none, or the mark of what is chosen."""
    import dearpygui.dearpygui as dpg

    look = look_of(desk)

    def make() -> None:
        dpg.add_theme_color(dpg.mvThemeCol_Button, look.fill if is_on else (0, 0, 0, 0))
        dpg.add_theme_style(dpg.mvStyleVar_FramePadding, px(desk, 3), px(desk, 2))

    return styled(f"icon {look.name} {desk.settings.ui_scale} {is_on}", make)


def drawn(name: str, word: str, colour: Colour, scale: float) -> NDArray[np.float32]:
    """A drawing with its word under it, RGBA ``[rows, columns, 4]``, 0 … 1."""
    from PIL import Image, ImageDraw, ImageFont

    fine = scale * FINE
    wide, high = round(icon_width(word) * scale), round(HIGH * scale)
    picture = Image.new("L", (wide * FINE, high * FINE), 0)
    pencil = ImageDraw.Draw(picture)
    unit, left = DRAWING * fine / 24.0, (wide * FINE - DRAWING * fine) / 2
    for kind, numbers in DRAWINGS[name]:
        _draw(pencil, kind, [number * unit for number in numbers], left, max(1, round(1.7 * unit)))
    try:
        font: Any = ImageFont.truetype(str(FONTS / FILES["small"]), round(WORD * fine))
    except OSError:
        font = ImageFont.load_default()
    pencil.text((wide * FINE / 2, high * FINE - 1), word, fill=255, font=font, anchor="md")
    shade = np.asarray(picture.resize((wide, high), Image.Resampling.LANCZOS), np.float32) / 255.0
    pixels = np.empty((high, wide, 4), np.float32)
    pixels[..., :3] = np.array(colour[:3], np.float32) / 255.0
    pixels[..., 3] = shade * colour[3] / 255.0
    return pixels


def _draw(pencil: Any, kind: str, numbers: list[float], left: float, thick: int) -> None:
    if kind in ("disc", "ring"):
        x, y, radius = numbers[0] + left, numbers[1], numbers[2]
        box = (x - radius, y - radius, x + radius, y + radius)
        if kind == "disc":
            pencil.ellipse(box, fill=255)
        else:
            pencil.ellipse(box, outline=255, width=thick)
        return
    points = [(x + left, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    if kind == "curve":
        along = np.linspace(0, len(points) - 1, 60)
        smooth = _smooth(np.array(points), along)
        points = [(float(x), float(y)) for x, y in smooth]
    pencil.line(points, fill=255, width=thick, joint="curve")


def _smooth(points: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through points (Catmull and Rom, 1974)."""
    padded = np.vstack([points[:1], points, points[-1:]])
    index = np.minimum(along.astype(int), len(points) - 2)
    t = (along - index)[:, np.newaxis]
    a, b, c, d = (padded[index + offset] for offset in range(4))
    curve: NDArray[np.float64] = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return curve

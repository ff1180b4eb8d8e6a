"""What can be done to lines by a key or from a menu: each is one step of undo."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal

import numpy as np

from ...graphs import Patch, Point, set_content, set_value
from ...nodes.gui.curves import BezierCurve, delete_curve_joint, smooth_curve
from ...nodes.gui.drawing import PADS, PLAYED, Played, laid_out_again, line_of
from ...nodes.gui.lines import Polyline, delete_joint, mirror, reverse
from ...nodes.gui.timed_paths import Timed
from ...nodes.gui.units import MapError
from .gestures.move import move_all, with_pad, with_paths
from .plane import Floats
from .sheet import Sheet

HEAVIEST = 100.0


def delete(sheet: Sheet) -> None:
    """Delete the chosen joint, else the chosen lines."""
    if sheet.joint is not None:
        number, joint = sheet.joint
        path = sheet.lines.get(number)
        try:
            left = _without_joint(path, joint)
        except MapError:
            left = None
        label = f"delete {'a point of ' if left is not None else ''}{sheet.name_of(number)}"
        if path is not None and sheet.lay(number, left, label):
            sheet.choose({number} if left is not None else set())
        return
    delete_lines(sheet, sheet.chosen)


def delete_lines(sheet: Sheet, numbers: frozenset[int]) -> None:
    """Delete lines of the layer; other sounds keep theirs."""
    gone = numbers & sheet.lines.keys()
    if not gone:
        return
    drawing = sheet.drawing
    for number in gone:
        drawing = drawing.with_line(number, None) if sheet.layer == "learn" else drawing.with_played(number, None)
    if sheet.put(drawing, f"delete {_words(sheet, gone)}"):
        sheet.choose()
        _tell_what_is_walked(sheet)


def clear(sheet: Sheet) -> None:
    """Delete all lines of the layer."""
    empty = replace(sheet.drawing, lines={}, weights={}) if sheet.layer == "learn" else replace(sheet.drawing, play={})
    if sheet.lines and sheet.put(empty, "delete all lines"):
        sheet.choose()
        _tell_what_is_walked(sheet)


def lay_out(sheet: Sheet) -> bool:
    """Have the lines laid out by likeness, in place of those drawn by hand and also where some were deleted."""

    def change(patch: Patch) -> Patch:
        after = set_content(patch, sheet.node, laid_out_again(patch.nodes[sheet.node].content))
        return set_value(after, sheet.node, "layout", "map")

    sheet.choose()
    return sheet.desk.edit(change, "lay out by likeness")


def _tell_what_is_walked(sheet: Sheet) -> None:
    """Say that the tour of a laid-out map is there again, where everything to play was deleted."""
    if sheet.layer == "play" and sheet.drawing.is_arranged and sheet.drawing.play and not _is_drawn(sheet):
        sheet.desk.say(f"{sheet.node}: the playheads follow the automatic tour; draw a path to play instead")


def _is_drawn(sheet: Sheet) -> bool:
    return sheet.about is not None and any(name.startswith(PLAYED) for name in sheet.about.content)


def turn_round(sheet: Sheet) -> None:
    """Let the chosen lines be walked from their other end."""
    _change(sheet, "reverse", _reversed)


def mirror_lines(sheet: Sheet, axis: Literal[0, 1]) -> None:
    """Mirror the chosen lines about their common middle. axis: 0 left and right, 1 up and down."""
    points = [line_of(sheet.lines[number]).anchors for number in sheet.chosen & sheet.lines.keys()]
    if points:
        every = np.concatenate(points)[:, axis]
        about = float(every.min() + every.max()) / 2
        _change(sheet, "mirror", lambda path: _mirrored(path, axis, about))


def smooth(sheet: Sheet) -> None:
    """Let the chosen lines bend smoothly through their joints."""
    _change(sheet, "smooth", _smoothed)


def straighten(sheet: Sheet) -> None:
    """Let the chosen curves be straight between their joints."""
    _change(sheet, "straighten", lambda path: Polyline(path.joints) if isinstance(path, BezierCurve) else path)


def nudge(sheet: Sheet, x: int, y: int) -> None:
    """Move the chosen lines by so many pixels, or grid steps where it snaps."""
    paths = {number: sheet.lines[number] for number in sorted(sheet.chosen & sheet.lines.keys())}
    step = sheet.grid() * np.sign(sheet.view.scale) if sheet.habits.snaps else 1.0 / sheet.view.scale
    if paths:
        move_all(sheet, paths, np.asarray(step * (x, y), np.float64), f"move {_words(sheet, paths.keys())}", "nudge")


def reassign(sheet: Sheet, number: int, sound: int) -> None:
    """Let a line stand for another sound; if that has a line, the two change places."""
    drawing = sheet.drawing
    path, other = drawing.lines.get(number), drawing.lines.get(sound)
    if path is None or number == sound:
        return
    weights = {{number: sound, sound: number}.get(which, which): weight for which, weight in drawing.weights.items()}
    after = replace(drawing.with_line(sound, path).with_line(number, other), weights=weights)
    if sheet.put(after, f"line of {sheet.name_of(number)} to {sheet.name_of(sound)}"):
        sheet.choose({sound})


def weigh(sheet: Sheet, number: int, weight: float, gesture: str | None = None) -> None:
    """Let a line count so much when the terrain learns, 0 … 100; 1 is as all others."""
    kept = {which: one for which, one in sheet.drawing.weights.items() if which != number}
    weight = min(HEAVIEST, max(0.0, weight))
    weights = kept if weight == 1.0 else {**kept, number: weight}
    sheet.put(replace(sheet.drawing, weights=weights), f"weight of {sheet.name_of(number)}", gesture)


def to_play(sheet: Sheet) -> None:
    """Copy the chosen lines into the play layer."""
    if sheet.layer != "learn" or not sheet.chosen:
        return
    drawing = sheet.drawing
    for number in sorted(sheet.chosen & drawing.lines.keys()):
        drawing = drawing.with_played(max(drawing.play, default=-1) + 1, drawing.lines[number])
    sheet.put(drawing, f"play {_words(sheet, sheet.chosen)}")


def keep_place(sheet: Sheet, place: Point, pad: int | None = None) -> int | None:
    """Keep a place under a pad's number, or under the first that is free; gives the number."""
    free = pad if pad is not None else next((one for one in PADS if one not in sheet.drawing.pads), None)
    if free is None:
        sheet.desk.say(f"{sheet.node}: all nine pads are in use; move or delete one", "warning", sheet.node)
        return None
    return free if sheet.put(with_pad(sheet.drawing, free, place), f"pad {free}") else None


def drop_pad(sheet: Sheet, pad: int) -> None:
    """Forget a kept place."""
    sheet.put(with_pad(sheet.drawing, pad, None), f"delete pad {pad}")


def go_to_pad(sheet: Sheet, pad: int) -> bool:
    """Glide to a kept place. Gives whether there is one."""
    if pad not in sheet.drawing.pads:
        return False
    if sheet.value("mode") != "pads":
        sheet.desk.turn(sheet.node, "mode", "pads", f"{sheet.node} pads")
        sheet.desk.end_gesture()
    sheet.desk.sound.turn(sheet.node, "pad", pad)
    return True


def play_line(sheet: Sheet, number: int) -> None:
    """Walk a line of the layer from its start."""
    drawing = sheet.drawing
    own = drawing.play or drawing.lines
    if number not in own or (sheet.layer == "learn" and drawing.play):
        sheet.desk.say(
            f"{sheet.node}: the playheads follow the playback paths; copy the line there", "warning", sheet.node
        )
        return
    index = sorted(own).index(number) + 1
    if sheet.value("mode") not in ("loop", "once", "ping-pong", "chain"):
        sheet.desk.turn(sheet.node, "mode", "loop", f"{sheet.node} plays")
    sheet.desk.turn(sheet.node, "line", index, f"{sheet.node} plays")
    sheet.desk.turn(sheet.node, "playing", True, f"{sheet.node} plays")
    sheet.desk.end_gesture()


def select_all(sheet: Sheet) -> None:
    """Choose all lines of the layer."""
    sheet.choose(frozenset(sheet.lines))


def _change(sheet: Sheet, word: str, change: Callable[[Played], Played]) -> None:
    chosen = sheet.chosen & sheet.lines.keys()
    if not chosen:
        sheet.desk.say(f"{sheet.node}: select a line first", "warning", sheet.node)
        return
    try:
        made = {number: change(sheet.lines[number]) for number in sorted(chosen)}
    except MapError as error:
        sheet.desk.say(str(error), "warning")
        return
    sheet.put(with_paths(sheet.drawing, sheet.layer == "play", made), f"{word} {_words(sheet, chosen)}")
    sheet.choose(chosen)


def _without_joint(path: Played | None, joint: int) -> Played | None:
    if isinstance(path, Polyline):
        return delete_joint(path, joint)
    return delete_curve_joint(path, joint) if isinstance(path, BezierCurve) else None


def _reversed(path: Played) -> Played:
    if isinstance(path, BezierCurve):
        return BezierCurve(path.controls[::-1])
    if isinstance(path, Timed):
        moments = path.moments[::-1].copy()
        moments[:, 0] = path.lasts - moments[:, 0]
        return replace(path, moments=moments, name="")
    return Polyline(reverse(path).anchors, path.closed)


def _mirrored(path: Played, axis: Literal[0, 1], about: float) -> Played:
    def flipped(points: Floats, column: int) -> Floats:
        made = points.copy()
        made[:, column] = 2 * about - made[:, column]
        return made

    if isinstance(path, BezierCurve):
        return BezierCurve(flipped(path.controls, axis))
    if isinstance(path, Timed):
        return replace(path, moments=flipped(path.moments, axis + 1), name="")
    return Polyline(mirror(path, axis, about).anchors, path.closed)


def _smoothed(path: Played) -> Played:
    if isinstance(path, Polyline) and len(path.anchors) > 1:
        return smooth_curve(path.anchors)
    return path


def _words(sheet: Sheet, numbers: Collection[int]) -> str:
    return sheet.name_of(next(iter(numbers))) if len(numbers) == 1 else f"{len(numbers)} lines"

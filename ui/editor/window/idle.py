"""Whether anybody is there: how long ago mouse or keyboard were touched, asked without drawing a frame."""

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from ctypes import util
from typing import Any

Seconds = Callable[[], float | None]


class _ScreenSaver(ctypes.Structure):
    """What the X screen saver extension tells (XScreenSaver(3))."""

    _fields_ = (
        ("window", ctypes.c_ulong),
        ("state", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("since", ctypes.c_ulong),
        ("idle", ctypes.c_ulong),
        ("events", ctypes.c_ulong),
    )


class _LastInput(ctypes.Structure):
    """What Windows tells (GetLastInputInfo)."""

    _fields_ = (("size", ctypes.c_uint), ("time", ctypes.c_uint))


def nobody_knows() -> None:
    """On systems that can't be asked."""


def last_input() -> Seconds:
    """What gives the seconds since the last input of any kind, or None where that is not known. Made once a window."""
    with suppress(OSError, AttributeError, TypeError):
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            return _mac()
        return _x11()
    return nobody_knows


def _x11() -> Seconds:
    names = util.find_library("X11"), util.find_library("Xss")
    if None in names:
        return nobody_knows
    x11, saver = (ctypes.CDLL(name) for name in names)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    if not display.value:
        return nobody_knows
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    base, error = ctypes.c_int(), ctypes.c_int()
    if not saver.XScreenSaverQueryExtension(display, ctypes.byref(base), ctypes.byref(error)):
        return nobody_knows
    info = _ScreenSaver()

    def seconds() -> float | None:
        return info.idle / 1000 if saver.XScreenSaverQueryInfo(display, root, ctypes.byref(info)) else None

    return seconds


def _windows() -> Seconds:
    windows: Any = ctypes.windll  # type: ignore[attr-defined, unused-ignore]
    info = _LastInput(ctypes.sizeof(_LastInput), 0)

    def seconds() -> float | None:
        if not windows.user32.GetLastInputInfo(ctypes.byref(info)):
            return None
        return float((windows.kernel32.GetTickCount() - info.time) % 2**32) / 1000

    return seconds


def _mac() -> Seconds:
    graphics = ctypes.CDLL(str(util.find_library("CoreGraphics")))
    ask = graphics.CGEventSourceSecondsSinceLastEventType
    ask.restype, ask.argtypes = ctypes.c_double, (ctypes.c_int, ctypes.c_uint32)
    return lambda: float(ask(0, 0xFFFFFFFF))

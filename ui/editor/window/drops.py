"""Files that are dropped on the window from other programs.

DearPyGui passes none on. The GLFW inside of it hears of them, where its functions can be reached: on Linux (X11, or
Wayland by way of XWayland). On Windows DearPyGui has no GLFW, and nothing can be dropped.
"""

import ctypes
from collections import deque
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

_HEARD = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p))


class Drops:
    """Belongs to the window's thread. is_offered: whether the system's drops can be heard of."""

    def __init__(self) -> None:
        self._waiting: deque[Path] = deque()
        self._heard = _HEARD(self._hear)  # kept for as long as it can be called
        self.is_offered = False

    def begin(self) -> None:
        """Hear of drops from now on. Call once the window is shown, on the thread that draws it."""
        inner = find_spec("dearpygui._dearpygui")
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(inner.origin if inner is not None else "")
            current, listen = library.glfwGetCurrentContext, library.glfwSetDropCallback
            current.restype, current.argtypes = ctypes.c_void_p, ()
            listen.restype, listen.argtypes = ctypes.c_void_p, (ctypes.c_void_p, _HEARD)
            window = current()
            if window:
                listen(window, self._heard)
                self.is_offered = True

    def take(self) -> tuple[Path, ...]:
        """What was dropped since last asked; the pointer is where."""
        found = tuple(self._waiting)
        self._waiting.clear()
        return found

    def _hear(self, window: int, count: int, names: "ctypes._Pointer[ctypes.c_char_p]") -> None:
        """Called while the window draws: only notes them."""
        self._waiting += [Path(name.decode("utf-8", "surrogateescape")) for name in names[:count] if name]

"""Whether a window can be opened here, and what to do where it can't."""

import ctypes
import os
import sys
from collections.abc import Mapping
from importlib import import_module

WITHOUT = "without a window: latent-terrain run PATCH, or latent-terrain demo"
NO_DISPLAY = f"no display found; over ssh use ssh -X; {WITHOUT}"
# What Linux lacks at times, and the Debian package that has it.
LIBRARIES = {"libGL": "libgl1", "libX11": "libx11-6", "libGLX": "libglx0"}


def has_display(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there seems to be a display; macOS and Windows always have one."""
    return not platform.startswith("linux") or bool(environment.get("DISPLAY"))


def window_trouble(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> str:
    """Why no window can be opened here, and what to do about it, as a sentence; nothing where it can."""
    if not has_display(platform, environment):
        if environment.get("WAYLAND_DISPLAY"):
            return f"this desktop has no X server; install Xwayland (sudo apt-get install xwayland); {WITHOUT}"
        return NO_DISPLAY
    if platform.startswith("linux") and (trouble := _x_trouble(environment)):
        return trouble
    try:
        import_module("dearpygui.dearpygui")
    except ImportError as error:
        return _import_trouble(error, platform)
    return ""


def _x_trouble(environment: Mapping[str, str]) -> str:
    """Ask the X server, as the window library does not survive it when there is none."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return f"the window needs libX11; install it: sudo apt-get install libx11-6; {WITHOUT}"
    x11.XOpenDisplay.restype = ctypes.c_void_p
    found = x11.XOpenDisplay(environment.get("DISPLAY", "").encode())
    if not found:
        return f"the display {environment.get('DISPLAY')!r} can't be reached; {WITHOUT}"
    x11.XCloseDisplay(ctypes.c_void_p(found))
    return ""


def _import_trouble(error: ImportError, platform: str) -> str:
    from ...engine.missing_package import install_command  # here, as it brings numpy, which --help has no use for

    words = str(error)
    package = next((package for library, package in LIBRARIES.items() if library in words), "")
    if package and platform.startswith("linux"):
        return f"the window needs OpenGL, and {words.partition(':')[0]} is missing; sudo apt-get install {package}"
    if isinstance(error, ModuleNotFoundError):
        return f"the window needs dearpygui; install it: {install_command('dearpygui')}"
    return f"the GUI library can't be loaded ({words}); run: {install_command('--force-reinstall', 'dearpygui')}"

"""PortAudio, the library between Python and the sound devices: loaded when first needed, looked at anew on request.

It knows only the devices that were there when it began, so a device that comes later takes a new beginning, which must
not happen under an open stream. And when a JACK server dies, PortAudio 19 neither closes its streams nor ends: it
hangs, or aborts the process. Then that copy of the library is left as it is for ever, and a fresh copy, of which
nothing in the process knows, takes its place (Linux, where JACK lives).
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..missing_package import install_command
from .interface import DeviceError

NO_PORTAUDIO = (
    "PortAudio is not installed; on Debian and Ubuntu: sudo apt-get install libportaudio2; "
    f"elsewhere: {install_command('--force-reinstall', 'sounddevice')}"
)
# How long closing a stream may take before it counts as hanging.
CLOSE_SECONDS = 2.0
FRESH_NAME = "sound-library"


class _State:
    """The one PortAudio of this process. Only the thread that opens and closes streams may touch it."""

    def __init__(self) -> None:
        self.open: list[Any] = []
        self.closing: list[threading.Thread] = []
        self.kept: list[Any] = []
        self.is_abandoned = False


_state = _State()


def portaudio() -> Any:
    """The sounddevice module. Raises DeviceError where PortAudio is missing."""
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        raise DeviceError(NO_PORTAUDIO) from error
    return sounddevice


def open_stream(make: Callable[[Any], Any]) -> Any:
    """A stream made by ``make(sounddevice)``, not started. Raises what PortAudio raises; see ``close_stream``."""
    sounddevice = portaudio()
    if _state.is_abandoned:
        raise DeviceError("the audio system went away; rescan the devices first")
    stream = make(sounddevice)
    _state.open.append(stream)
    return stream


def close_stream(stream: Any, is_lost: bool = False, is_jack: bool = False) -> None:
    """Close a stream of ``open_stream``; waits two seconds at most. is_lost: its device went away by itself."""
    if not any(one is stream for one in _state.open):
        return
    _state.open[:] = [one for one in _state.open if one is not stream]
    if is_lost and is_jack:
        _abandon(stream)
        return
    thread = threading.Thread(target=_close, args=(stream,), name="closing sound", daemon=True)
    thread.start()
    thread.join(CLOSE_SECONDS)
    if thread.is_alive():
        _abandon(stream)


def rescan() -> None:
    """Look for devices anew. Raises DeviceError when a stream is open or the audio system does not answer."""
    sounddevice = portaudio()
    if _state.open:
        raise DeviceError("devices can't be scanned while one is playing; stop it first")
    if not _state.is_abandoned and _has_lost_jack(sounddevice):
        _abandon(None)
    try:
        if _state.is_abandoned:
            _load_anew(sounddevice)
            return
        while sounddevice._initialized:
            sounddevice._terminate()
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"the audio system does not answer ({error}); check that it runs") from error


def _close(stream: Any) -> None:
    with suppress(Exception):
        stream.close()


def _abandon(stream: Any) -> None:
    """Touch this copy of the library, its streams and their callbacks never again, not even when Python ends."""
    sounddevice = portaudio()
    _state.kept.append((stream, getattr(sounddevice, "_lib", None)))
    _state.is_abandoned = True
    sounddevice._initialized = 0


def _load_anew(sounddevice: Any) -> None:
    """Put a fresh copy of the library in the old one's place.

    The loader gives back what it knows by name or by file, so the copy is a file of its own in memory, and stays open
    so that its name is not used again.
    """
    path = _library_file()
    if path is None or not hasattr(os, "memfd_create"):
        raise DeviceError("the audio system hangs and can't be restarted; save and restart the program")
    descriptor = os.memfd_create(FRESH_NAME)
    try:
        os.write(descriptor, path.read_bytes())
        fresh = sounddevice._ffi.dlopen(f"/proc/self/fd/{descriptor}")
    except OSError as error:
        os.close(descriptor)
        raise DeviceError(f"the audio system can't be restarted ({error}); restart the program") from error
    sounddevice._lib = fresh
    sounddevice._initialize()
    _state.is_abandoned = False


def _library_file() -> Path | None:
    """The file that PortAudio was loaded from."""
    with suppress(OSError):
        for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
            path = Path(line.partition("/")[1] + line.partition("/")[2])
            if path.name.startswith("libportaudio"):
                return path
    return None


def _has_lost_jack(sounddevice: Any) -> bool:
    """Whether the JACK server that PortAudio has joined is gone: then nothing opens there any more."""
    for api in sounddevice.query_hostapis():
        index = api["default_output_device"]
        if "JACK" not in api["name"] or index < 0:
            continue
        try:
            with _quiet():
                stream = sounddevice.OutputStream(device=index, channels=1, callback=lambda *_: None)
        except Exception:
            return True
        stream.close()
    return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Let PortAudio not print to standard error what is found out and told here."""
    kept = nowhere = None
    with suppress(OSError):
        kept = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
    try:
        yield
    finally:
        if kept is not None:
            os.dup2(kept, 2)
            os.close(kept)
        if nowhere is not None:
            os.close(nowhere)

"""Gui: the editor, a window to build and play patches in; the sound is made in a process of its own."""

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from .display import window_trouble
from .output import FILE, RUN, USAGE, Failure, tell_ready

if TYPE_CHECKING:
    from ...engine.session.registry import Address
    from ...graphs import Patch
    from ..editor.document.settings import Settings
    from ..editor.sound.interface import DeviceChoice


def gui(
    patch: Annotated[
        str,
        typer.Argument(metavar="PATCH", help="A patch file (.ltp) or a starter. Default: choose in the editor."),
    ] = "",
    attach: Annotated[
        bool, typer.Option("--attach", help="Edit the patch of a running engine (latent-terrain run).")
    ] = False,
    is_map: Annotated[
        bool, typer.Option("--map", help="With --attach: only its map, for a second screen or a projector.")
    ] = False,
    no_sound: Annotated[bool, typer.Option("--no-sound", help="Edit without audio.")] = False,
    device: Annotated[str | None, typer.Option("--device", help="Output device (part of its name), or none.")] = None,
    block: Annotated[int | None, typer.Option("--block", min=16, max=8192, help="Block size in samples.")] = None,
    rate: Annotated[int | None, typer.Option("--rate", min=8000, max=192_000, help="Hz.")] = None,
    safe: Annotated[bool, typer.Option("--safe", help="Safe mode: default settings, no audio.")] = False,
) -> int:
    """Open the editor, to build and play patches by hand.

    Without a patch it offers starters. The sound goes on while you edit, and when the window breaks down; work is kept
    aside every few seconds.
    """
    if attach and (patch or no_sound or safe or device or block or rate):
        raise Failure("gui --attach takes no patch and no other options: the running engine defines them", USAGE)
    if is_map and not attach:
        raise Failure("gui --map shows what plays already; give --attach too", USAGE)
    trouble = window_trouble()
    if trouble:
        raise Failure(trouble, RUN)
    from ..editor.document.settings import Settings, load_settings
    from ..editor.sound.interface import DeviceChoice

    settings = Settings() if safe else load_settings()
    if is_map:
        settings = replace(settings, path=None, panels=["map"], learns_by_itself=False)
    wish = DeviceChoice(
        device or settings.device, settings.input, rate or settings.sample_rate, block or settings.block
    )
    if attach:
        return _open(settings, wish, patch, *_running(), is_map=is_map)
    return _open(settings, None if no_sound or safe else wish, patch)


def _open(
    settings: "Settings",
    wish: "DeviceChoice | None",
    name: str,
    address: "Address | None" = None,
    running: "Patch | None" = None,
    *,
    is_map: bool = False,
) -> int:
    """Open the window and stay until it is closed. wish: how sound is made, None for not at all."""
    from ...engine import load_palette
    from ...engine.processes.alive import stop_signals
    from ..editor.actions.start import open_first
    from ..editor.app import App
    from ..editor.document.desk import Desk
    from ..editor.panels import all_panels, map_alone
    from ..editor.sound.engine_sound import EngineSound
    from ..editor.sound.silent import SilentEditorSound
    from ..terrain_image.thumbnails import Pictures

    palette, pictures = load_palette(), Pictures()
    sound = SilentEditorSound() if wish is None else EngineSound(palette, wish, address=address, base=running)
    desk = Desk(palette, sound, settings)
    desk.document.is_kept_elsewhere = is_map
    try:
        app = App(desk, map_alone() if is_map else all_panels(), "Map" if is_map else "Latent Terrain")
        app.pictures = pictures
        try:
            for number in stop_signals():  # the window goes, and what is not saved is kept for the next start
                signal.signal(number, lambda *_: app.end())

            def started() -> None:
                open_first(desk, name, running)
                tell_ready()

            app.run(started)
        finally:
            app.close()
    finally:
        pictures.close()
        desk.close()
    return 0


def _running() -> "tuple[Address, Patch]":
    """The engine that was started last, and what it plays. Raises Failure."""
    from ...engine.session import Client, EngineGone
    from ...engine.session.registry import find_engines

    try:
        found = find_engines()
        client = Client.attach(found[0] if found else None, lambda news: None)
    except (EngineGone, OSError) as error:
        raise Failure(f"--attach: {error}", FILE) from None
    patch = client.patch
    client.close()
    return found[0], patch

"""The files that a patch names: which are missing, and where they may be now."""

from collections.abc import Callable
from pathlib import Path

from ...missing_files import bare, found_with, is_folder, relocated
from ...missing_files import missing_files as missing_in
from ...patch_files import Named
from ...patcher.window_requests import ChooseFile
from ..document.desk import Desk
from ..window.setting_values import KINDS


def missing_files(desk: Desk) -> list[Named]:
    """Files that the open patch names and that are not there, looked for on the disk now."""
    return missing_in(desk.patch, desk.palette, desk.document.folder)


def ask_where(desk: Desk, gone: Named, then: Callable[[Path], None]) -> None:
    """Ask where a file or a folder is now. then: gets it."""
    kinds = KINDS["model"] if gone.kind == "model" else ()
    desk.ask(ChooseFile(f"Where is {bare(gone.path)}?", kinds, False, then, is_folder=is_folder(gone)))


def locate(desk: Desk, gone: Named, found: Path) -> bool:
    """Put the new place of a file or folder into the patch, as one step; what lay in it or beside it comes along."""
    folder = desk.document.folder
    there = found_with(desk.patch, desk.palette, folder, gone, found)
    asset = desk.patch.assets.get(gone.asset)
    if asset is not None and found.stat().st_size != asset.size:
        desk.say(f"{found.name} is not the file that the patch was made with: its size differs", "warning")
    return desk.edit(lambda patch: relocated(patch, folder, there), f"locate {found.name}")

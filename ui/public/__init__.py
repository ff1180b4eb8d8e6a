"""Latent Terrain: train a terrain between sounds and play it. What programs and packages of nodes import is here.

``docs/api.md`` says a line about each name. A name is imported from its room when it is first asked for, so that
``import latent_terrain`` costs nothing; type checkers read ``__init__.pyi``.
"""

import importlib
from typing import Any

_ROOMS = {
    "ui.script": "Instrument NodeHandle ScriptError attach load new play",
    "engine": (
        "Content ControlSignal DeclarationError Engine Event Events Fault FloatArray FrameTimes Help Kernel Labels "
        "Latent LatentSpace Moment NodeSpec Palette Param PatchError PortSize Problem Progress Resting Sample "
        "Setting SettingError Setup SharedContent Signal Size State Ticks Trajectories UsedWhen Values Wishes "
        "check_patch column compile_patch job "
        "load_palette node per_sample provides spec_of together"
    ),
    "engine.offline": "offline_setup render",
    "engine.training.jobs": "run_jobs",
    "engine.session.client": "Client EngineGone Hosting",
    "graphs": (
        "Array Asset Cord EditError History Node Patch PatchFileError Point Value add_asset add_node connect diff "
        "disconnect load_file merge_edits move_node remove_asset remove_node rename_node save set_bypassed "
        "set_content set_muted set_seed set_title set_value set_view show unset_value"
    ),
    "graphs.definitions": "encapsulate make_unique remove_definition rename_definition unpack",
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = ["__version__", *sorted(_HOMES)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("latent-terrain")
    if name not in _HOMES:
        raise AttributeError(f"latent_terrain has no {name!r}; docs/api.md lists what is public")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

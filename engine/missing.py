"""A package that is not there, or does not load: said as what it is, with a command that works on this computer."""

import importlib
import os
import sys
from importlib.util import find_spec
from types import ModuleType


class MissingError(ImportError):
    """A package that is needed is not there, or does not load; the text says which, and how to get it."""


def need(package: str, who: str, install: str = "") -> ModuleType:
    """Import a package for somebody who needs it. Raises MissingError, whatever went wrong.

    who: the sentence's subject. install: what pip is to get, where it is called otherwise.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        absent = (error.name or package).partition(".")[0]
        wanted = install or package if absent == package.partition(".")[0] else absent
        raise MissingError(f"{who} needs {absent}, which is not installed; run: {install_command(wanted)}") from error
    except Exception as error:  # a damaged library raises anything: OSError, RuntimeError, AttributeError
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise MissingError(
            f"{who} needs {package}, which does not load ({reason}); "
            f"run: {install_command('--force-reinstall', install or package)}"
        ) from error


def install_command(*words: str) -> str:
    """What installs packages for the Python that runs now, to be typed in any shell.

    Extras such as ``latent-terrain[codecs]`` are quoted; where there is no pip beside this Python, uv is named.
    """
    said = [f'"{word}"' if set(word) & set("[]<>= ") else word for word in words]
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    if find_spec("pip") is None:
        said = ["--reinstall" if word == "--force-reinstall" else word for word in said]
        return " ".join(["uv pip install --python", python, *said])
    call = "& " if os.name == "nt" and python.startswith('"') else ""  # PowerShell takes a quoted word for text
    return " ".join([f"{call}{python} -m pip install", *said])

"""A package that is not there, or does not load: said as what it is, with a command that works on this computer."""

import importlib
import os
import re
import sys
from importlib import metadata
from importlib.util import find_spec
from types import ModuleType


class MissingError(ImportError):
    """A package that is needed is not there, or does not load; the text says which, and how to get it."""


PROGRAM = "latent-terrain"


def need(package: str, who: str, extra: str = "") -> ModuleType:
    """Import a package for somebody who needs it. Raises MissingError, whatever went wrong.

    who: the sentence's subject. extra: that of this program to which the package belongs.
    """
    packages = packages_of(extra, package) if extra else (package,)
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        absent = (error.name or package).partition(".")[0]
        wanted = packages if absent == package.partition(".")[0] else (absent,)
        raise MissingError(f"{who} needs {absent}, which is not installed; run: {install_command(*wanted)}") from error
    except Exception as error:  # a damaged library raises anything: OSError, RuntimeError, AttributeError
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise MissingError(
            f"{who} needs {package}, which does not load ({reason}); "
            f"run: {install_command('--force-reinstall', *packages)}"
        ) from error


def extra_command(extra: str, package: str) -> str:
    """What installs the packages of an extra, for the Python that runs now. package: the one that is missed.

    They are named one by one: no package index has this program, and the folder it came from may be gone.
    """
    return install_command(*packages_of(extra, package))


def packages_of(extra: str, package: str) -> tuple[str, ...]:
    """The packages of an extra with their versions, as the installed program declares them.

    The package alone where what is installed knows nothing of it, as after an update of the folder it runs from.
    """
    try:
        wanted = [one.partition(";") for one in metadata.requires(PROGRAM) or ()]
    except metadata.PackageNotFoundError:
        return (package,)
    found = [name.strip() for name, _, when in wanted if re.sub(r"[\s'\"]", "", when) == f"extra=={extra}"]
    ours = package.replace("_", "-")
    return tuple(found) if any(name.startswith(ours) for name in found) else (package,)


def install_command(*words: str) -> str:
    """What installs packages for the Python that runs now, to be typed in any shell.

    Versions such as ``aiohttp>=3.11`` are quoted; where there is no pip beside this Python, uv is named.
    """
    quoted = [f'"{word}"' if set(word) & set("[]<>= ") else word for word in words]
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    if find_spec("pip") is None:
        quoted = ["--reinstall" if word == "--force-reinstall" else word for word in quoted]
        return " ".join(["uv pip install --python", python, *quoted])
    call = "& " if os.name == "nt" and python.startswith('"') else ""  # PowerShell takes a quoted word for text
    return " ".join([f"{call}{python} -m pip install", *quoted])


def command_in(sentence: str) -> str:
    """The command that a sentence about a missing package ends with; "" where there is none."""
    return sentence.partition("; run: ")[2]


def what_is_missing(error: ImportError) -> str:
    """A sentence about an import that failed where nobody foresaw it: which package, and how to get it."""
    if isinstance(error, MissingError):
        return str(error)
    package = (error.name or "").partition(".")[0]
    if not package:
        frame = error.__traceback__
        while frame is not None:  # what raised without a name is the package in whose code it was raised
            package = str(frame.tb_frame.f_globals.get("__name__", "")).partition(".")[0] or package
            frame = frame.tb_next
    if isinstance(error, ModuleNotFoundError):
        return f"this needs {package}, which is not installed; run: {install_command(package)}"
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    command = install_command("--force-reinstall", package)
    return f"this needs {package}, which does not load ({reason}); run: {command}"

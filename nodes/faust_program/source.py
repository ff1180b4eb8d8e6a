"""A Faust program as it is read: its text, and the libraries beside the patch that it imports, checked on the way.

A program may import Faust's own libraries, which come with the compiler, and files in the patch's folder. What names
a file anywhere else, and what calls foreign code, is refused before a compiler sees it.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PureWindowsPath
from typing import TypeAlias

from .library import OPTIONS, FaustError, installed

LARGEST = 1 << 20
MOST_FILES = 64
CODE = "code"
# In the order in which Faust's own reader takes them; a quotation mark in a comment opens no text.
TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<doc><mdoc>.*?(?:</mdoc>|\Z))|(?P<text>\"[^\"]*(?:\"|\Z))"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign>\S)",
    re.DOTALL,
)
IMPORTS = ("import", "component", "library")
FOREIGN = ("ffunction", "fconstant", "fvariable")


Stamp: TypeAlias = tuple[int, int]
"""When a file was changed, in nanoseconds, and its bytes."""


@dataclass(frozen=True)
class FaustSource:
    """name: of its file, for sentences. files: text of what it imports from beside the patch, by name.

    paths: where it was read: its own file, where it has one, and those that it imports. stamps: of these, as they were
    when it was read.
    """

    name: str
    text: str
    files: Mapping[str, str]
    paths: tuple[Path, ...] = field(default=(), compare=False)
    stamps: tuple[Stamp | None, ...] = field(default=(), compare=False)

    @property
    def digest(self) -> str:
        """Equal programs have equal ones: a sha256 of all that the compiler reads, but for its own libraries."""
        digest = hashlib.sha256(repr((OPTIONS, self.name)).encode())
        for name, text in (("", self.text), *sorted(self.files.items())):
            digest.update(f"{len(name)} {len(text)} {name}".encode())
            digest.update(text.encode())
        return digest.hexdigest()


def read_file(path: Path, folder: Path, name: str) -> FaustSource:
    """A program in a file. folder: the patch's. Raises FaustError, and MissingError without the compiler."""
    beside = path.parent if path.is_relative_to(folder) else folder
    when = stamp(path)
    found = _source(_read(path, name), Path(name).name, beside, folder)
    return replace(found, paths=(path, *found.paths), stamps=(when, *found.stamps))


def read_code(text: str, folder: Path) -> FaustSource:
    """A program in a patch. folder: the patch's. Raises FaustError, and MissingError without the compiler."""
    if len(text) > LARGEST:
        raise FaustError(f"code: {len(text) / 1e6:.1f} MB are more than is read of a program, 1 MB; shorten it")
    return _source(text, CODE, folder, folder)


def _source(text: str, name: str, beside: Path, folder: Path) -> FaustSource:
    """The program with all that it imports. beside: where its imports are looked for."""
    _, libraries = installed()
    own = _own_libraries(libraries)
    text, wanted = _checked(text, name)
    files: dict[str, str] = {}
    stamps: list[Stamp | None] = []
    waiting = [(name, one) for one in wanted]
    while waiting:
        by, file = waiting.pop()
        if file in files or file in own:
            continue
        path = beside / file
        # where it is copied to has its name again, which must lead nowhere else there
        is_near = not PureWindowsPath(file).anchor and ".." not in PureWindowsPath(file).parts
        if not is_near or not _is_within(path, folder) or path.suffix not in (".lib", ".dsp"):
            may_be = "only files in the patch's folder, named from there, and Faust's own may be imported"
            raise FaustError(f"{by}: imports {file!r:.80}, but {may_be}; copy it there")
        if not path.is_file():
            near = get_close_matches(file, own, 1)
            hint = f"did you mean {near[0]!r}?" if near else "put it beside the patch"
            raise FaustError(f"{by}: imports {file!r:.80}, which is not there, nor one of Faust's libraries; {hint}")
        if len(files) == MOST_FILES:
            raise FaustError(f"{by}: imports more than {MOST_FILES} files; join some of them")
        stamps.append(stamp(path))
        files[file], more = _checked(_read(path, file), file)
        waiting += [(file, one) for one in more]
    return FaustSource(name, text, files, tuple(beside / one for one in files), tuple(stamps))


def stamp(path: Path) -> Stamp | None:
    """Tells a file from the same one when it has been written again; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@cache
def _own_libraries(folder: Path) -> frozenset[str]:
    """Faust's own, as programs import them; they come with the compiler and stay as they are while this runs."""
    return frozenset(one.relative_to(folder).as_posix() for one in folder.rglob("*.lib"))


def _checked(text: str, name: str) -> tuple[str, list[str]]:
    """A text without its documentation, and what it imports. Raises FaustError for what no patch may ask for."""
    if "\0" in text:
        raise FaustError(f"{name}: is not a text; give a Faust program (.dsp)")
    imports: list[str] = []
    before = ["", ""]
    for kind, word, place in _tokens(text):
        if kind == "word" and word in FOREIGN:
            line = text.count("\n", 0, place) + 1
            raise FaustError(f"{name}, line {line}: {word} calls foreign code, which a patch may not; use Faust's own")
        if kind == "text" and before[-2] in IMPORTS and before[-1] == "(":
            imports.append(word.strip('"'))
        before = [before[-1], word]
    return TOKEN.sub(_blank_documentation, text), imports


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Words, texts and signs with their places; no comments."""
    for found in TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind not in ("comment", "doc"):
            yield kind, found.group(), found.start()


def _blank_documentation(found: re.Match[str]) -> str:
    """Documentation as empty lines: it may contain programs of its own, which only a printer needs."""
    return "\n" * found.group().count("\n") if found.lastgroup == "doc" else found.group()


def _read(path: Path, name: str) -> str:
    try:
        if not path.is_file():  # what is no file may never end
            raise FileNotFoundError(path)
        if path.stat().st_size > LARGEST:
            raise FaustError(f"{name}: {path.stat().st_size / 1e6:.1f} MB are more than is read of a program, 1 MB")
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise FaustError(f"{name}: there is no such file; choose another") from None
    except (OSError, ValueError) as error:
        raise FaustError(f"{name}: can't be read as a text ({error}); give a Faust program (.dsp)") from None


def _is_within(path: Path, folder: Path) -> bool:
    """Whether a file lies in a folder, links followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False

"""What only a window can do: the desk asks, and a panel answers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ...graphs import Cord, Point
from .hits import Hit
from .ports import PortPlace


@dataclass(frozen=True)
class OpenSearch:
    """Search for a node to add. at: where it goes, canvas units. cord_from: the port that it is to be patched to."""

    at: Point
    cord_from: PortPlace | None = None
    on_cord: Cord | None = None


@dataclass(frozen=True)
class OpenMenu:
    """A menu for what is under the hand. at: canvas units."""

    at: Point
    hit: Hit


@dataclass(frozen=True)
class TypeValue:
    """Type a param's or a setting's value."""

    node: str
    name: str


@dataclass(frozen=True)
class TypeText:
    """Type a text. then: gets it; not called when it is given up."""

    title: str
    text: str
    then: Callable[[str], None]
    is_long: bool = False


@dataclass(frozen=True)
class ChooseFile:
    """Choose a file or a folder. kinds: suffixes with their dots, () for any. keeps: what is there stays as it is."""

    title: str
    kinds: tuple[str, ...]
    is_saving: bool
    then: Callable[[Path], None]
    is_folder: bool = False
    name: str = ""
    keeps: bool = False


@dataclass(frozen=True)
class ChooseSounds:
    """Choose sound files and folders, as many as one likes. then: gets them. begin: the folder to begin in."""

    title: str
    then: Callable[[tuple[Path, ...]], None]
    begin: Path


@dataclass(frozen=True)
class ChooseOne:
    """Choose from a list, from above; it may be given up."""

    title: str
    choices: tuple[tuple[str, Callable[[], None]], ...]


@dataclass(frozen=True)
class Confirm:
    """A question with a few answers; the last gives it up. title: what it is about.

    default: the answer that Enter gives, by its place, -1 the last: never one that allows, replaces or throws away.
    """

    text: str
    choices: tuple[tuple[str, Callable[[], None]], ...]
    title: str = "Latent Terrain"
    default: int = 0


@dataclass(frozen=True)
class Offer:
    """Something that can be done now, shown for a while at the foot of the canvas. label: of the button."""

    text: str
    label: str
    act: Callable[[], object]


@dataclass(frozen=True)
class ShowHelp:
    """The page of a node type; "" for that of all."""

    type: str = ""


@dataclass(frozen=True)
class Show:
    """Open or close a panel by its name."""

    panel: str


@dataclass(frozen=True)
class Quit:
    """Close the window."""


Ask: TypeAlias = (
    OpenSearch
    | OpenMenu
    | TypeValue
    | TypeText
    | ChooseFile
    | ChooseSounds
    | ChooseOne
    | Confirm
    | ShowHelp
    | Show
    | Quit
)

"""Labels: what people read in place of a name that patches, OSC addresses and code keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .declare import NodeSpec


@dataclass(frozen=True)
class Labels:
    """Beside a port's kind, ``Param`` or ``Setting``: the words shown for it on cards, in the inspector and in help.

    ``Annotated[float, Param(0, 10), Labels("touch x")]``. choices: (word, shown) of choices that are shown otherwise.
    """

    text: str = ""
    choices: tuple[tuple[str, str], ...] = ()


NO_LABEL = Labels()


class Labelled(Protocol):
    """The declaration of a port, a param or a setting."""

    @property
    def name(self) -> str:
        """As patches keep it."""
        ...

    @property
    def label(self) -> Labels:
        """As it was declared; empty for most."""
        ...


def label_in(marks: Iterable[object]) -> Labels:
    """The label among the marks of an annotation."""
    return next((mark for mark in marks if isinstance(mark, Labels)), NO_LABEL)


def label_of(one: Labelled) -> str:
    """The words for a port, a param or a setting: its label, else its name."""
    return one.label.text or one.name.replace("_", " ")


def choice_label(one: Labelled, word: str) -> str:
    """The words for one of its choices."""
    return dict(one.label.choices).get(word, word)


def title_of(spec: "NodeSpec") -> str:
    """The words for a node type: its title, else its name."""
    return spec.title or spec.type.replace("_", " ")


def name_label(spec: "NodeSpec | None", name: str) -> str:
    """The words for what a node type calls so: a param, a setting or a port; the name itself where it has none."""
    if spec is None:
        return name
    for declared in (spec.params, spec.settings, spec.inputs, spec.outputs):
        if name in declared:
            return label_of(declared[name])
    return name

"""Labels: what people read in place of a name that patches, OSC addresses and code keep."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .declare import NodeSpec
    from .faces import Faces

# Letters of a label that a setting gives; declarations that are kept as nodes show them.
LONGEST, MOST_KEPT = 24, 256
_as_set: dict[tuple[object, ...], "tuple[NodeSpec, NodeSpec]"] = {}
"""With what each was made of, whose identity is in the key."""


@dataclass(frozen=True)
class Labels:
    """Beside a port's kind, ``Param`` or ``Setting``: the words shown for it on cards, in the inspector and in help.

    ``Annotated[float, Param(0, 10), Labels("touch x")]``. choices: (word, shown) of choices that are shown otherwise.
    named_by: a setting of the node that is a list of texts, and the place in it where a param's label stands, if there
    is one (see ``as_set``).
    """

    text: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    named_by: tuple[str, int] | None = None


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


def as_set(spec: "NodeSpec", values: Mapping[str, Any], faces: "Faces | None" = None) -> "NodeSpec":
    """The declaration as a node with these values shows it.

    With the labels that its settings give to params, with the faces that it tells (``ParamFace``), and with the names
    of the inputs and params that are of use then: those that have faces, or that its type's ``uses(values)`` gives.
    """
    uses: Callable[[Mapping[str, Any]], Collection[str] | None] | None = getattr(spec.build, "uses", None)
    of_use = uses(values) if uses is not None else None
    if faces and faces.keys() <= spec.params.keys():
        of_use = (*spec.inputs, *(name for name, one in spec.params.items() if name in faces or not one.label.named_by))
    else:
        faces = {}
    given = {name: one.label.strip()[:LONGEST] for name, one in faces.items()}
    given |= {
        name: found for name, one in spec.params.items() if one.label.named_by and (found := _given(one.label, values))
    }
    if not given and of_use is None:
        return spec
    names = frozenset(of_use) if of_use is not None else None
    key = (id(spec), names, *given.items(), *faces.values())
    if key not in _as_set:
        if len(_as_set) >= MOST_KEPT:
            _as_set.clear()
        params = {
            name: replace(one, label=replace(one.label, text=given[name]), face=faces.get(name))
            if name in given
            else one
            for name, one in spec.params.items()
        }
        _as_set[key] = spec, replace(spec, params=MappingProxyType(params), of_use=names)
    return _as_set[key][1]


def _given(label: Labels, values: Mapping[str, Any]) -> str:
    setting, place = label.named_by or ("", 0)
    words = values.get(setting)
    found = words[place] if isinstance(words, list | tuple) and place < len(words) else ""
    return found.strip()[:LONGEST] if isinstance(found, str) else ""


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

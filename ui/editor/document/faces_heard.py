"""What the params of the nodes that play stand for, as the engine tells it."""

from collections.abc import Mapping

from ....engine.faces import NO_FACES, Faces, read_faces
from ..sound.interface import EditorSound
from .heard_names import HeardNames


class FacesHeard:
    """As of the last status. A node that does not play, as without an engine, has none."""

    def __init__(self, sound: EditorSound, names: HeardNames) -> None:
        self._sound, self._names = sound, names
        self._told: object = None
        self._faces: Mapping[str, Faces] = NO_FACES

    @property
    def now(self) -> Mapping[str, Faces]:
        """By the nodes that are on the canvas; the same object until something changes."""
        told = self._sound.status.numbers.get("faces")
        if told is not self._told:
            if told != self._told:
                self._faces = read_faces(told) if told else NO_FACES
            self._told = told
        return self._names.faces(self._faces)

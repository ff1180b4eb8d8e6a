"""A node of an instrument in the hands of a script: what it has are attributes."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine.typed import Where, taken
from ...graphs import EditError
from ...nodes.audiofile.permission import allow_write, may_write
from ..setting_edits import with_setting
from ..sound_list import SETTING, listed
from ..takes import TAKES, takes_of
from .sounds import Sounds
from .takes import Takes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...engine import FloatArray
    from .instrument import Instrument


class ScriptError(ValueError):
    """What a script asked for can't be done, or only in part; a sentence.

    faults: what went wrong, each in a sentence. sound: what was rendered all the same, float32 ``[2, samples]``.
    """

    def __init__(self, text: str, faults: "Sequence[str]" = (), sound: "FloatArray | None" = None) -> None:
        super().__init__(text)
        self.faults, self.sound = tuple(faults), sound


class NodeHandle:
    """One node of an instrument: its params and settings (``sounds`` can be edited), and ``takes``, are attributes."""

    _instrument: "Instrument"
    _name: str

    def __init__(self, instrument: "Instrument", name: str) -> None:
        object.__setattr__(self, "_instrument", instrument)
        object.__setattr__(self, "_name", name)

    def __getattr__(self, key: str) -> Any:
        instrument, name = self._instrument, self._name
        node = instrument.patch.nodes[name]
        spec = instrument.palette.get(node.type)
        if key == SETTING and instrument.palette.role(node.type) == "encoder":
            return Sounds(instrument, name, listed(instrument.patch, name))
        if spec is not None and key in spec.params:
            return node.values.get(key, spec.params[key].default)
        if spec is not None and key in spec.settings:
            return node.values.get(key, spec.settings[key].default)
        if key in node.values:
            return node.values[key]
        if key == TAKES and (takes_of(instrument.patch, name) or (spec is not None and TAKES in spec.outputs)):
            return Takes(instrument, name)
        raise AttributeError(f"{name} has no param or setting {key}; it has {', '.join(keys_of(instrument, name))}")

    def __setattr__(self, key: str, value: Any) -> None:
        instrument, name = self._instrument, self._name
        known = keys_of(instrument, name)
        if key not in known:
            raise ScriptError(f"{name} has no param or setting {key}; it has {', '.join(known)}")
        instrument._dispatcher.observe()
        node_type = instrument.patch.nodes[name].type
        spec = instrument.palette.get(node_type)
        try:
            if value is not None and spec is not None and key in spec.params:
                instrument.turn(name, key, value)
            else:
                value = checked(instrument, name, node_type, key, value) if value is not None else None
                instrument.edit(lambda patch: with_setting(patch, instrument.palette, name, key, value))
        except EditError as error:
            raise ScriptError(str(error)) from None
        instrument._dispatcher.observe()

    def glide_to(self, seconds: float, **values: Any) -> "Instrument":
        """Turn params within so many seconds."""
        instrument, name = self._instrument, self._name
        known = keys_of(instrument, name)
        node_type = instrument.patch.nodes[name].type
        spec = instrument.palette.get(node_type)
        known = known if spec is None else list(spec.params)
        for key in values:
            if key not in known:
                raise ScriptError(f"{name} has no param {key}; it has {', '.join(known)}")
        found = {key: checked(instrument, name, node_type, key, value) for key, value in values.items()}
        for key, value in found.items():
            instrument.turn(name, key, value, seconds)
        self._instrument._dispatcher.observe("script")
        return self._instrument

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *keys_of(self._instrument, self._name)]

    def __repr__(self) -> str:
        values = ", ".join(f"{key}={getattr(self, key)!r}" for key in keys_of(self._instrument, self._name))
        return f"<{self._name}: {values}>"


def checked(instrument: "Instrument", name: str, node_type: str, key: str, value: Any) -> Any:
    """A value as the param or setting of a node takes it (see ``typed.taken``). Raises ScriptError with a sentence.

    A type that is not known here takes what the patch can keep.
    """
    spec = instrument.palette.get(node_type)
    if spec is None:
        return value
    setting = spec.settings.get(key)
    try:
        found = taken(value, spec.params.get(key), setting, Where(instrument._folder))
        if setting is not None and setting.about.writes and isinstance(found, str) and found:
            place = instrument._folder / Path(found)
            if not may_write(place, instrument._folder):
                allow_write(place, instrument._folder)  # whoever writes a script says so by that
        return found
    except ValueError as error:
        raise ScriptError(f"{name}.{key}: {error}") from None


def check_port(instrument: "Instrument", end: str, is_input: bool) -> None:
    """Raises ScriptError for a port that is not there; of types that are not known, any may be."""
    name, _, port = end.partition(".")
    if not port:
        raise ScriptError(f"{end!r}: write NODE.PORT, such as tone.out")
    nodes = instrument.patch.nodes
    node = nodes.get(name)
    if node is None:
        raise ScriptError(f"{end}: the patch has no node {name}; it has {', '.join(nodes) or 'none'}")
    spec = instrument.palette.get(node.type)
    if spec is None:
        return
    ports = [*spec.inputs, *spec.params] if is_input else list(spec.outputs)
    if port not in ports:
        kind = "input or param" if is_input else "output"
        raise ScriptError(f"{end}: {name} has no {kind} {port}; it has {', '.join(ports) or 'none'}")


def keys_of(instrument: "Instrument", name: str) -> list[str]:
    """The params and settings of a node."""
    node = instrument.patch.nodes.get(name)
    if node is None:
        raise ScriptError(f"the patch has no node {name} any more")
    spec = instrument.palette.get(node.type)
    return [*spec.params, *spec.settings] if spec is not None else list(node.values)

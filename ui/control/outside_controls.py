"""All that plays a patch from outside, together: OSC in and out, MIDI, gamepads, Link, commands, mappings."""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...engine.messages import Beat, MessageError, Panic, RowsAt, TellFacts
from ...engine.palette import Palette
from ...engine.processes.guard import Guard
from ...engine.session.local import Session
from ...engine.sources.gamepad import GamepadIn
from ...engine.sources.midi import MidiInlet, MidiOutlet
from ...engine.sources.osc import OscInlet
from ...engine.sources.tempo import LinkIn
from ...engine.typed import param_of, setting_of
from ...graphs import Patch
from .changes import changed
from .dispatcher import ControlError, Dispatcher, is_tempo
from .health import health_of
from .midi_sender import MidiSenders
from .training_jobs import PROGRESS

LOOK_SECONDS = 0.02
# Whoever asks how it goes hears of sources as of so long ago.
FACTS_SECONDS = 1.0
MOST_SOURCES = 64


@dataclass(frozen=True)
class Inputs:
    """What to listen to, and to send to. osc: host and port, or None. midi: parts of devices' names; none: no MIDI.

    send_to: whom nodes like ``osc_out`` tell; midi_to: parts of names of the devices that nodes like ``midi_out`` play.
    link: take part in Ableton Link. gamepads: parts of names, as midi. …_backend: a module in place of the library,
    for tests.
    """

    osc: tuple[str, int] | None = None
    midi: tuple[str, ...] = ()
    send_to: tuple[str, int] | None = None
    midi_backend: str = ""
    link: bool = False
    link_backend: str = ""
    gamepads: tuple[str, ...] = ()
    gamepad_backend: str = ""
    midi_to: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to listen to, or to send to."""
        return bool(self.osc or self.midi or self.midi_to or self.gamepads or self.link)


# What is told while nothing is known of an engine.
UNKNOWN: Mapping[str, Any] = {
    "blocks": 0,
    "xruns": 0,
    "late_frames": 0,
    "is_playing": False,
    "load": {"p50": 0.0, "p99": 0.0},
}


class OutsideControls:
    """Listens until ``close``. Raises OscError, MidiError, GamepadError, LinkError where it can't."""

    def __init__(
        self,
        session: Session,
        palette: Palette,
        inputs: Inputs,
        folder: Path,
        file: Path | None = None,
        tell: Callable[[str], None] = print,
    ) -> None:
        self.session, self.inputs, self.tell = session, inputs, tell
        self.dispatcher = Dispatcher(session, palette, folder, file, tell)
        self.osc: OscInlet | None = None
        self.midi: MidiInlet | None = None
        self.gamepads: GamepadIn | None = None
        self.link: LinkIn | None = None
        self.midi_out: MidiOutlet | None = None
        self._senders: MidiSenders | None = None
        self._rate = 0.0
        self._known: Patch | None = None
        self._tempo = 0.0
        self._told_vectors: RowsAt | None = None
        self._sent: dict[str, tuple[float, ...]] = {}
        self._due: dict[str, float] = {}
        self._ended = threading.Event()
        self._heard_at: dict[str, float] = {}
        self._facts_due = 0.0
        self.own_facts: Mapping[str, Any] = {}
        """What the program tells of itself that has these controls (see ``facts``)."""
        try:
            if inputs.osc is not None:
                dispatcher = self.dispatcher

                def panic() -> None:
                    session.do(Panic())

                self.osc = OscInlet(
                    *inputs.osc,
                    self._turn,
                    panic,
                    self._status,
                    tell,
                    dispatcher.ask,
                    self._heard_osc,
                    dispatcher.keep,
                )
            if inputs.midi:
                self.midi = MidiInlet(inputs.midi, self._heard_midi, tell, inputs.midi_backend)
            if inputs.midi_to:
                self.midi_out = MidiOutlet(inputs.midi_to, tell, inputs.midi_backend)
                self._senders = MidiSenders(self.midi_out.send)
            if inputs.gamepads:
                self.gamepads = GamepadIn(inputs.gamepads, self._heard_gamepad, tell, inputs.gamepad_backend)
            if inputs.link:
                tempo = tempo_of(session.patch, palette)
                self.link = LinkIn(self._heard_link, self._heard_playing, tell, tempo, inputs.link_backend)
                tell("Ableton Link on: sharing tempo, beat and transport with this network")
                self.dispatcher.shared = self._shared
        except BaseException:
            self.close()
            raise
        self.dispatcher.training.listeners.append(self._tell_training)
        # Before anybody can send: an address that the gateway has not been told of is passed over.
        Guard("external control", tell)(self.look, 0.0)
        self._thread = threading.Thread(target=self._look_on, name="hands", daemon=True)
        self._thread.start()

    @property
    def palette(self) -> Palette:
        """The node types, and the definitions of the patch as it is now."""
        return self.dispatcher.palette

    @property
    def is_heard(self) -> bool:
        """Whether anything of it still runs; what keeps crashing was given up, with a sentence."""
        return any(one is not None and one.is_kept for one in self._processes)

    def close(self) -> None:
        """Listen no more."""
        self._ended.set()
        if self._senders is not None:
            self._senders.close()
        for one in self._processes:
            if one is not None:
                one.close()
        if self.inputs.link or self.inputs.midi:
            self._follow_beat(0.0, 0.0, 0.0)
        self.dispatcher.close()

    def facts(self) -> dict[str, Any]:
        """What these controls know of themselves: when each source was heard last, and what is trained."""
        now = self.dispatcher.training.status
        training = {"training": f"{now.node} {now.done:.0%}"} if now.is_busy else {}
        return {"sources": dict(self._heard_at), **training}

    def look(self, seconds: float) -> None:
        """Follow the patch as it is now; called often. seconds: since the last time."""
        if time.monotonic() >= self._facts_due:
            self._facts_due = time.monotonic() + FACTS_SECONDS
            with suppress(MessageError):  # nothing plays
                self.session.do(TellFacts(program=f"controls {os.getpid()}", facts=self.facts()))
        self.dispatcher.hear_saved(self.session.latest_status.get("facts", {}))
        patch = self.session.patch
        if patch is not self._known:
            before, self._known = self._known, patch
            self.dispatcher.observe()
            if self.osc is not None:
                self.osc.names(patch, self.palette)
                if self.osc.listeners and before is not None:
                    self.osc.changed(changed(before, patch, self.palette))
        if self.osc is not None:
            controls = self.dispatcher
            self.osc.listen(controls.addresses(), self.session.learning is not None, controls.vectors())
            if (there := self.osc.vectors_at) is not None and there != self._told_vectors:
                self._told_vectors = there
                with suppress(MessageError):  # nothing plays
                    self.session.do(there)
        if self.osc is not None and self.inputs.send_to is not None:
            self._send(patch, seconds)
        if self._senders is not None:
            names = self.palette.names(patch, "midi_sender")
            if names and not self._rate:
                self._rate = float(self.session.latest_status.get("sample_rate", 0.0))
            if self._rate or not names:
                shown = {name: self.session.reading(name, "messages") for name in names}
                self._senders.look(shown, self._rate)

    def _tell_training(self, address: str, values: list[Any]) -> None:
        if address != PROGRESS:
            self.tell(" ".join(f"{one:.3g}" if isinstance(one, float) else str(one) for one in (address, *values)))
        if self.osc is not None:
            self.osc.tell(address, values)

    @property
    def _processes(self) -> "tuple[OscInlet | MidiInlet | MidiOutlet | GamepadIn | LinkIn | None, ...]":
        return self.osc, self.midi, self.midi_out, self.gamepads, self.link

    def _status(self) -> Mapping[str, Any]:
        """How it goes, and whether that is well (``health``), for ``/status``."""
        status = {**UNKNOWN, **self.session.latest_status}
        facts = {"controls": self.facts(), "own": self.own_facts}
        return {**status, "health": health_of(self.session.latest_status, facts)}

    def _turn(self, node: str, param: str, value: Any, seconds: float = 0.0, at: float = 0.0) -> None:
        self._note("osc")
        self.dispatcher.turn(node, param, value, seconds, at)

    def _note(self, source: str) -> None:
        """A source has been heard now."""
        if source in self._heard_at or len(self._heard_at) < MOST_SOURCES:
            self._heard_at[source] = time.time()

    def _look_on(self) -> None:
        guard = Guard("external control", self.tell)
        while not self._ended.wait(LOOK_SECONDS):
            guard(self.look, LOOK_SECONDS)

    def _heard_gamepad(self, source: str, numbers: list[float]) -> None:
        self._note(source.partition("/")[0])
        self.dispatcher.control(source, numbers)

    def _heard_osc(self, address: str, numbers: list[float]) -> None:
        self._note(f"osc {address}")
        self.dispatcher.control(f"osc:{address}", numbers)

    def _heard_midi(self, source: str, numbers: list[float]) -> None:
        self._note(source.partition("/")[0])
        kind = source.rpartition("/clock/")[2] if "/clock/" in source else ""
        if not kind:
            self.dispatcher.control(source, numbers)
            return
        if kind == "beat" and is_tempo(numbers[1]):
            self._follow_beat(*numbers)
        elif kind == "tempo":
            self._transport("tempo", [round(numbers[0], 1)])
        elif kind in ("start", "stop"):
            self._transport("play" if kind == "start" else "stop", [])

    def _heard_link(self, beat: float, tempo: float, when: float) -> None:
        self._note("link")
        self._follow_beat(beat, tempo, when)
        if round(tempo, 2) != self._tempo:
            self._tempo = round(tempo, 2)
            self._transport("tempo", [self._tempo])

    def _follow_beat(self, beat: float, tempo: float, when: float) -> None:
        self.session.do(Beat(beat=beat, tempo=tempo, at=when))

    def _heard_playing(self, is_playing: bool) -> None:
        self._transport("play" if is_playing else "stop", [])

    def _transport(self, what: str, arguments: list[Any]) -> None:
        with suppress(ControlError):  # a patch without tempo, or a clock beyond reason: nothing follows it
            self.dispatcher.do(f"/transport/{what}", arguments)

    def _shared(self, command: str, arguments: list[Any]) -> bool:
        """Let all who take part in Link do what was asked for here."""
        what = command.removeprefix("/transport/")
        if self.link is None or what == command:
            return False
        if what == "tempo" and len(arguments) == 1 and is_tempo(arguments[0]):
            self.link.set_tempo(float(arguments[0]))
            return True
        if what in ("play", "stop"):
            self.link.set_playing(what == "play")
            return True
        return False

    def _send(self, patch: Patch, seconds: float) -> None:
        for name in self._due.keys() - patch.nodes.keys():
            self._due.pop(name, None)
            self._sent.pop(name, None)
        for name in self.palette.names(patch, "osc_sender"):
            if self.osc is None or self.inputs.send_to is None:
                continue
            node = patch.nodes[name]
            self._due[name] = self._due.get(name, 0.0) - seconds
            values, spec = self.session.reading(name, "values"), self.palette[node.type]
            address = setting_of(node, spec.settings["address"])
            if values is None or self._due[name] > 0 or not address.startswith("/"):
                continue
            numbers = tuple(float(one) for one in values)
            if numbers and numbers != self._sent.get(name):
                self._sent[name] = numbers
                self._due[name] = 1.0 / float(param_of(node, spec.params["rate"]))
                self.osc.send(self.inputs.send_to, address, numbers)


def tempo_of(patch: Patch, palette: Palette) -> float:
    """The tempo of a patch: of the first node that has one, or 120."""
    for node in patch.nodes.values():
        spec = palette.get(node.type)
        if spec is not None and "tempo" in spec.params:
            tempo = param_of(node, spec.params["tempo"])
            return float(tempo) if is_tempo(tempo) else 120.0
    return 120.0


def names_from(words: Sequence[str]) -> tuple[str, ...]:
    """Parts of device names as they are asked for: ``all`` is any device."""
    return tuple("" if one.lower() == "all" else one for one in words)

"""The messages of an engine, or an editor, and the processes that listen or learn for it (see ``processes.child``)."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from ..problems import Problem
from . import Changing, Count, Finite, General, Message, Piece, Value, decoder

# An engine in a process of its own (``link.host``), which outlives who started it.


class Hosting(Message, frozen=True):
    """The order: how to start an engine. linger_seconds: how long it plays on when its last client has gone.

    sample_rate: Hz, 0 for the device's own. player: ``module:class``, the usual one where there is none. owner: the
    process with which it ends, however that ends; 0: with none. name, patch: see ``registry.announce``.
    """

    folder: str = ""
    device: str | None = None
    input: str | None = None
    sample_rate: int = 48_000
    block: int = 256
    linger_seconds: float = 600.0
    player: str = ""
    owner: int = 0
    name: str = ""
    patch: str = ""


class HostAddress(Message, frozen=True):
    """Where it is (see ``link.registry.Address``); it says nothing more."""

    process: int
    where: str
    key: bytes
    mark: str


TO_HOST = decoder(Hosting)
FROM_HOST = decoder(HostAddress | General)

# A command of ours beside an engine (``ui.child_command``).


class RunCommand(Message, frozen=True):
    """The order: the words of a command line."""

    words: list[str]


class CommandSaid(Message, frozen=True):
    """What it says to people."""

    text: str


TO_COMMAND = decoder(RunCommand)
FROM_COMMAND = decoder(CommandSaid | General)

# OSC in (``osc.gateway``).

Sender: TypeAlias = tuple[str | int, ...]
"""Where packets come from and go to, as the system has it: host, port, and for IPv6 two numbers more."""
Plain: TypeAlias = float | int | bool | str | None
"""What OSC can carry."""


class Range(Struct, frozen=True, array_like=True):
    """What a param takes (see ``declare.ParamSpec``)."""

    low: float
    high: float
    kind: str
    choices: tuple[str, ...] = ()
    curve: str = ""


Ranges: TypeAlias = dict[str, dict[str, Range]]
"""Node name -> param name -> its range."""


class Names(Message, frozen=True):
    """The params that can be turned from now on. version: counts them, 0 for none."""

    version: Count
    ranges: Ranges


class Listen(Message, frozen=True):
    """Addresses of others' devices to hear too; hears_all: any that is unknown.

    vectors: those of which every message is written to the memory at path, each to the ring of its place.
    """

    addresses: list[str]
    hears_all: bool
    vectors: tuple[str, ...] = ()
    path: str = ""


class Subscribed(Message, frozen=True):
    """The addresses of values of which a sender hears."""

    sender: Sender
    words: list[str]


class HearOsc(Message, frozen=True):
    """The order: where to listen, and all that it knew before."""

    host: str
    port: int
    names: Names
    listen: Listen
    subscribed: list[Subscribed]


class Brought(Struct, frozen=True, array_like=True):
    """The newest numbers of an address whose rows lie in memory. sent: how many came, of which 128 are taken."""

    address: str
    sent: Count
    numbers: list[Finite]


class OscNews(Message, frozen=True):
    """What has been asked for since last told.

    values: node, param, value, and whether it is one of 0 … 1; timed: these and when; heard: others' addresses with
    their numbers; asked: numbers of commands, to be answered by Reply, with addresses and arguments; brought: the
    newest of addresses whose rows lie in memory, ten times a second.
    """

    version: Count
    values: list[tuple[str, str, Value, bool]]
    timed: list[tuple[str, str, Value, bool, Finite]]
    heard: list[tuple[str, list[Finite]]]
    commands: list[str]
    remarks: list[str]
    counts: dict[str, Count]
    asked: tuple[tuple[Count, str, list[Plain]], ...] = ()
    brought: tuple[Brought, ...] = ()


class OscStatus(Message, frozen=True):
    """The answer to all who asked for the status."""

    values: list[Plain]


class Reply(Message, frozen=True):
    """What became of a command. asked: its number; address: ``/done``, ``/fail`` or another."""

    asked: Count
    address: str
    values: list[Plain]


class ValuesChanged(Message, frozen=True):
    """Addresses and values, for who hears of them."""

    values: list[tuple[str, Plain]]


class TellOsc(Message, frozen=True):
    """A message for all who have subscribed to its address."""

    address: str
    values: list[Plain]


class SendOsc(Message, frozen=True):
    """Numbers to send somewhere."""

    host: str
    port: int
    address: str
    values: list[Finite]


TO_OSC = decoder(HearOsc | Names | Listen | OscStatus | Reply | ValuesChanged | TellOsc | SendOsc)
FROM_OSC = decoder(OscNews | Subscribed | General)

# MIDI and gamepads (``midi.gateway``, ``midi.sender``, ``gamepad.gateway``).


class UseDevices(Message, frozen=True):
    """The order: devices whose names have one of these parts. backend: a module in place of the usual one."""

    names: list[str]
    backend: str = ""


class ControlsMoved(Message, frozen=True):
    """Sources (see ``MidiIn``, ``GamepadIn``) and their numbers."""

    events: list[tuple[str, list[Finite]]]


class SendMidi(Message, frozen=True):
    """Messages, each with when it is to be sent (of ``time.monotonic``)."""

    messages: list[tuple[Finite, Annotated[bytes, Meta(min_length=1)]]]


TO_DEVICES = decoder(UseDevices | SendMidi)
FROM_DEVICES = decoder(ControlsMoved | General)

# Ableton Link (``tempo.gateway``).


class JoinLink(Message, frozen=True):
    """The order: what the session is to begin with, until others tell. backend: a module like ``link``."""

    tempo: Finite
    is_playing: bool
    backend: str = ""


class SetTempo(Message, frozen=True):
    """The tempo of all, in beats per minute."""

    tempo: Finite


class LinkPlaying(Message, frozen=True):
    """Whether the transport runs; from either side."""

    is_playing: bool


class LinkBeat(Message, frozen=True):
    """That beat is at that time (seconds since 1970), at so many beats per minute."""

    beat: Finite
    tempo: Finite
    when: Finite


TO_LINK = decoder(JoinLink | SetTempo | LinkPlaying)
FROM_LINK = decoder(LinkBeat | LinkPlaying | General)

# The trainer (``link.training``).


class Train(Message, frozen=True):
    """The order. palette: ``module:function`` that gives one."""

    palette: str


class TrainPatch(Changing, frozen=True):
    """The patch is to be learned, in place of the one before (see ``run_jobs``)."""

    training: Count
    folder: str
    only: list[str] | None
    again: bool
    sample_rate: Finite
    snapshot_seconds: Finite


class Pace(Message, frozen=True):
    """Work only this share of the time."""

    pace: Annotated[float, Meta(ge=0.0, le=1.0)]


class Tune(Message, frozen=True):
    """What a node's job lets be turned while it works."""

    node: str
    values: dict[str, Finite]


class StopTraining(Message, frozen=True):
    """End it, and keep the best."""


class ReportProgress(Message, frozen=True):
    """How far a job of a node is, 0 … 1."""

    training: Count
    node: str
    job: str
    done: Finite
    text: str


class ReportSnapshot(Message, frozen=True):
    """A node's content if its job ended now: arrays by sha256, and the names of those that stay."""

    training: Count
    node: str
    content: dict[str, str]
    kept: list[str]


class ReportLearned(Changing, frozen=True):
    """A training run's end (see ``training.jobs.JobResults``)."""

    training: Count
    done: tuple[str, ...]
    skipped: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    stopped: bool


class ReportFailed(Message, frozen=True):
    """A training run that came to nothing, and why."""

    training: Count
    text: str
    problems: tuple[Problem, ...] = ()


TO_TRAINER = decoder(Train | Piece | TrainPatch | Pace | Tune | StopTraining)
FROM_TRAINER = decoder(Piece | ReportProgress | ReportSnapshot | ReportLearned | ReportFailed | General)

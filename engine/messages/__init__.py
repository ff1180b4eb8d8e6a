"""Every message that crosses between two processes, checked where it arrives; here those of an engine and its clients.

``children`` and ``workers`` have those of a process and the processes that it starts. A message is a struct, and on the
wire a msgpack map with its name in small letters under ``op``. Unknown fields are passed over. What is no message that
may come there is a MessageError, whose sentence goes back to its sender, and the connection goes on. To add one: write
its struct, name it in the union of those who send it, send it, and give it a ``case`` where it is heard.
"""

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.msgpack import Decoder

from ..beat import FAST, SLOW
from ..problems import Problem
from .base import Changing, Count, Error, Finite, Message, MessageError, Time, Value, decode, decoder, encode
from .shared_memory import MOST_DIMENSIONS, BoardAt, RowsAt, Slot

__all__ = [
    "MOST_DIMENSIONS",
    "BoardAt",
    "Changing",
    "Count",
    "Error",
    "Finite",
    "Message",
    "MessageError",
    "RowsAt",
    "Slot",
    "Time",
    "Value",
    "decode",
    "decoder",
    "encode",
]
# Told in the greeting. It rises when a message changes its meaning; messages and optional fields come without.
PROTOCOL = 5
Watched: TypeAlias = Literal["readings", "status"]


# Both ways.


class Hello(Message, frozen=True):
    """Begins a connection, from either side. key: proves to an engine that one may."""

    protocol: int = 0
    key: bytes = b""


class Piece(Message, frozen=True):
    """A part of an array of ``size`` bytes; arrays cross once each, before the message that names them."""

    sha256: str
    dtype: str
    shape: list[Count]
    size: Count
    begin: Count
    data: bytes


# From a client.


class Edit(Changing, frozen=True):
    """The patch is to be edited. base: the revision that was known when it was made."""

    base: Count


class OpenDocument(Edit, frozen=True):
    """The patch is to be another document, whose files are in a folder; the change leads there from the present one.

    is_other: nothing of what plays is to go on; False: the same patch lies somewhere else now.
    """

    folder: str
    is_other: bool = True


class Audition(Changing, frozen=True):
    """What is heard is to be another patch than the document, which stays; the change leads there, and has no arrays.

    An empty one: the document is heard again. It ends with its client.
    """


class UseDevice(Message, frozen=True):
    """Play on another device, or, ``is_on`` False, on none: it is free then, and nothing is computed.

    device, input: as ``drivers.Wanted`` has them.
    """

    device: str | None = None
    input: str | None = None
    is_on: bool = True


class RecordTo(Message, frozen=True):
    """Record the output into a file from now on, .wav or .flac; none: end that. file: absolute.

    goes_on: this has been asked for before: a recording there goes on, and what was recorded there stays beside it.
    """

    file: str = ""
    goes_on: bool = False


class LearnControl(Message, frozen=True):
    """The next controller that moves is to turn a param, or without a node recall the snapshot ``param``.

    by_number: the number of what is pressed is followed; without a node it recalls the snapshot of that number.
    seconds: of gliding to a snapshot. Nothing of all this: none is to do so any more. Told to all clients.
    """

    node: str = ""
    param: str = ""
    by_number: bool = False
    seconds: Time = 0.0

    @property
    def is_wanted(self) -> bool:
        """Whether a controller is to be learned."""
        return bool(self.node or self.param or self.by_number)


class TellFacts(Message, frozen=True):
    """What a program that plays this engine from outside tells of itself, for whoever asks how it goes (``Status``).

    program: what it is called; what it told before is forgotten, and what is not told again for some seconds too.
    """

    program: str
    facts: dict[str, Any]


class Bar(Message, frozen=True):
    """A bar begins now: what waits for the beat or the bar counts from here."""


class Turn(Message, frozen=True):
    """A param is to be turned. seconds: of gliding; at: when, in seconds since 1970, 0 for now."""

    node: str
    param: str
    value: Value
    seconds: Time = 0.0
    at: Time = 0.0


class Beat(Message, frozen=True):
    """That beat of a clock outside is heard at that time. tempo: beats per minute; 0: it counts no more."""

    beat: Annotated[float, Meta(gt=-1e12, lt=1e12)]
    tempo: Annotated[float, Meta(ge=0.0, le=FAST)]
    at: Time

    def __post_init__(self) -> None:
        """Raises ValueError for a tempo that no clock has."""
        if 0.0 < self.tempo < SLOW:
            raise ValueError(f"tempo: {self.tempo:g} is slower than {SLOW:g} beats per minute")


class Panic(Message, frozen=True):
    """Silence, then play on."""


class Ask(Message, frozen=True):
    """How is it going? Answered by Status."""


class Capture(Message, frozen=True):
    """What has been recorded? Answered by Taken."""


class Keep(Message, frozen=True):
    """What was recorded goes into the patch. Answered by Kept."""


class Subscribe(Message, frozen=True):
    """From now on have these, and no others."""

    what: list[Watched]


class Stop(Message, frozen=True):
    """The engine is to end."""


class Detach(Message, frozen=True):
    """The engine is to play on when the program that started it has ended."""


class Bye(Message, frozen=True):
    """The client goes."""


# From an engine. seen: how many of the client's edits and turns the document had by then.


class Changed(Changing, frozen=True):
    """Another has edited the patch, or this is all of it."""

    revision: Count
    seen: Count
    is_whole: bool = False


class Turned(Message, frozen=True):
    """Others have turned params: node, param and value of each."""

    values: list[tuple[str, str, Value]]
    seen: Count


class Accepted(Message, frozen=True):
    """The client's own edit is made."""

    revision: Count
    seen: Count


class Refused(Message, frozen=True):
    """The client's own edit could not be made; all of the patch follows."""

    text: str
    seen: Count


class Compiled(Message, frozen=True):
    """A revision plays, with what is wrong with it."""

    revision: Count
    problems: list[Problem]


class Forgot(Message, frozen=True):
    """Arrays that an edit has to bring again if it names them."""

    arrays: list[str]


class Status(Message, frozen=True):
    """How it is going (see ``Live.status``): an answer, or without number for who subscribed."""

    status: dict[str, Any]


class Taken(Message, frozen=True):
    """What was recorded: the names of arrays by sha256, by node."""

    taken: dict[str, dict[str, str]]


class Kept(Message, frozen=True):
    """What was recorded is in the patch."""

    revision: Count


class Note(Struct, frozen=True, omit_defaults=True):
    """One thing that happened. kind: fault, failure, remark, frames, slow, record, device, engine, edit, error, reload.

    details: the traceback of what a node raised.
    """

    kind: str
    text: str = ""
    node: str = ""
    severity: str = ""
    details: str = ""


class News(Message, frozen=True):
    """What happened."""

    news: list[Note]


class Stopping(Message, frozen=True):
    """The engine ends because somebody said so."""


Order: TypeAlias = (
    Audition | Bar | Beat | LearnControl | TellFacts | OpenDocument | Panic | RecordTo | RowsAt | UseDevice
)
"""What is done beside playing what is edited and turned."""
Request: TypeAlias = (
    Hello | Edit | Order | Piece | Turn | Ask | Capture | Keep | Subscribe | Stop | Detach | Bye | Error
)
Answer: TypeAlias = Status | Taken | Kept | Error
Report: TypeAlias = (
    Hello
    | Piece
    | Changed
    | Turned
    | LearnControl
    | Accepted
    | Refused
    | Compiled
    | Forgot
    | BoardAt
    | Answer
    | News
    | Stopping
)


# From any process to the one that started it. The first message to it is its order (see ``children``).


class Ready(Message, frozen=True):
    """It has begun. port, address: where it can be reached, if that is somewhere."""

    port: int = 0
    address: str = ""


class Alive(Message, frozen=True):
    """Its process runs; told once a second, whatever its work does."""


class Remark(Message, frozen=True):
    """A sentence for people."""

    text: str


class Unable(Message, frozen=True):
    """It can't do what it was started for, and ends."""

    text: str


class Failed(Message, frozen=True):
    """It ends by a fault of its own."""

    text: str


class Confined(Message, frozen=True):
    """What was taken from it; from now on it is somebody else's program."""

    done: list[str]


class Done(Message, frozen=True):
    """The answer that tells no more; unasked: it ends, as it should."""


class Gone(Message, frozen=True):
    """It has ended. Made by its parent alone."""

    code: int


class Tried(Message, frozen=True):
    """What it tried to do while confined, and was denied. Made by its parent alone."""

    text: str


General: TypeAlias = Ready | Alive | Remark | Confined | Done | Failed | Unable | Error
"""What every child may say."""


def check_protocol(hello: Hello) -> None:
    """Raises MessageError for another protocol than ours."""
    if hello.protocol != PROTOCOL:
        theirs = hello.protocol or "an older one"
        words = f"it speaks protocol {theirs}, and this program {PROTOCOL}"
        raise MessageError(f"{words}; use the same version of latent-terrain on both sides")


FROM_CLIENT: Decoder[Request] = decoder(Request)
FROM_ENGINE: Decoder[Report] = decoder(Report)

"""OSC in: has the gateway run, turns what it tells, and knows what it has to know when it is started again."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import Any, TypeAlias

from ....graphs import Patch
from ...declare import Scalar
from ...messages import Ready, RowsAt
from ...messages.children import (
    FROM_OSC,
    Brought,
    HearOsc,
    Listen,
    Names,
    OscNews,
    OscStatus,
    Plain,
    Ranges,
    Reply,
    SendOsc,
    Subscribed,
    TellOsc,
    ValuesChanged,
)
from ...missing_package import install_command
from ...palette import Palette
from ...processes.guard import Guard
from ...processes.shared import SharedArrays
from ...processes.supervisor import SupervisedChild
from ...typed import is_number
from ...vectors import MOST_ADDRESSES, new_memory
from .addresses import OscError
from .ranges import from_norm, ranges_of, taken

Answer: TypeAlias = Callable[[str, list[Any]], None]
"""Called once with the address and the values of an answer."""
MOST_LISTENED = 1024
GATEWAY = "latent_terrain.engine.sources.osc.gateway:serve"


class OscInlet:
    """Listens from when it is made, hears once it was told ``names``, until ``close``; not for the audio thread.

    host, port: where to listen; port 0 takes a free one, see ``port``. turn: called with node, param and value in the
    param's units; for what has a time with 0 (seconds of gliding) and when as well. panic: called for ``/panic``.
    status: gives what ``Performance.status`` gives, for ``/status``. tell: takes one sentence for people. ask: called
    with a command (``session/command_table.py``), its arguments, and what to call with the answer's address and values.
    control: called with an address and numbers that somebody listens to (see ``listen``). keep: called ten times a
    second with the newest numbers of an address whose rows go to memory. All are called on a thread of
    its own and must not wait; what they raise is told once. Raises OscError where it can't listen.
    """

    def __init__(
        self,
        host: str,
        port: int,
        turn: Callable[..., None],
        panic: Callable[[], None],
        status: Callable[[], Mapping[str, Any]],
        tell: Callable[[str], None],
        ask: Callable[[str, list[Any], Answer], None] | None = None,
        control: Callable[[str, list[float]], None] | None = None,
        keep: Callable[[Brought], None] = lambda brought: None,
    ) -> None:
        if find_spec("pythonosc") is None:
            raise OscError(f"OSC needs python-osc, which is not installed; run: {install_command('python-osc')}")
        self.host, self.port = host, port
        self._turn, self._panic, self._status, self._tell = turn, panic, status, tell
        self._ask, self._control, self._keep = ask, control, keep
        self._memory: SharedArrays | None = None
        self._listening = Listen(addresses=[], hears_all=False)
        self._subscribed: dict[tuple[str | int, ...], Subscribed] = {}
        self._known = Names(version=0, ranges={})
        self._counts: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._guard = Guard("OSC", tell)
        self._process = SupervisedChild("OSC", GATEWAY, self._order, FROM_OSC, self._hear, tell, ended=self._count_on)
        try:
            self._process.begin()
        except OSError as error:
            raise OscError(str(error)) from None

    @property
    def counts(self) -> Mapping[str, int]:
        """What came in so far: packets, values, and what was clipped, refused, unknown or malformed."""
        return self._before + self._counts

    @property
    def pid(self) -> int:
        """The gateway's process number."""
        return self._process.pid

    @property
    def listeners(self) -> int:
        """How many want to hear of values that change."""
        return len(self._subscribed)

    def names(self, patch: Patch, palette: Palette) -> None:
        """This patch's params can be turned from now on; call it after every edit. Cheap when they are the same."""
        ranges = ranges_of(patch, palette)
        with self._lock:
            if ranges == self._known.ranges:
                return
            self._known = Names(version=self._known.version + 1, ranges=ranges)
            self._process.send(self._known)

    def listen(self, addresses: Iterable[str], all_: bool = False, vectors: Iterable[str] = ()) -> None:
        """Hear these addresses of others' devices too; all_: any that is unknown.

        vectors: those of which all rows are to lie in memory (see ``vectors_at``).
        """
        known, streams = sorted(set(addresses))[:MOST_LISTENED], set(vectors)
        with self._lock:
            if streams and self._memory is None:
                self._memory = new_memory()
            path = str(self._memory.path) if self._memory is not None else ""
            places = _placed(self._listening.vectors, streams)
            wanted = Listen(addresses=known, hears_all=all_, vectors=places, path=path)
            if wanted != self._listening:
                self._listening = wanted
                self._process.send(wanted)
            left_out = streams - set(places)
        if left_out:
            text = f"no more than {MOST_ADDRESSES} addresses of sensors are heard; {sorted(left_out)[0]} is left out"
            self._guard.say(OscError(text))

    @property
    def vectors_at(self) -> RowsAt | None:
        """Where an engine finds the rows; None while none are asked for."""
        listening = self._listening
        return RowsAt(path=listening.path, addresses=listening.vectors) if listening.path else None

    def changed(self, values: Iterable[tuple[str, Scalar]]) -> None:
        """Tell those who subscribed of values that have changed: (address, value)."""
        self._process.send(
            ValuesChanged(values=[one for one in values if isinstance(one[1], bool | int | float | str)])
        )

    def tell(self, address: str, values: Iterable[Any]) -> None:
        """Send a message to all who have subscribed to its address."""
        if self._subscribed:
            self._process.send(TellOsc(address=address, values=[*map(_plain, values)]))

    def send(self, to: tuple[str, int], address: str, values: Iterable[float]) -> None:
        """Send numbers somewhere."""
        self._process.send(SendOsc(host=to[0], port=to[1], address=address, values=[*filter(is_number, values)]))

    @property
    def is_kept(self) -> bool:
        """Whether its process runs, or is about to run again."""
        return self._process.is_kept

    def close(self) -> None:
        """Listen no more. May be called again."""
        self._process.close()
        with self._lock:
            if self._memory is not None:
                self._memory.close()

    def _order(self) -> HearOsc:
        """All that the gateway has to know when it starts."""
        return HearOsc(
            host=self.host,
            port=self.port,
            names=self._known,
            listen=self._listening,
            subscribed=list(self._subscribed.values()),
        )

    def _hear(self, message: Ready | OscNews | Subscribed) -> None:
        """Something the gateway tells; on its reader's thread."""
        match message:
            case OscNews():
                self._take(message)
            case Ready():
                self.port = message.port
            case Subscribed() if message.words:
                self._subscribed[message.sender] = message
            case Subscribed():
                self._subscribed.pop(message.sender, None)

    def _take(self, news: OscNews) -> None:
        if "panic" in news.commands:
            self._panic()
        known = self._known
        is_current = news.version == known.version
        for one in (*news.values, *news.timed):
            self._guard(self._turned, known.ranges, is_current, *one)
        if self._control is not None:
            for address, numbers in news.heard:
                self._guard(self._control, address, numbers)
        for brought in news.brought:
            self._guard(self._keep, brought)
        for number, address, arguments in news.asked:
            self._guard(self._do, number, address, arguments)
        for remark in news.remarks:
            self._tell(f"OSC {remark}")
        self._counts = Counter(news.counts)
        if "status" in news.commands:
            self._process.send(OscStatus(values=_status_values(self._status())))

    def _turned(self, ranges: Ranges, is_current: bool, node: str, param: str, value: Any, *how: Any) -> None:
        """Turn a param, if the value is one for what is called so now. how: whether 0 … 1 is meant, and when."""
        about = ranges.get(node, {}).get(param)
        is_norm, when = how[0], how[1:]
        if about is not None and (is_current or not taken(about, [value], is_norm).remark):
            meant = from_norm(about, value) if is_norm else value
            self._turn(node, param, meant, *((0.0, *when) if when else ()))

    def _do(self, number: int, address: str, arguments: list[Any]) -> None:
        start = self._process.starts

        def answer(reply: str, values: list[Any]) -> None:
            if start == self._process.starts:  # the next gateway's numbers are others' questions
                self._process.send(Reply(asked=number, address=reply, values=[*map(_plain, values)]))

        if self._ask is None:
            answer("/fail", ["not supported here"])
        else:
            self._ask(address, arguments, answer)

    def _count_on(self, why: str) -> None:
        self._before, self._counts = self._before + self._counts, Counter()


def _placed(before: tuple[str, ...], wanted: set[str]) -> tuple[str, ...]:
    """The addresses with a ring each: those that had one keep it, others take free ones; what is unwanted stays."""
    places, waiting = list(before), sorted(wanted - set(before))
    free = [place for place, address in enumerate(places) if address not in wanted]
    for address in waiting:
        if len(places) < MOST_ADDRESSES:
            places.append(address)
        elif free:
            places[free.pop(0)] = address
    return tuple(places)


def _plain(value: object) -> Plain:
    """A value as a message between processes can hold it; others as texts."""
    return value if isinstance(value, bool | int | float | str) else repr(value)


def _status_values(status: Mapping[str, Any]) -> list[Plain]:
    """Blocks, xruns, late frames, the load's middle and 99th percentile, 1 while blocks are made, else 0; then health.

    Of that: 1 for well, else 0; 1 for heard on a device, else 0; blocks of the last second; peak and rms of it in dB;
    the device; and why it is not well.
    """
    load, health = status["load"], status.get("health")
    counts = (int(status[key]) for key in ("blocks", "xruns", "late_frames"))
    numbers: list[Plain] = [*counts, float(load["p50"]), float(load["p99"]), int(status["is_playing"])]
    if health is None:
        return numbers
    told = [int(health.get(key, 0)) for key in ("is_well", "is_heard", "blocks_last_second")]
    levels = [float(-200.0 if (level := health.get(key)) is None else level) for key in ("peak_db", "rms_db")]
    return [*numbers, *told, *levels, str(health.get("device", "")), "; ".join(health.get("why", ()))]

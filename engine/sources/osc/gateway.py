"""The gateway: a process that hears OSC for the engine, so that a flood of it costs no sound.

It tells its parent at most one message in 5 ms, with the newest value of what was turned. See ``collector``.
"""

import errno
import logging
import socket
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from itertools import count
from typing import Any

from ...messages import Ready, Remark, Unable
from ...messages.children import (
    TO_OSC,
    HearOsc,
    Listen,
    Names,
    OscStatus,
    Plain,
    Reply,
    SendOsc,
    Subscribed,
    TellOsc,
    ValuesChanged,
)
from ...processes.child import Parent
from ...processes.guard import Guard
from ...vectors import VectorWriter
from .collector import Collector
from .listeners import MOST_ASKING, Listeners, Sender
from .packets import packed

# Between two messages to the parent, at least.
TURN_SECONDS = 0.005
# Between two messages that only bring counts.
COUNT_SECONDS = 0.5
# How addresses begin that can be subscribed to.
SUBSCRIBED = ("/node/", "/training/")
# Between two messages with rows that the patch keeps; those that sound don't wait for them.
KEEP_SECONDS = 0.1
# Between two questions for the status; who asks in between gets the same answer.
STATUS_SECONDS = 0.1
MOST_COMMANDS, MOST_ANSWERS, MOST_ARGUMENTS = 64, 1024, 128
# Packets taken before it is looked whether it is time to tell.
MOST_AT_ONCE = 64
LARGEST_PACKET = 65_536
# Bytes of what Linux says of a packet that did not arrive, and the option by which it says so.
HELD_ERROR, IP_RECVERR = 512, 11
# Errors in a row after which it rests a while: each listener that has vanished makes one.
MOST_ERRORS = 64
# What the system may hold for us while we are busy.
HELD_BYTES = 1 << 20


def serve(parent: Parent) -> None:
    """Hear OSC until the parent is gone."""
    logging.disable()
    order = parent.order(HearOsc)
    try:
        listening = _listening(order.host, order.port)
    except OSError as error:
        parent.send(Unable(text=_why(order.host, order.port, error)))
        return
    parent.send(Ready(port=listening.getsockname()[1]))
    _OscGateway(parent, listening, order).run()


class _OscGateway:
    def __init__(self, parent: Parent, listening: socket.socket, order: HearOsc) -> None:
        self.parent, self.socket, self.collector = parent, listening, Collector()
        self.latest = order.names if order.names.version else None
        self.is_named = threading.Event()
        if self.latest is not None:
            self.is_named.set()
        self.asking: dict[Sender, None] = {}
        self.asked: dict[Sender, None] = {}
        self.answers: OrderedDict[int, tuple[Sender, str]] = OrderedDict()
        self.numbers = count()
        self.commands: list[tuple[int, str, list[Plain]]] = []
        self.listeners = Listeners((one.sender, one.words) for one in order.subscribed)
        self.next_turn = self.next_count = self.next_status = self.next_keep = 0.0
        self.written: tuple[str, VectorWriter] | None = None
        self.counted = 0
        self.guard = Guard(f"port {listening.getsockname()[1]}", self.remark)
        self.listen(order.listen)

    def run(self) -> None:
        """Take packets and tell, for ever; packets wait in the system until the first names are known."""
        threading.Thread(target=self.hear_parent, name="answers", daemon=True).start()
        self.is_named.wait()
        errors = 0
        while True:
            self.learn()
            self.guard(self.tell, time.monotonic())
            try:
                self.socket.settimeout(self.rest(time.monotonic()))
                self.guard(self.take, *self.socket.recvfrom(LARGEST_PACKET))
                errors = 0
                self.socket.settimeout(0.0)
                for _ in range(MOST_AT_ONCE):
                    self.guard(self.take, *self.socket.recvfrom(LARGEST_PACKET))
            except (TimeoutError, BlockingIOError):
                continue
            except OSError:  # such as a reply that came back, on some systems
                self.forget_unreachable()
                errors += 1
                if errors > MOST_ERRORS:
                    time.sleep(TURN_SECONDS)

    def take(self, packet: bytes, sender: Sender) -> None:
        """Take a packet in, with the names as they are known by now."""
        self.learn()
        self.listeners.hear(sender, time.monotonic())
        for address, arguments in self.collector.take(packet, time.time()):
            match address:
                case "/ping":
                    self.reply(sender, "/pong")
                case "/status":
                    if len(self.asking) < MOST_ASKING:
                        self.asking[sender] = None
                case "/subscribe" | "/unsubscribe":
                    self.subscribe(sender, address, arguments)
                case _:
                    self.ask(sender, address, arguments)

    def ask(self, sender: Sender, address: str, arguments: list[Any]) -> None:
        """Let the parent do a command; its answer will go to the sender."""
        if len(self.commands) >= MOST_COMMANDS:
            self.reply(sender, "/fail", address, "too many requests; wait for /done")
            return
        number = next(self.numbers)
        self.answers[number] = (sender, address)
        if len(self.answers) > MOST_ANSWERS:
            self.answers.popitem(last=False)
        plain: list[Plain] = [
            one if isinstance(one, bool | int | float | str) else None for one in arguments[:MOST_ARGUMENTS]
        ]
        self.commands.append((number, address, plain))

    def subscribe(self, sender: Sender, address: str, arguments: list[Any]) -> None:
        """Let a sender hear of values that change, or no more."""
        words = [one for one in arguments if isinstance(one, str) and one.startswith(SUBSCRIBED)]
        if address == "/unsubscribe":
            self.listeners.remove(sender, words)
        elif not words:
            self.reply(
                sender,
                "/fail",
                address,
                "give the addresses to subscribe to, such as /node/gain/level, /node/*/* or /training/*",
            )
            return
        else:
            gone = self.listeners.add(sender, words, time.monotonic())
            if gone == sender:
                self.reply(sender, "/fail", address, f"{MOST_ASKING} subscribers already")
                return
            if gone is not None:
                self.tell_subscribed(gone)
                self.reply(gone, "/fail", address, "your subscription was replaced; subscribe again")
        self.tell_subscribed(sender)
        self.reply(sender, "/done", address)

    def tell_subscribed(self, sender: Sender) -> None:
        """Let the parent know what a sender hears of, should this process have to be started again."""
        words = sorted(self.listeners.words(sender))
        self.parent.send(Subscribed(sender=sender, words=words))

    def forget_unreachable(self) -> None:
        """Give the places free of listeners of whom the system says that they are not there any more (Linux)."""
        if not hasattr(socket, "MSG_ERRQUEUE"):
            return
        with suppress(OSError):
            while True:
                *_, sender = self.socket.recvmsg(0, HELD_ERROR, socket.MSG_ERRQUEUE)
                if self.listeners.remove(sender, []):
                    self.tell_subscribed(sender)

    def listen(self, wanted: Listen) -> None:
        """Hear these addresses from now on, and write what comes of some of them."""
        if wanted.path and (self.written is None or self.written[0] != wanted.path):
            self.written = wanted.path, VectorWriter(wanted.path)
        self.collector.listen(frozenset(wanted.addresses), wanted.hears_all)
        self.collector.write(wanted.vectors, self.written[1] if self.written is not None else None)

    def learn(self) -> None:
        """Know other names from now on, if there are others."""
        latest, self.latest = self.latest, None
        if latest is not None:
            self.collector.learn(latest.version, latest.ranges)

    def tell(self, now: float) -> None:
        """Send the parent what is new, if it is time."""
        if self.asking and now >= self.next_status:
            self.asked |= self.asking
            self.asking.clear()
            self.collector.ask("status")
            self.next_status = now + STATUS_SECONDS
        if self.collector.has_rows and now >= self.next_keep:
            self.collector.keep()
            self.next_keep = now + KEEP_SECONDS
        has_counted = self.collector.counts["packets"] != self.counted and now >= self.next_count
        if ((self.collector.has_news or self.commands) and now >= self.next_turn) or has_counted:
            while self.commands and self.collector.has_more:  # what is asked for finds all set that was set before
                self.parent.send(self.collector.message())
            commands, self.commands = self.commands, []
            self.parent.send(self.collector.message(commands))
            self.counted = self.collector.counts["packets"]
            self.next_turn, self.next_count = now + TURN_SECONDS, now + COUNT_SECONDS

    def rest(self, now: float) -> float:
        """Seconds until there may be something to tell."""
        until = now + COUNT_SECONDS
        if self.collector.has_news or self.commands:
            until = self.next_turn
        if self.collector.has_rows:
            until = min(until, max(self.next_keep, self.next_turn))
        if self.asking:
            until = min(until, self.next_status)
        return max(until - now, 1e-4)

    def hear_parent(self) -> None:
        """Names, status and answers, as the parent tells them; on a thread of its own."""
        while True:
            message = self.parent.receive(TO_OSC)
            if message is not None:
                self.guard(self.follow, message)

    def follow(self, message: object) -> None:
        """Do what a message of the parent's says."""
        match message:
            case Names():
                self.latest = message
                self.is_named.set()
            case OscStatus():
                for sender in list(self.asked):
                    self.asked.pop(sender, None)
                    self.reply(sender, "/status.reply", *message.values)
            case Reply():
                self.answer(message)
            case Listen():
                self.listen(message)
            case ValuesChanged():
                for address, value in message.values:
                    for sender in self.listeners.of(address):
                        self.reply(sender, address, value)
            case TellOsc():
                for sender in self.listeners.of(message.address):
                    self.reply(sender, message.address, *message.values)
            case SendOsc():
                self.reply((message.host, message.port), message.address, *message.values)

    def answer(self, message: Reply) -> None:
        """Pass on what became of a command: an answer of its own, or that it is done, or why not."""
        sender, address = self.answers.pop(message.asked, (None, ""))
        if sender is None:
            return
        if message.address in ("/done", "/fail"):
            self.reply(sender, message.address, address, *message.values)
        else:
            self.reply(sender, message.address, *message.values)

    def reply(self, sender: Sender, address: str, *values: object) -> None:
        """Send a message back; who does not hear it any more is no concern of ours."""
        with suppress(OSError):
            self.socket.sendto(packed(address, values), sender)

    def remark(self, text: str) -> None:
        """Have the parent tell people something."""
        self.parent.send(Remark(text=text))


def _listening(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD_BYTES)
        if family == socket.AF_INET and hasattr(socket, "MSG_ERRQUEUE"):
            made.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_RECVERR", IP_RECVERR), 1)
        made.bind(where)
    except BaseException:
        made.close()
        raise
    return made


def _why(host: str, port: int, error: OSError) -> str:
    """The sentence for a place where nobody can listen."""
    where = f"OSC {host}:{port}"
    if isinstance(error, socket.gaierror):
        return f"{where}: no host {host}; use 127.0.0.1, or 0.0.0.0 for other computers"
    if error.errno == errno.EADDRINUSE:
        return f"{where}: the port is in use; choose another"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where}: this computer has no address {host}; use 127.0.0.1, or 0.0.0.0 for other computers"
    if error.errno == errno.EACCES:
        return f"{where}: no permission to use this port; choose one above 1023"
    return f"{where}: can't listen there ({error.strerror or error})"

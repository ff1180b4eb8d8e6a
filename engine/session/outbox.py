"""What is on its way over a socket: sent at once where that takes no time, else by a thread of its own, in order."""

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

# Windows has no such way to send; there the thread sends all.
AT_ONCE = getattr(socket, "MSG_DONTWAIT", None)


class Outbox:
    """Nobody waits for a side that does not listen. From any thread. lost: called once, when nothing can be sent more.

    bytes_waiting: of what was put as a tuple. The thread spares a turned param two changes of threads, each of which
    costs as much as all the rest of its way.
    """

    def __init__(self, connection: socket.socket, name: str, lost: Callable[[], object] = lambda: None) -> None:
        self.bytes_waiting = 0
        self._connection, self._lost = connection, lost
        self._waiting: deque[Iterable[bytes]] = deque()
        self._changed = threading.Condition()
        self._is_writing = self._is_ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, messages: Iterable[bytes]) -> None:
        """Send framed messages, after all before. Those that are no tuple are made when it is their turn."""
        with self._changed:
            if self._is_ended:
                return
            if isinstance(messages, tuple):
                if AT_ONCE is not None and not self._waiting and not self._is_writing:
                    messages = self._sent_at_once(messages)
                self.bytes_waiting += sum(map(len, messages))
            if messages != ():
                self._waiting.append(messages)
                self._changed.notify()

    def end(self, seconds: float = 0.0) -> None:
        """Take no more; what waits has so long to go. 0: it does not go."""
        with self._changed:
            self._is_ended = True
            if not seconds:
                self._waiting.clear()
            self._changed.notify()
        if seconds and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _sent_at_once(self, messages: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """What is left of messages after what the socket takes without waiting."""
        assert AT_ONCE is not None
        for number, data in enumerate(messages):
            sent = 0
            with suppress(OSError):  # the thread finds out what is wrong
                sent = self._connection.send(data, AT_ONCE)
            if sent < len(data):
                return data[sent:], *messages[number + 1 :]
        return ()

    def _run(self) -> None:
        with suppress(OSError):
            while (messages := self._next()) is not None:
                for data in messages:
                    self._connection.sendall(data)
        with self._changed:
            self._is_ended, self._is_writing = True, False
            self._waiting.clear()
        self._lost()

    def _next(self) -> Iterable[bytes] | None:
        with self._changed:
            self._is_writing = False
            self._changed.wait_for(lambda: bool(self._waiting) or self._is_ended)
            if not self._waiting:
                return None
            self._is_writing = True
            messages = self._waiting.popleft()
            self.bytes_waiting -= sum(map(len, messages)) if isinstance(messages, tuple) else 0
            return messages

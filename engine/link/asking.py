"""Asking an engine: questions on their way, and who waits for the answers."""

import queue
import threading
from collections.abc import Callable

from ..processes.wire import Message
from .starting import EngineGone

Take = Callable[[Message], None]
Failed = Callable[[EngineGone], None]


def nobody(gone: EngineGone) -> None:
    """For questions whose failing nobody waits for."""


class Questions:
    """send: puts a message on its way, and gives whether there is an engine to send it to. From any thread."""

    def __init__(self, send: Callable[[Message], bool]) -> None:
        self._send = send
        self._waiting: dict[int, Take] = {}
        self._number = 0
        self._lock = threading.Lock()

    @property
    def are_open(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._waiting)

    def wait(self, message: Message, seconds: float) -> Message:
        """The answer. Raises EngineGone."""
        answers: queue.SimpleQueue[Message | EngineGone] = queue.SimpleQueue()
        number = self.ask(message, answers.put, answers.put)
        try:
            answer = answers.get(timeout=seconds)
        except queue.Empty:
            self._waiting.pop(number, None)
            raise EngineGone(f"the engine has not answered for {seconds:g} s") from None
        if isinstance(answer, EngineGone):
            raise answer
        return answer

    def ask(self, message: Message, then: Take, failed: Failed) -> int:
        """Have one of both called, once: with the answer, or with why there is none. Gives the question's number."""

        def take(answer: Message) -> None:
            if "error" in answer:
                failed(EngineGone(str(answer["error"])))
            else:
                then(answer)

        with self._lock:
            self._number += 1
            number = self._number
            self._waiting[number] = take
        if not self._send({**message, "id": number}) and self._waiting.pop(number, None) is not None:
            failed(EngineGone("no engine is attached now"))
        return number

    def answer(self, message: Message) -> None:
        """An answer has come."""
        take = self._waiting.pop(message["id"], None)
        if take is not None:
            take(message)

    def lose(self) -> None:
        """The engine has gone."""
        for number in list(self._waiting):
            self.answer({"id": number, "error": "the engine has ended"})

"""Asking an engine: questions on their way, and who waits for the answers."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from ..messages import Answer, Ask, Capture, Error, Keep, Request
from .starter import EngineGone

Question = Ask | Capture | Keep
Some = TypeVar("Some", bound=Answer)
Failed = Callable[[EngineGone], None]


def ignore(gone: EngineGone) -> None:
    """For questions whose failing nobody waits for."""


class Questions:
    """send: puts a message on its way, and gives whether there is an engine to send it to. From any thread."""

    def __init__(self, send: Callable[[Request], bool]) -> None:
        self._send = send
        self._waiting: dict[int, Callable[[Answer], None]] = {}
        self._number = 0
        self._lock = threading.Lock()

    @property
    def are_open(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._waiting)

    def wait(self, question: Question, wanted: type[Some], seconds: float) -> Some:
        """The answer. Raises EngineGone."""
        answers: queue.SimpleQueue[Some | EngineGone] = queue.SimpleQueue()
        number = self.ask(question, wanted, answers.put, answers.put)
        try:
            answer = answers.get(timeout=seconds)
        except queue.Empty:
            self._waiting.pop(number, None)
            raise EngineGone(f"the engine has not answered for {seconds:g} s") from None
        if isinstance(answer, EngineGone):
            raise answer
        return answer

    def ask(self, question: Question, wanted: type[Some], then: Callable[[Some], None], failed: Failed) -> int:
        """Have one of both called, once: with the answer, or with why there is none. Gives the question's number."""

        def take(answer: Answer) -> None:
            if isinstance(answer, wanted):
                then(answer)
            else:
                failed(EngineGone(answer.text if isinstance(answer, Error) else "the engine answered something else"))

        with self._lock:
            self._number += 1
            number = self._number
            self._waiting[number] = take
        if not self._send(replace(question, number=number)) and self._waiting.pop(number, None) is not None:
            failed(EngineGone("no engine is attached now"))
        return number

    def answer(self, answer: Answer) -> None:
        """An answer has come."""
        take = self._waiting.pop(answer.number, None)
        if take is not None:
            take(answer)

    def lose(self) -> None:
        """The engine has gone."""
        for number in list(self._waiting):
            self.answer(Error(text="the engine has ended", number=number))

"""What the tests of the doctor share: it, fake processes, and short words for what it finds."""

import json
import threading
from collections import namedtuple
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest

from latent_terrain.engine.messages import Confined, Message
from latent_terrain.engine.messages.workers import Times
from latent_terrain.engine.processes.policy import USUAL, Policy

from ...engine.drivers.fake_sounddevice import FakeStream, Status

DOCTOR: Any = import_module("latent_terrain.ui.cli.doctor")
TIMES = {"frame_ms": 20.0, "p50_ms": 2.0, "p90_ms": 3.0, "p99_ms": 4.0, "is_realtime": True}
JITTER = {"kind": "device", "block_ms": 5.0, "device_ms": 6.0}
Usage = namedtuple("Usage", "total used free")


class PlayingStream(FakeStream):
    """A fake stream that asks for some blocks as soon as it starts."""

    status: Status | None = None

    def start(self) -> None:
        super().start()
        asking = threading.Thread(target=lambda: [self.ask(256, self.status) for _ in range(20)])
        asking.start()
        asking.join()


def child_that(answers: Callable[[], Mapping[str, Any]]) -> type:
    """A process that is none."""

    class Fake:
        def __init__(
            self,
            target: str,
            order: Message,
            known: object,
            hear: Callable[[Message], None] = lambda message: None,
            policy: Policy = USUAL,
        ) -> None:
            self.target = target
            hear(Confined(done=["memory", "file size", "files", "network", "system calls"]))

        def ask(self, question: Message, wanted: type[Message], seconds: float) -> Message:
            return wanted(**answers()) if wanted is Times else wanted()

        def close(self, seconds: float = 0.0) -> None:
            pass

    return Fake


def raising(error: Exception) -> Callable[[], Mapping[str, Any]]:
    def answers() -> Mapping[str, Any]:
        raise error

    return answers


def told(findings: Any) -> list[tuple[str, str]]:
    return [(one.topic, one.state) for one in findings]


def only(findings: Any) -> Any:
    (one,) = findings
    return one


def whole(capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[int, Any]:
    """The exit code and the document."""
    code = DOCTOR.doctor(**{"device": None, "codec": None, "seconds": 0.5, "as_json": True, **options})
    return code, json.loads(capsys.readouterr().out)


def package(name: str) -> Any:
    return only(one for one in DOCTOR.packages() if one.topic == name)

"""A confined process reaches no other one and no file by calls that open nothing."""

import ctypes
import os
import platform
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine.messages import Gone, Message
from latent_terrain.engine.processes.child import Child
from latent_terrain.engine.processes.policy import Policy
from latent_terrain.engine.processes.priority import FRAMES
from latent_terrain.engine.processes.syscalls import MACHINES

from ...waiting import eventually
from .toy_calls import KNOWN, Deeds

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in MACHINES, reason="only Linux filters system calls"
)
HERE = Path(__file__).parent


class Neighbours:
    """What the user has beside: another process, a socket, memory shared by number, a file."""

    def __init__(self, folder: Path) -> None:
        self.own = folder / "own"
        self.own.write_bytes(b"precious")
        self.process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        self.before = self.state()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(str(folder / "socket"))
        self._library = ctypes.CDLL(None)
        self._library.shmat.restype = ctypes.c_void_p
        self.segment = self._library.shmget(0, 4096, 0o1600)
        self._at = self._library.shmat(self.segment, None, 0)

    def state(self) -> tuple[Any, ...]:
        number = self.process.pid
        return (
            resource.prlimit(number, resource.RLIMIT_NOFILE),
            os.getpriority(os.PRIO_PROCESS, number),
            os.sched_getscheduler(number),
        )

    def got(self) -> bytes:
        try:
            return self.socket.recv(16)
        except BlockingIOError:
            return b""

    def shared(self) -> bytes:
        return ctypes.string_at(self._at, 4)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.socket.close()
        self._library.shmctl(self.segment, 0, None)
        self._library.shmdt(ctypes.c_void_p(self._at))


@pytest.fixture
def neighbours(tmp_path: Path) -> Iterator[Neighbours]:
    made = Neighbours(tmp_path)
    yield made
    made.close()


def done_to(neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch, *, confined: bool) -> dict[str, Any]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    heard: list[Message] = []
    first = {"other": neighbours.process.pid, "segment": neighbours.segment, "own": str(neighbours.own)}
    first |= {"socket": neighbours.socket.getsockname(), "folder": str(neighbours.own.parent), "confined": confined}
    child = Child("toy_calls:harm", Deeds(all=first), KNOWN, heard.append, Policy(is_confined=confined))
    eventually(lambda: any(isinstance(one, Deeds | Gone) for one in heard), 60)
    child.kill()
    child.close()
    return next(one.all for one in heard if isinstance(one, Deeds))


def test_other_processes_their_memory_and_their_sockets_are_out_of_reach(
    neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = done_to(neighbours, monkeypatch, confined=True)
    assert {name: came for name, came in said["found"].items() if came >= 0} == {}
    assert neighbours.state() == neighbours.before
    assert (neighbours.got(), neighbours.shared()) == (b"", bytes(4))
    assert "user.harm" not in os.listxattr(neighbours.own)
    assert not said["urgent"], f"nobody's program comes before the sound; {FRAMES} is the most"


def test_the_same_is_done_where_nothing_holds_it(neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above means something only if this one shows what it prevents."""
    said = done_to(neighbours, monkeypatch, confined=False)
    kinds = {name for name, came in said["found"].items() if came < 0}
    assert kinds <= {"attribute"}, "older systems have no call to set attributes by path"
    assert neighbours.state() != neighbours.before
    assert (neighbours.got(), neighbours.shared()) == (b"harm", b"HARM")

"""What a confined process tried to do and was denied, as its own system tells: heard in the process that started it."""

import os
import select
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from .syscalls import WRITES, name_of

if sys.platform != "win32":
    import fcntl

RECEIVE, SEND = 0xC0502100, 0xC0182101
NOTICE = struct.Struct("<QIIiIQ6Q")
REPLY = struct.Struct("<QqiI")
GO_ON = 1
DENIED = 13
# Different attempts that are told; whoever goes on trying is ended.
MOST_TOLD = 16
MOST_TRIES = 1000
LONGEST_PATH = 4096
PATH_AT = {"open": 0, "openat": 1, "creat": 0, "truncate": 0, "unlink": 0, "unlinkat": 1, "rmdir": 0, "mkdir": 0}
PATH_AT |= {"mkdirat": 1, "mknod": 0, "mknodat": 1, "rename": 0, "renameat": 1, "renameat2": 1, "link": 0, "linkat": 1}
PATH_AT |= {"symlink": 1, "symlinkat": 2, "chmod": 0, "fchmodat": 1, "fchmodat2": 1, "chown": 0, "lchown": 0}
PATH_AT |= {"fchownat": 1, "execve": 0, "execveat": 1}
FLAGS_AT = {"open": 1, "openat": 2}
DEEDS = {
    "start a program": ("execve", "execveat", "fork", "vfork", "clone"),
    "reach a network or another program": (
        "socket",
        "socketpair",
        "connect",
        "bind",
        "listen",
        "accept",
        "accept4",
        "sendto",
    ),
    "end or look into other programs": ("kill", "tkill", "tgkill", "ptrace", "process_vm_readv", "process_vm_writev"),
    "remove": ("unlink", "unlinkat", "rmdir"),
    "rename": ("rename", "renameat", "renameat2"),
    "make": ("mkdir", "mkdirat", "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat"),
    "write": ("open", "openat", "creat", "truncate", "ftruncate"),
}
DEVICES = ("/dev/null", "/dev/zero", "/dev/tty", "/dev/urandom", "/dev/random")


class Denials:
    """Answers the calls of a confined process that its filter asks about, and keeps what was tried, in words.

    listener: the filter's descriptor, closed at the end. readable: folders that may be read, if reads are asked about.
    tell: called on a thread of its own with each new attempt. too_many: called once when it goes on and on.
    """

    def __init__(
        self,
        listener: int,
        readable: Sequence[str] = (),
        tell: Callable[[str], None] = lambda text: None,
        too_many: Callable[[], None] = lambda: None,
    ) -> None:
        self._listener, self._readable, self._tell, self._too_many = listener, tuple(readable), tell, too_many
        self._tried: dict[str, None] = {}
        self._count = 0
        self._thread = threading.Thread(target=self._answer_all, name="denials", daemon=True)
        self._thread.start()

    @property
    def tried(self) -> tuple[str, ...]:
        """What was tried so far: ``write /home/me/notes.txt``."""
        return tuple(self._tried)

    def wait(self, seconds: float) -> None:
        """Until the confined process has ended and all it tried is told."""
        self._thread.join(seconds)

    def _answer_all(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        try:
            while True:
                events = poll.poll()
                if any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in events):
                    return
                with suppress(FileNotFoundError):  # it was ended while it asked
                    self._answer()
        except OSError:
            return
        finally:
            os.close(self._listener)

    def _answer(self) -> None:
        notice = bytearray(NOTICE.size)
        fcntl.ioctl(self._listener, RECEIVE, notice)
        number, process, _, call, _, _, *arguments = NOTICE.unpack(notice)
        text = self._attempt(process, name_of(call), arguments)
        reply = REPLY.pack(number, 0, -DENIED if text is not None else 0, 0 if text is not None else GO_ON)
        fcntl.ioctl(self._listener, SEND, bytearray(reply))
        if text is None:
            return
        self._count += 1  # of those without a word, too: each costs the engine's process time
        if text and text not in self._tried and len(self._tried) < MOST_TOLD:
            self._tried[text] = None
            self._tell(text)
        if self._count == MOST_TRIES:
            self._too_many()

    def _attempt(self, process: int, call: str, arguments: Sequence[int]) -> str | None:
        """What a call means to do; "" for what is denied without a word, None for what may go on."""
        path = _text_at(process, arguments[PATH_AT[call]]) if call in PATH_AT else ""
        if call in FLAGS_AT and not arguments[FLAGS_AT[call]] & WRITES:
            if not path.startswith("/") or _is_below(path, self._readable) or not os.path.exists(path):
                return None  # the file system has the last word in any case
            return f"read {path}"
        if path in DEVICES:
            return ""
        deed = next((deed for deed, calls in DEEDS.items() if call in calls), f"use the system's {call}")
        return f"{deed} {path}".rstrip()


def _text_at(process: int, address: int) -> str:
    """A text in another process's memory; "" where it can't be seen."""
    try:
        with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
            memory.seek(address)
            return memory.read(LONGEST_PATH).partition(b"\0")[0].decode("utf-8", "replace")
    except (OSError, ValueError, OverflowError):
        return ""


def _is_below(path: str, folders: Sequence[str]) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(one) for one in folders)

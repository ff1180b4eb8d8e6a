"""Taking a process's freedom away before it runs somebody's program: memory, time, files, network, system calls.

What the system offers is used, and what was is told: limits on POSIX; on Linux also Landlock (only the program's own
folders can be read, nothing can be written, made or removed), a network namespace with nothing in it, and a filter of
system calls (see ``syscalls``).
"""

import ctypes
import os
import site
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .priority import FRAMES
from .syscalls import refuse_calls

# Landlock's system calls, of the same number on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
NO_NEW_PRIVILEGES = 38
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
# Landlock's rights to execute, to read files and to read folders; all others are taken away everywhere.
READS = 0b1101
READS_OF_FILE = 0b101
# How many file rights each version of Landlock knows; later versions know as many as the fifth.
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NETWORK_SINCE, SCOPES_SINCE = 4, 6
NETWORK_RIGHTS, SCOPES = 0b11, 0b11
BENEATH = 1
SET_CAPABILITIES = {"x86_64": 126, "aarch64": 91}
CAPABILITIES_VERSION = 0x20080522
SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc", "/sys/devices/system", "/nix/store")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


# What a process can reach unless it was taken from it (see ``confine``), in words for people.
REACH = {
    "memory": "memory without limit",
    "file size": "files of any size",
    "files": "your files",
    "network": "a network",
    "system calls": "other programs",
}


@dataclass(frozen=True)
class Limits:
    """memory: bytes beyond what the process has when it is confined. cpu_seconds: 0 for no limit."""

    memory: int = 4 << 30
    cpu_seconds: int = 0


def confine(
    limits: Limits,
    hand_over: Callable[[int], None] | None = None,
    tell_reads: bool = False,
    readable: tuple[str, ...] = (),
    starts_programs: bool = False,
) -> tuple[str, ...]:
    """Take this process's freedom away for good. Returns what was done, in words.

    Call it after everything was imported and before other threads start: nothing can be written or started afterwards.
    hand_over: takes a descriptor on which the system tells what is tried (see ``denials``), and must answer there.
    readable: folders beside its own that it may read. starts_programs: it may, and they are as confined as it is.
    """
    done: list[str] = []
    if sys.platform != "win32":
        done += _limit(limits)
    if sys.platform == "linux":
        if _leave_network():
            done.append("network")
        _drop_powers()
        ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if _read_only((*readable_folders(), *readable)):
            done.append("files")
        listener = refuse_calls(hand_over is not None, tell_reads, starts_programs)
        if listener is not None:
            done.append("system calls")
        if listener is not None and listener >= 0 and hand_over is not None:
            hand_over(listener)
            os.close(listener)
            done.append("told")
    return tuple(done)


def readable_folders() -> tuple[str, ...]:
    """What a confined process may read: Python, its libraries, this program and the system's own, nobody's files."""
    here = Path(__file__).resolve().parents[2]
    code = [sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages(), *sys.path]
    own = [str(here / room) for room in ("graphs", "engine", "nodes", "ui")]
    found = [os.path.realpath(one) for one in (*SYSTEM, *DEVICES, *code, *own) if one and os.path.exists(one)]
    return tuple(dict.fromkeys(found))


def _limit(limits: Limits) -> list[str]:
    import resource

    done = []
    wanted = [
        ("memory", resource.RLIMIT_AS, _address_space() + limits.memory),
        ("file size", resource.RLIMIT_FSIZE, 0),
        ("core dumps", resource.RLIMIT_CORE, 0),
    ]
    if limits.cpu_seconds:
        wanted.append(("time", resource.RLIMIT_CPU, int(_cpu_used()) + limits.cpu_seconds))
    for name, kind, most in wanted:
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(kind)
            value = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (value, value))
            done.append(name)
    _limit_urgency(resource)
    return done


def _limit_urgency(resource: Any) -> None:
    """Let it compute frames before ordinary programs, as every worker may, but never before the sound itself."""
    with suppress(AttributeError, ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_RTPRIO)
        most = FRAMES if hard == resource.RLIM_INFINITY or os.geteuid() == 0 else min(hard, FRAMES)
        resource.setrlimit(resource.RLIMIT_RTPRIO, (most, most))


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 16 << 30


def _cpu_used() -> float:
    times = os.times()
    return times.user + times.system


def _leave_network() -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    return bool(library.unshare(NEW_NETWORK) == 0 or library.unshare(NEW_USER | NEW_NETWORK) == 0)


def _drop_powers() -> None:
    """Give up what an administrator may do; nothing to give up for anybody else."""
    number = SET_CAPABILITIES.get(os.uname().machine)
    if number is None:
        return
    head = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    body = (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).syscall(number, ctypes.byref(head), ctypes.byref(body))


def _read_only(readable: tuple[str, ...]) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    rules = [(1 << RIGHTS.get(version, RIGHTS[5])) - 1]
    if version >= NETWORK_SINCE:
        rules.append(NETWORK_RIGHTS)
    if version >= SCOPES_SINCE:
        rules.append(SCOPES)
    attribute = (ctypes.c_uint64 * len(rules))(*rules)
    ruleset = library.syscall(CREATE_RULESET, ctypes.byref(attribute), ctypes.sizeof(attribute), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _let_read(library, ruleset, path)
        return bool(library.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _let_read(library: ctypes.CDLL, ruleset: int, path: str) -> None:
    with suppress(OSError):
        descriptor = os.open(path, getattr(os, "O_PATH", 0) | getattr(os, "O_CLOEXEC", 0))
        try:
            rights = READS if os.path.isdir(path) else READS_OF_FILE
            rule = rights.to_bytes(8, "little") + descriptor.to_bytes(4, "little")
            library.syscall(ADD_RULE, ruleset, BENEATH, ctypes.c_char_p(rule), 0)
        finally:
            os.close(descriptor)

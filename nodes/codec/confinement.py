"""Taking a process's freedom away before it runs somebody's model: memory, time, files, network.

What the system offers is used, and what was is told: limits on POSIX; on Linux also Landlock (no file can be written,
made or removed) and a network namespace with nothing in it.
"""

import ctypes
import os
import sys
from contextlib import suppress
from dataclasses import dataclass

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Landlock's system calls, of the same number on every architecture."""
NO_NEW_PRIVILEGES = 38
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
READS = 0b1101
"""Landlock's rights to execute, to read files and to read folders; all others are taken away."""
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many file rights each version of Landlock knows; later versions know as many as the fifth."""
NETWORK_SINCE = 4
NETWORK_RIGHTS = 0b11
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """memory: bytes beyond what the process has when it is confined. cpu_seconds, and wall_seconds for the parent."""

    memory: int = 4 << 30
    cpu_seconds: int = 120
    wall_seconds: float = 240.0


def confine(limits: Limits) -> tuple[str, ...]:
    """Take this process's freedom away for good. Returns what was done, in words: memory, time, files, network.

    Call it after everything was imported: afterwards no file can be written.
    """
    done: list[str] = []
    if sys.platform != "win32":
        done += _limit(limits)
    if sys.platform == "linux":
        if _leave_network():
            done.append("network")
        if _make_read_only():
            done.append("files")
    return tuple(done)


def _limit(limits: Limits) -> list[str]:
    import resource

    done = []
    used = _address_space()
    wanted = [
        ("memory", resource.RLIMIT_AS, used + limits.memory),
        ("time", resource.RLIMIT_CPU, int(_cpu_used()) + limits.cpu_seconds),
        ("file size", resource.RLIMIT_FSIZE, 0),
        ("core dumps", resource.RLIMIT_CORE, 0),
    ]
    for name, kind, most in wanted:
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(kind)
            value = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (value, value))
            done.append(name)
    return done


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


def _make_read_only() -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << RIGHTS.get(version, RIGHTS[5])) - 1
    rules = [rights & ~READS]
    if version >= NETWORK_SINCE:
        rules.append(NETWORK_RIGHTS)
    attribute = (ctypes.c_uint64 * len(rules))(*rules)
    ruleset = library.syscall(CREATE_RULESET, ctypes.byref(attribute), ctypes.sizeof(attribute), 0)
    if ruleset < 0:
        return False
    try:
        if library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            return False
        return bool(library.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)

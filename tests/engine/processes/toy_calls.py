"""System calls by which a process could harm others without opening a file; imports nothing of the tests."""

import ctypes
import os
import resource
import struct
from typing import Any

from latent_terrain.engine.messages import General as Usual
from latent_terrain.engine.messages import Message, decoder
from latent_terrain.engine.processes.confinement import Limits


class Deeds(Message, frozen=True):
    """What it is to know, or has found."""

    all: dict[str, Any] = {}  # noqa: RUF012


KNOWN = decoder(Deeds | Usual)

LIBRARY = ctypes.CDLL(None, use_errno=True)
LOW_HALF_ZERO = 0x7_0000_0000
COLUMN = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
CALLS = {
    "prlimit64": (302, 261),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "fcntl": (72, 25),
    "socketpair": (53, 199),
    "sendmsg": (46, 211),
    "shmctl": (31, 195),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "setxattrat": (463, 463),
}


def call(name, *arguments):
    """Its result, or minus the number of its error."""
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = LIBRARY.syscall(ctypes.c_long(CALLS[name][COLUMN]), *given)
    return result if result >= 0 else -ctypes.get_errno()


def lower_limit(other):
    """At an address whose lower half is 0."""
    reserve = LIBRARY.mmap
    reserve.restype, reserve.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long],
    )
    at = reserve(LOW_HALF_ZERO, 4096, 3, 0x32, -1, 0)
    ctypes.memmove(at, struct.pack("<QQ", 5, 6), 16)
    return call("prlimit64", other, resource.RLIMIT_NOFILE, at, 0)


def send_to(path):
    """A message to another program's socket, from half of a pair."""
    pair = (ctypes.c_int * 2)()
    made = call("socketpair", 1, 2, 0, ctypes.byref(pair))
    if made < 0:
        return made
    name = ctypes.create_string_buffer(struct.pack("<H", 1) + path.encode() + b"\0")
    text = ctypes.create_string_buffer(b"harm")
    parts = (ctypes.c_uint64 * 2)(ctypes.addressof(text), 4)
    head = struct.pack("<QIIQQQQiI", ctypes.addressof(name), len(name), 0, ctypes.addressof(parts), 1, 0, 0, 0, 0)
    return call("sendmsg", pair[0], ctypes.create_string_buffer(head, len(head)), 0)


def write_shared(segment):
    """Into memory that another program shares by number."""
    attach = LIBRARY.shmat
    attach.restype = ctypes.c_void_p
    at = attach(segment, None, 0)
    if at in (None, ctypes.c_void_p(-1).value):
        return -ctypes.get_errno()
    ctypes.memmove(at, b"HARM", 4)
    return 0


def set_by_path(path):
    """An attribute of a file by a call that is newer than the list."""
    value = ctypes.create_string_buffer(b"1")
    how = ctypes.create_string_buffer(struct.pack("<QII", ctypes.addressof(value), 1, 0), 16)
    return call("setxattrat", -100, ctypes.c_char_p(path.encode()), 0, ctypes.c_char_p(b"user.harm"), how, 16)


def ask_for_signals(other):
    """Have the kernel send a signal of choice to another process."""
    source, _ = os.pipe()
    return min(call("fcntl", source, 10, 10), call("fcntl", source, 8, other))


def deeds(first):
    """Each by name: what came of it, below 0 where it was denied."""
    other, number, folder = first["other"], ctypes.c_int(0), ctypes.c_char_p(first["folder"].encode())
    return {
        "limit": lower_limit(other),
        "priority": call("setpriority", 0, other, 19),
        "scheduling": call("sched_setscheduler", other, 5, ctypes.byref(number)),
        "processors": call("sched_setaffinity", other, 8, ctypes.byref(ctypes.c_ulong(1))),
        "signals": ask_for_signals(other),
        "socket": send_to(first["socket"]),
        "memory": write_shared(first["segment"]),
        "memory's end": call("shmctl", first["segment"], 0, 0),
        "attribute": set_by_path(first["own"]),
        "watch": call("inotify_add_watch", call("inotify_init1", 0), folder, 0xFFF),
    }


def harm(parent):
    """Do all of it, confined or not."""
    first = parent.order(Deeds).all
    if first["confined"]:
        parent.confine(Limits())
    found = deeds(first)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
        urgent = True
    except OSError:
        urgent = False
    limit = list(resource.getrlimit(resource.RLIMIT_NOFILE))
    parent.send(Deeds(all={"found": found, "urgent": urgent, "limit": limit}))
    parent.receive(KNOWN)

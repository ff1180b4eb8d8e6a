"""A process that is confined and then tries everything; imports nothing of the tests."""

import os
import resource
import socket
import subprocess
import threading
from typing import Any

from latent_terrain.engine.messages import General as Usual
from latent_terrain.engine.messages import Message, decoder
from latent_terrain.engine.processes.confinement import Limits


class Deeds(Message, frozen=True):
    """What it is to know, or has found."""

    all: dict[str, Any] = {}  # noqa: RUF012


KNOWN = decoder(Deeds | Usual)


def attempt(work):
    try:
        work()
    except BaseException as error:
        return type(error).__name__
    return "done"


def try_all(parent):
    """Each deed by name, and what came of it, before and after."""
    folder = parent.order(Deeds).all["folder"]
    own = os.path.join(folder, "own")
    deeds = {
        "write": lambda: os.open(os.path.join(folder, "planted"), os.O_CREAT | os.O_WRONLY),
        "overwrite": lambda: os.open(own, os.O_RDWR),
        "read": lambda: os.open(own, os.O_RDONLY),
        "remove": lambda: os.remove(own),
        "rename": lambda: os.rename(own, own + "2"),
        "make": lambda: os.mkdir(os.path.join(folder, "made")),
        "link": lambda: os.symlink(own, own + "3"),
        "mode": lambda: os.chmod(own, 0o777),
        "program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "fork": lambda: os.fork() or os._exit(0),
        "socket": lambda: socket.socket(),
        "local socket": lambda: socket.socket(socket.AF_UNIX),
        "signal": lambda: os.kill(os.getppid(), 0),
        "look": lambda: os.open(f"/proc/{os.getppid()}/mem", os.O_RDONLY),
        "raise limits": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40)),
        "memory": lambda: bytearray(1 << 31),
    }
    threads = threading.active_count()
    done = parent.confine(Limits(memory=1 << 30), tell_reads=True)
    found = {name: attempt(work) for name, work in deeds.items()}
    harmless = {
        "thread": lambda: [one.start() or one.join() for one in [threading.Thread(target=int)]],
        "import": lambda: __import__("wave"),
        "own state": lambda: os.open("/proc/self/status", os.O_RDONLY),
        "memory": lambda: bytearray(1 << 20),
        "end oneself": lambda: os.kill(os.getpid(), 0),
    }
    fine = {name: attempt(work) for name, work in harmless.items()}
    parent.send(Deeds(all={"found": found, "fine": fine, "threads": threads, "done": list(done)}))
    parent.receive(KNOWN)


def start_others(parent):
    """Reads one folder more than others do, and starts programs there."""
    folders = parent.order(Deeds).all
    shared, own = folders["shared"], folders["own"]
    parent.confine(Limits(), readable=(shared, "/bin"), starts_programs=True)

    def program(words):
        return subprocess.run(["/bin/sh", "-c", words], capture_output=True).stdout

    seen = {
        "shared": program(f"cat {shared}/one"),
        "own": program(f"cat {own}/one"),
        "written": program(f"echo two > {shared}/two && echo done"),
        "signal": program(f"kill -0 {os.getppid()} && echo done"),
    }
    deeds = {
        "read": lambda: os.open(os.path.join(own, "one"), os.O_RDONLY),
        "write": lambda: os.open(os.path.join(shared, "two"), os.O_CREAT | os.O_WRONLY),
        "socket": lambda: socket.socket(),
    }
    parent.send(Deeds(all={"seen": seen, "found": {name: attempt(work) for name, work in deeds.items()}}))
    parent.receive(KNOWN)


def flood(parent):
    """Tries one thing again and again."""
    parent.confine(Limits())
    while True:
        attempt(lambda: os.open("/planted", os.O_CREAT | os.O_WRONLY))


def take_file(parent):
    """Reads what is handed over, once before and once after."""
    with os.fdopen(parent.handed_over(), "rb") as file:
        before = file.read()
    parent.confine(Limits())
    request = parent.receive(KNOWN)
    with os.fdopen(parent.handed_over(), "rb") as file:
        parent.answer(request, Deeds(all={"before": before, "after": file.read()}))

"""JACK servers without a sound card, for tests of the true device path.

A server must outlive every PortAudio that has joined it, so what plays runs in a process of its own (``run_child``),
started after the server and ended before it. A machine takes eight servers at most.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import pytest

RATE, PERIOD = 48_000, 256
READY_SECONDS = 20.0
CHILD_SECONDS = 60.0
SHARED_MEMORY = Path("/dev/shm")


class JackServer:
    """A JACK server of one's own on a dummy device; ``environment`` leads programs to it."""

    def __init__(self, name: str, period: int = PERIOD, rate: int = RATE) -> None:
        self.name = f"lt-{name}-{os.getpid()}"
        self.period, self.rate = period, rate
        self.environment = {
            **os.environ,
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
            "JACK_DEFAULT_SERVER": self.name,
            "OMP_NUM_THREADS": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "JackServer":
        """Start it, again too, and wait until programs can join."""
        urgency = ["-R", "-P70"] if may_be_realtime() else ["-r"]
        words = ["jackd", "-n", self.name, *urgency, "-d", "dummy", "-r", str(self.rate), "-p", str(self.period)]
        self._process = subprocess.Popen(
            words, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers, READY_SECONDS, f"jackd {self.name} does not answer")
        return self

    def stop(self) -> None:
        """End it as it should end: killed outright it would keep its place among the machine's eight."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        for left in SHARED_MEMORY.glob(f"jack_sem.*_{self.name}_*"):
            with suppress(OSError):
                left.unlink()

    def run_child(self, script: Path, *words: str) -> Any:
        """The JSON document that a Python script prints which plays on this server."""
        return json.loads(self.run_program(str(script), *words))

    def run_program(self, *words: str) -> str:
        """What Python prints when it is run with these words on this server."""
        done = subprocess.run(
            [sys.executable, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=CHILD_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def start_child(self, script: Path, *words: str) -> "Conversation":
        """A Python script that plays on this server and talks in lines."""
        return Conversation([sys.executable, "-u", str(script), *words], self.environment)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            pytest.fail(f"jackd {self.name} ended with {self._process.returncode}")
        return subprocess.run(["jack_lsp"], env=self.environment, capture_output=True, check=False).returncode == 0


class Conversation:
    """A child process spoken to in lines."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in = self._process.stdin
        self._out = self._process.stdout
        self.heard: list[str] = []
        self._too_long = threading.Timer(CHILD_SECONDS, self._process.kill)
        self._too_long.start()

    def wait_for(self, part: str) -> str:
        """The next line that holds these words; a child that hangs is ended after a minute."""
        for line in self._out:
            self.heard.append(line.rstrip())
            if part in line:
                return line.rstrip()
        pytest.fail(f"never said {part!r}: {self.heard}")

    def end(self) -> int:
        """Ask it to end; its exit code."""
        with suppress(OSError):
            self._in.write("end\n")
            self._in.flush()
        self.heard += self._out.read().splitlines()
        return self._process.wait(CHILD_SECONDS)

    def kill(self) -> None:
        """End it whatever it does."""
        self._too_long.cancel()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._in.close()
        self._out.close()


def need_jack() -> None:
    """Skip the test where there is no JACK or no PortAudio; under CI they must be there."""
    missing = [name for name in ("jackd", "jack_lsp", "jack_connect") if shutil.which(name) is None]
    if find_library("portaudio") is None:
        missing.append("libportaudio")
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"{', '.join(missing)} not installed")
    assert not missing, f"CI needs {missing}: apt-get install libportaudio2 jackd2"


def may_be_realtime() -> bool:
    """Whether programs may go before ordinary ones here."""
    if shutil.which("chrt") is None:
        return False
    return subprocess.run(["chrt", "-f", "70", "true"], capture_output=True, check=False).returncode == 0


def wait_until(condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Wait for a condition, so long at most."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.01)

"""OSC through real packets on this machine: heard, coalesced, answered, and never the end of anything."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import Value
from latent_terrain.engine.messages.children import OscNews
from latent_terrain.engine.palette import Palette
from latent_terrain.engine.processes.policy import USUAL
from latent_terrain.engine.sources.osc import OscError, OscInlet, inlet
from latent_terrain.graphs import Patch, add_node

from ....waiting import eventually
from .words import bundle, message

STATUS: Mapping[str, Any] = {
    "blocks": 7,
    "xruns": 1,
    "is_playing": True,
    "late_frames": 2,
    "load": {"p50": 0.25, "p99": 0.5, "max": 0.75},
}
FLOOD = 50_000
TURN_SECONDS = 0.005


class Heard:
    """An OSC in with all it did, and a way to send to it."""

    def __init__(self, palette: Palette, port: int = 0) -> None:
        self.turned: list[tuple[str, str, Any]] = []
        self.panics: list[float] = []
        self.told: list[str] = []
        self.messages = 0
        self.osc = OscInlet(
            "127.0.0.1",
            port,
            lambda node, param, value: self.turned.append((node, param, value)),
            lambda: self.panics.append(time.monotonic()),
            lambda: STATUS,
            self.told.append,
        )
        self.palette = palette
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(20)
        self.osc.names(patch(), palette)

    def send(self, *packets: bytes) -> None:
        for packet in packets:
            self.socket.sendto(packet, ("127.0.0.1", self.osc.port))

    def send_until(self, is_true: Callable[[], bool], packet: bytes) -> None:
        """UDP may lose packets, and a new process may not listen yet."""

        def sent() -> bool:
            self.send(packet)
            return is_true()

        eventually(sent)

    def close(self) -> None:
        self.socket.close()
        self.osc.close()


def patch() -> Patch:
    made = Patch()
    for name in ("gain-1", "gain-2"):
        made = add_node(made, "gain", name=name)
    return add_node(made, "sine", name="sine-1")


@pytest.fixture(scope="module")
def palette() -> Palette:
    return load_palette()


@pytest.fixture
def heard(palette: Palette) -> Iterator[Heard]:
    made = Heard(palette)
    yield made
    made.close()


def test_a_value_sent_turns_the_param(heard: Heard) -> None:
    heard.send(message("/node/gain-1/level", -6.0))
    eventually(lambda: ("gain-1", "level", -6.0) in heard.turned)
    assert heard.told == []


def test_a_norm_is_turned_in_the_params_own_units(heard: Heard) -> None:
    heard.send(message("/node/gain-1/level/norm", 0.5))
    eventually(lambda: bool(heard.turned))
    assert heard.turned == [("gain-1", "level", -33.0)]


def test_bundles_and_wildcards_turn_what_they_name(heard: Heard) -> None:
    heard.send(bundle(message("/node/*/level", -3.0), bundle(message("/node/gain-2/level", -9.0))))
    eventually(lambda: len(heard.turned) == 2)
    assert heard.turned == [("gain-1", "level", -3.0), ("gain-2", "level", -9.0)]


def test_a_panic_is_a_panic(heard: Heard) -> None:
    heard.send(message("/panic"))
    eventually(lambda: bool(heard.panics))


def test_a_ping_is_answered_with_a_pong(heard: Heard) -> None:
    heard.send(message("/ping"))
    assert heard.socket.recv(1024) == message("/pong")


def test_the_status_is_answered_to_all_who_ask(heard: Heard) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(20)
        other.sendto(message("/status"), ("127.0.0.1", heard.osc.port))
        heard.send(message("/status"))
        for one in (heard.socket, other):
            assert one.recv(1024) == message("/status.reply", 7, 1, 2, 0.25, 0.5, 1)


def test_who_asked_once_is_answered_once(heard: Heard) -> None:
    heard.send(message("/status"))
    heard.socket.recv(1024)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(20)
        other.sendto(message("/status"), ("127.0.0.1", heard.osc.port))
        other.recv(1024)
    heard.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        heard.socket.recv(1024)


def test_what_is_wrong_is_told_and_what_follows_is_heard(heard: Heard) -> None:
    heard.send(b"noise", b"/x", message("/node/gain-1/lvl", 1.0), message("/node/gain-1/level", float("inf")))
    heard.send(message("/node/gain-1/level", -1.0))
    eventually(lambda: bool(heard.turned) and heard.osc.counts.get("packets") == 5)
    assert heard.turned == [("gain-1", "level", -1.0)]
    assert dict(heard.osc.counts) == {"packets": 5, "malformed": 2, "unknown": 1, "refused": 1, "values": 1}
    assert len(heard.told) == 3
    assert all(text.startswith("OSC ") for text in heard.told)


def test_params_of_an_edited_patch_are_heard(heard: Heard) -> None:
    heard.osc.names(add_node(patch(), "gain", name="new"), heard.palette)
    heard.send_until(lambda: ("new", "level", -6.0) in heard.turned, message("/node/new/level", -6.0))


def test_a_value_for_a_param_that_has_become_another_is_left_out(heard: Heard) -> None:
    values: list[tuple[str, str, Value, bool]]
    values = [("gain-1", "level", 99.0, False), ("gain-1", "level", -5.0, False), ("gone", "level", 1.0, False)]
    heard.osc._take(OscNews(version=0, values=values, timed=[], heard=[], commands=[], remarks=[], counts={}))
    assert heard.turned == [("gain-1", "level", -5.0)]


def test_a_flood_costs_few_messages_and_the_last_value_wins(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[int] = []
    take = heard.osc._take

    def counted(told: OscNews) -> None:
        messages.append(len(told.values))
        take(told)

    monkeypatch.setattr(heard.osc, "_take", counted)
    began = time.monotonic()
    subprocess.run(
        [sys.executable, str(Path(__file__).parent / "flood.py"), str(heard.osc.port), str(FLOOD)], check=True
    )
    last = ("gain-1", "level", 7.0)
    heard.send_until(lambda: bool(heard.turned) and heard.turned[-1] == last, message("/node/gain-1/level", 7.0))
    seconds = time.monotonic() - began
    assert len(messages) <= seconds / TURN_SECONDS + 2
    assert max(messages) <= 3
    values = [value for node, _, value in heard.turned if node == "gain-1"]
    assert values == sorted(values), "an older value came after a newer one"
    assert heard.osc.counts["packets"] > FLOOD / 100
    assert heard.osc.counts["malformed"] > 0
    assert len(heard.told) < 100


def test_a_killed_gateway_is_started_again_and_reported_once(heard: Heard) -> None:
    first, port = heard.osc.pid, heard.osc.port
    os.kill(first, signal.SIGKILL)
    heard.send_until(lambda: bool(heard.turned), message("/node/gain-1/level", -6.0))
    assert heard.osc.pid != first
    assert heard.osc.port == port
    assert len(heard.told) == 1
    assert "restarted" in heard.told[0]


def test_a_gateway_that_keeps_ending_is_given_up_in_a_sentence(heard: Heard) -> None:
    for _ in range(len(USUAL.pauses)):
        before = heard.osc.pid
        os.kill(before, signal.SIGKILL)
        eventually(lambda before=before: heard.osc.pid != before)
    os.kill(heard.osc.pid, signal.SIGKILL)
    eventually(lambda: "keeps crashing" in heard.told[-1])
    assert len(heard.told) == len(USUAL.pauses) + 1


def test_counts_go_on_after_a_new_start(heard: Heard) -> None:
    heard.send(message("/node/gain-1/level", -6.0))
    eventually(lambda: heard.osc.counts.get("values") == 1)
    os.kill(heard.osc.pid, signal.SIGKILL)
    heard.send_until(lambda: heard.osc.counts["values"] > 1, message("/node/gain-1/level", -7.0))


def test_a_port_that_is_taken_is_told_in_a_sentence(heard: Heard, palette: Palette) -> None:
    with pytest.raises(OscError, match=rf"OSC 127.0.0.1:{heard.osc.port}: the port is in use"):
        Heard(palette, heard.osc.port)


@pytest.mark.parametrize("host", ["192.0.2.1", "256.1.1.1"])
def test_a_host_that_is_not_here_is_told_in_a_sentence(host: str) -> None:
    with pytest.raises(OscError, match=r"use 127\.0\.0\.1, or 0\.0\.0\.0"):
        OscInlet(host, 9000, lambda *_: None, lambda: None, lambda: STATUS, lambda text: None)


def test_without_python_osc_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlet, "find_spec", lambda name: None)
    with pytest.raises(OscError, match="pip install python-osc"):
        OscInlet("127.0.0.1", 0, lambda *_: None, lambda: None, lambda: STATUS, lambda text: None)


def test_it_ends_when_closed_and_nothing_is_told(palette: Palette) -> None:
    heard = Heard(palette)
    pid = heard.osc.pid
    heard.close()
    heard.osc.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert heard.told == []

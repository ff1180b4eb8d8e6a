"""Sensors by the real gateway: whole rows in memory, few messages, and nothing that breaks it."""

import math
import socket
import struct
import time
from collections.abc import Iterator

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages.children import Brought
from latent_terrain.engine.sources.osc import OscInlet
from latent_terrain.engine.vectors import MOST_ADDRESSES, SharedVectors
from latent_terrain.graphs import Patch, add_node

from ....waiting import eventually
from .words import bundle, message


class Far:
    """A sensor over a socket, and an engine's side of what comes of it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.brought: list[Brought] = []
        self.heard: list[tuple[str, list[float]]] = []
        self.inlet = OscInlet(
            *("127.0.0.1", 0, lambda *how: None, lambda: None, dict, self.said.append),
            control=lambda address, numbers: self.heard.append((address, numbers)),
            keep=self.brought.append,
        )
        self.inlet.names(add_node(Patch(), "osc_in"), load_palette())
        self.vectors = SharedVectors()
        self.inbox = self.vectors.inbox("/eeg")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.listen("/eeg")

    def listen(self, *addresses: str) -> None:
        self.inlet.listen([], False, addresses)
        there = self.inlet.vectors_at
        assert there is not None
        self.vectors.follow(there.path, there.addresses)

    def send(self, packet: bytes) -> None:
        self.socket.sendto(packet, ("127.0.0.1", self.inlet.port))

    def newest(self, count: int) -> list[float]:
        out = np.zeros(count, np.float32)
        self.inbox.copy(self.inbox.count - 1, out)
        return [round(float(one), 4) for one in out]

    def until(self, packet: bytes, wanted: list[float]) -> None:
        """Send it until it is what lies in memory: a packet may come before the gateway knows whom for."""

        def is_there() -> bool:
            self.send(packet)
            time.sleep(0.01)
            return self.newest(len(wanted)) == wanted

        eventually(is_there)


@pytest.fixture
def far() -> Iterator[Far]:
    made = Far()
    yield made
    made.inlet.close()
    made.socket.close()


def row(*numbers: float, address: str = "/eeg") -> bytes:
    head = address.encode() + bytes(4 - len(address) % 4)
    tags = b"," + b"f" * len(numbers)
    return head + tags + bytes(4 - len(tags) % 4) + struct.pack(f">{len(numbers)}f", *numbers)


def test_all_rows_of_a_fast_sensor_are_there_and_few_messages_tell_of_them(far: Far) -> None:
    far.until(row(*[0.5] * 16), [0.5] * 16)
    before, told = far.inbox.count, len(far.brought)
    for number in range(500):
        far.send(row(*[number / 1000] * 16))
        time.sleep(0.001)
    eventually(lambda: far.inbox.count == before + 500)
    assert far.newest(16) == [0.499] * 16
    assert len(far.brought) - told < 30
    eventually(lambda: far.brought[-1].numbers[0] == pytest.approx(0.499))
    assert not far.heard


def test_what_is_no_number_holds_the_last_in_its_place_and_is_told_once(far: Far) -> None:
    far.until(row(1.0, 2.0, 3.0), [1.0, 2.0, 3.0])
    far.until(row(1.5, math.nan, 3.5), [1.5, 2.0, 3.5])
    for _ in range(50):
        far.send(row(math.nan, math.inf, -math.inf))
    far.until(row(4.0, math.nan, 1e30), [4.0, 2.0, 1e6])
    said = [one for one in far.said if "no such address" not in one]  # sent before the gateway knew of it
    assert said == ["OSC /eeg: some values are not numbers; the last valid ones are held"]


def test_ten_thousand_numbers_are_cut_and_their_count_is_told(far: Far) -> None:
    far.until(row(*[0.25] * 10_000), [0.25] * 128)
    eventually(lambda: far.brought)
    assert (far.brought[-1].sent, len(far.brought[-1].numbers)) == (10_000, 128)


def test_a_clock_that_jumps_delays_nothing(far: Far) -> None:
    for number, when in enumerate((1, 2**31, 2**32 - 1, 0, 2**31)):
        far.until(bundle(message("/eeg", float(number), 0.5), seconds=when), [float(number), 0.5])


def test_words_among_the_numbers_are_passed_over(far: Far) -> None:
    far.until(message("/eeg", "left", 0.5, True, 3), [0.5, 1.0, 3.0])


def test_a_burst_ends_with_the_newest_and_in_few_messages(far: Far) -> None:
    far.until(row(0.5), [0.5])
    told = len(far.brought)
    for number in range(20_000):
        far.send(row(number / 20_000, 1.0))
    far.until(row(0.75, 0.25), [0.75, 0.25])
    assert len(far.brought) - told < 60


def test_another_address_takes_a_ring_of_its_own_and_the_first_keeps_its(far: Far) -> None:
    far.until(row(0.5), [0.5])
    far.listen("/eeg", "/after", "/before")
    other = far.vectors.inbox("/before")
    far.until(row(0.25), [0.25])
    eventually(lambda: far.send(row(3.0, address="/before")) or other.count)
    assert far.newest(1) == [0.25]


def test_more_addresses_than_there_are_rings_are_told_once(far: Far) -> None:
    many = [f"/sensor/{number:03d}" for number in range(MOST_ADDRESSES)]
    for _ in range(3):
        far.inlet.listen([], False, ["/eeg", *many])
    assert [one for one in far.said if "no more than 64" in one] == far.said
    assert len(far.said) == 1

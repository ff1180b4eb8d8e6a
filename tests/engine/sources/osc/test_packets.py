"""Packets are taken apart whatever they are; strangers' bytes cost a sentence at most."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from latent_terrain.engine.sources.osc.packets import DEEPEST, PacketError, messages_of

from .words import bundle, message


def test_a_message_gives_its_address_and_its_arguments() -> None:
    assert messages_of(message("/a", 1, 0.5, True, False, "word")) == [("/a", [1, 0.5, True, False, "word"], 0.0)]


def test_a_message_without_arguments_is_one_too() -> None:
    assert messages_of(message("/panic")) == [("/panic", [], 0.0)]
    assert messages_of(b"/panic\x00\x00") == [("/panic", [], 0.0)]


def test_bundles_give_their_messages_in_order_however_nested() -> None:
    packet = bundle(message("/a", 1), bundle(message("/b", 2), message("/c", 3)), message("/d", 4))
    assert [address for address, *_ in messages_of(packet)] == ["/a", "/b", "/c", "/d"]


def test_a_bundle_for_later_brings_its_time() -> None:
    assert messages_of(bundle(message("/a", 1), seconds=(1 << 31) + (1 << 30))) == [
        ("/a", [1], (1 << 31) + (1 << 30) - 2_208_988_800)
    ]


def test_bundles_may_be_nested_so_deep_and_no_deeper() -> None:
    packet = message("/a", 1)
    for _ in range(DEEPEST):
        packet = bundle(packet)
    assert messages_of(packet) == [("/a", [1], 0.0)]
    with pytest.raises(PacketError, match="deeper than 8"):
        messages_of(bundle(packet))


@pytest.mark.parametrize("size", [-4, -2147483648, 0, 3, 8, 2147483644])
def test_an_element_of_a_size_that_cannot_be_ends_the_packet(size: int) -> None:
    packet = b"#bundle\x00" + bytes(7) + b"\x01" + struct.pack(">i", size) + b"/a\x00\x00"
    with pytest.raises(PacketError, match=f"has {size} bytes"):
        messages_of(packet)


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"", "neither"),
        (b"hello", "neither"),
        (b"#bundle\x00", "no time tag"),
        (b"#bundle\x00" + bytes(8) + b"\x00", "breaks off"),
        (b"/a", "can't be read"),
        (b"/a\x00\x00,i\x00\x00", "can't be read"),
        (b"/\xff\xfe\x00,i\x00\x00\x00\x00\x00\x01", "can't be read"),
        (b"/a\x00\x00,t\x00\x00" + b"\xff" * 4, "can't be read"),
        (b"/a\x00\x00,b\x00\x00" + b"\x7f" * 4, "can't be read"),
        (b"/a\x00\x00,]\x00\x00", "can't be read"),
    ],
)
def test_bytes_that_are_no_packet_are_told_why(packet: bytes, why: str) -> None:
    with pytest.raises(PacketError, match=why):
        messages_of(packet)


@given(
    some.binary(max_size=200), some.sampled_from([b"", b"/", b"/a\x00\x00,", b"#bundle\x00", b"#bundle\x00" + bytes(8)])
)
def test_no_bytes_at_all_bring_another_error(packet: bytes, start: bytes) -> None:
    try:
        messages_of(start + packet)
    except PacketError:
        return

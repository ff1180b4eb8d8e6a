"""Messages come back as they were sent, and bad bytes are told in a sentence."""

import io
import struct
from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.processes.wire import LARGEST, WireError, pack, read_message, unpacked

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(), plain, max_size=4), max_size=4))
def test_messages_come_back_in_order(messages: list[dict[str, Any]]) -> None:
    stream = io.BytesIO(b"".join(pack(message) for message in messages))
    assert [read_message(stream.read) for _ in messages] == messages
    assert read_message(stream.read) is None


@given(st.dictionaries(st.text(max_size=4), plain, max_size=3), st.data())
def test_an_end_in_the_middle_is_told(message: dict[str, Any], data: st.DataObject) -> None:
    whole = pack(message)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(WireError, match="middle of a message"):
        read_message(io.BytesIO(whole[:cut]).read)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_message_or_a_sentence(body: bytes) -> None:
    with suppress(WireError):
        assert isinstance(unpacked(body), dict)


def test_a_huge_length_is_not_believed() -> None:
    with pytest.raises(WireError, match="is the most"):
        read_message(io.BytesIO(struct.pack("<I", LARGEST + 1)).read)


def test_a_list_is_no_message() -> None:
    with pytest.raises(WireError, match="a map"):
        unpacked(bytes(msgpack.packb([1, 2]) or b""))

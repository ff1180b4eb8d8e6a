"""Messages come back as they were sent, and bad bytes are told in a sentence."""

import io
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.messages import FROM_CLIENT, MessageError, Turn, decode
from latent_terrain.engine.processes.wire import LARGEST, WireError, read_body, with_length

turns = st.builds(
    Turn,
    node=st.text(),
    param=st.text(),
    value=st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    seconds=st.floats(0.0, 1e10),
    number=st.integers(0, 2**63 - 1),
)


@given(st.lists(turns, max_size=4))
def test_messages_come_back_in_order(messages: list[Turn]) -> None:
    stream = io.BytesIO(b"".join(with_length(message) for message in messages))
    assert [decode(read_body(stream.read) or b"", FROM_CLIENT) for _ in messages] == messages
    assert read_body(stream.read) is None


@given(turns, st.data())
def test_an_end_in_the_middle_is_told(message: Turn, data: st.DataObject) -> None:
    whole = with_length(message)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(WireError, match="middle of a message"):
        read_body(io.BytesIO(whole[:cut]).read)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_message_or_a_sentence(body: bytes) -> None:
    with suppress(MessageError):
        decode(body, FROM_CLIENT)


def test_a_huge_length_is_not_believed() -> None:
    with pytest.raises(WireError, match="is the most"):
        read_body(io.BytesIO(struct.pack("<I", LARGEST + 1)).read)

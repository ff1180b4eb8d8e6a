"""Every message of every protocol comes back as it was sent; whatever else comes is a sentence and nothing worse."""

import random
from typing import Any

import msgspec
import pytest
from msgspec import inspect
from msgspec.msgpack import Decoder

import latent_terrain.engine.messages as engine
from latent_terrain.engine.messages import Message, MessageError, children, decode, encode, workers

from ...wild import FEW, MANY, mutated, packed, value
from .right import right, spoiled

DECODERS: dict[str, Decoder[Any]] = {
    name: one
    for module in (engine, children, workers)
    for name, one in vars(module).items()
    if name.startswith(("FROM_", "TO_"))
}
MADE_HERE = {"gone", "tried"}
"""What a parent makes of its child's end: it must not come from outside."""


def kinds(known: Decoder[Any]) -> list[inspect.StructType]:
    found = inspect.type_info(known.type)
    kinds = found.types if isinstance(found, inspect.UnionType) else (found,)
    return [one for one in kinds if isinstance(one, inspect.StructType)]


def test_every_message_has_a_name_of_its_own_and_a_place_where_it_may_come() -> None:
    def below(kind: type[Message]) -> list[type[Message]]:
        return [one for sub in kind.__subclasses__() for one in (sub, *below(sub))]

    ours = [
        one for one in below(Message) if one.__module__.startswith("latent_terrain.") and one.__name__ != "Changing"
    ]
    tags = [str(one.__struct_config__.tag) for one in ours]
    assert len(set(tags)) == len(tags)
    may_come = {str(one.tag) for known in DECODERS.values() for one in kinds(known)}
    assert set(tags) - may_come == MADE_HERE


@pytest.mark.parametrize("known", DECODERS.values(), ids=DECODERS)
def test_what_is_sent_comes_as_it_was(known: Decoder[Any]) -> None:
    chance = random.Random(1)
    for kind in kinds(known):
        for _ in range(10):
            message = right(kind, chance)
            if getattr(message, "tempo", 1.0) < 1.0:
                continue
            assert decode(encode(message), known) == message


@pytest.mark.parametrize("known", DECODERS.values(), ids=DECODERS)
@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_whatever_else_comes_is_a_sentence(known: Decoder[Any], cases: int) -> None:
    chance, said, numbers, right_ones = random.Random(cases), list[str](), list[int](), kinds(known)
    for number in range(cases):
        message = right(chance.choice(right_ones), chance)
        try:
            match number % 6:
                case 0:
                    data = chance.randbytes(chance.randrange(40))
                case 1:
                    data = packed(value(chance))[4:]
                case 2:
                    data = encode(message)[: chance.randrange(40)]
                case 3:
                    data = mutated(chance, encode(message))
                case _:
                    data = packed(spoiled(chance, msgspec.msgpack.decode(encode(message))))[4:]
        except (ValueError, OverflowError):  # no bytes can be this
            continue
        try:
            decode(data, known)
        except MessageError as error:
            said.append(str(error))
            numbers.append(error.number)
    assert len(said) > cases / 4
    assert min(numbers) >= 0
    assert all(one.isprintable() and len(one) < 1500 for one in said)


def test_a_sentence_names_the_message_and_what_is_wrong_with_it() -> None:
    with pytest.raises(MessageError, match=r"^turn\.seconds: Expected float >= 0\.0$") as told:
        decode(
            packed({"op": "turn", "node": "a", "param": "b", "value": 1, "seconds": -1, "number": 7})[4:],
            engine.FROM_CLIENT,
        )
    assert told.value.number == 7
    with pytest.raises(MessageError, match=r"^explode: unknown message"):
        decode(packed({"op": "explode"})[4:], engine.FROM_CLIENT)


@pytest.mark.parametrize("body", [b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 100_000, b"\xc1"])
def test_bytes_that_announce_more_than_there_is_cost_nothing(body: bytes) -> None:
    with pytest.raises(MessageError, match="not a message"):
        decode(body, engine.FROM_CLIENT)

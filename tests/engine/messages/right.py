"""Right messages of every kind, made by chance from their types alone: the same for the same seed."""

import random
import string
from contextlib import suppress
from typing import Any

from msgspec import inspect

from ...wild import value


def right(kind: object, chance: random.Random) -> Any:
    """A value of a type, as msgspec describes it."""
    match kind:
        case inspect.StructType(cls=cls, fields=fields):
            while True:
                with suppress(ValueError):  # what it wants beside its types, such as a tempo that a clock can have
                    return cls(**{field.name: right(field.type, chance) for field in fields})
        case inspect.DataclassType(cls=cls, fields=fields):
            while True:
                with suppress(ValueError):  # what it wants beside its types, such as a tempo that a clock can have
                    return cls(**{field.name: right(field.type, chance) for field in fields})
        case inspect.UnionType(types=types):
            return right(chance.choice(types), chance)
        case inspect.LiteralType(values=values):
            return chance.choice(values)
        case inspect.ListType(item_type=item):
            return [right(item, chance) for _ in range(chance.randrange(3))]
        case inspect.VarTupleType(item_type=item):
            return tuple(right(item, chance) for _ in range(chance.randrange(3)))
        case inspect.TupleType(item_types=items):
            return tuple(right(item, chance) for item in items)
        case inspect.DictType(key_type=key, value_type=inner):
            return {right(key, chance): right(inner, chance) for _ in range(chance.randrange(3))}
        case inspect.FloatType(ge=low, le=high, gt=above, lt=below):
            least = max(one for one in (low, above, -1e6) if one is not None)
            return chance.uniform(least, min(one for one in (high, below, 1e6) if one is not None))
        case inspect.IntType(ge=low, le=high, lt=below):
            most = min(one for one in (high, below and below - 1, 1 << 62) if one is not None)
            return chance.randrange(low or 0, most + 1)
        case inspect.StrType():
            return "".join(chance.choices(string.printable, k=chance.randrange(12)))
        case inspect.BytesType(min_length=least):
            return chance.randbytes(chance.randrange(least or 0, 20))
        case inspect.BoolType():
            return chance.random() < 0.5
        case inspect.NoneType():
            return None
        case inspect.AnyType():
            return chance.choice(("word", 1, 0.5, None, True))
    raise AssertionError(f"say how to make {kind!r}")


def spoiled(chance: random.Random, whole: dict[str, Any]) -> dict[str, Any]:
    """A message as a map, with some of its fields wrong, left out or unknown."""
    made = dict(whole)
    for key in chance.sample([*made, "unknown"], min(2, len(made))):
        if key != "op" and chance.random() < 0.5:
            made.pop(key, None)
        elif key != "op":
            made[key] = value(chance)
    return made

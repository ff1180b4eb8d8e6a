"""Arrays by their addresses, for compiled kernels: what an address points at, as an array without bounds."""

from typing import Any

from numba import types
from numba.extending import intrinsic


def _pointer(kind: Any) -> Any:
    pointer: Any = types.CPointer(kind)  # type: ignore[no-untyped-call]

    @intrinsic
    def at(typing: Any, address: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return pointer(address), code

    return at


floats = _pointer(types.float32)
doubles = _pointer(types.float64)
integers = _pointer(types.int64)
words = _pointer(types.int32)

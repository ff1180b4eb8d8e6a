"""Names as people write them: what may have been meant by one that is not there."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "", quoted: bool = True) -> str:
    """``did you mean 'NAME'?``, of the nearest name; where none is near, ``otherwise`` or the list of all."""
    names = list(known)
    close = difflib.get_close_matches(word, names, 1)
    if close:
        return f"did you mean {close[0]!r}?" if quoted else f"did you mean {close[0]}?"
    return otherwise or f"it has {', '.join(names) or 'none'}"

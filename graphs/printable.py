"""Text from files made fit to be shown: what would steer a terminal, or turn a line round, is written as an escape."""

import unicodedata

# Control and format characters (colours, titles, text from right to left), half letters, line and paragraph ends.
_ESCAPED = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# Format characters that letters of Persian, Hindi and emoji need, and that move nothing.
_JOINERS = "\u200c\u200d"


def counted(number: int, word: str) -> str:
    """So many of something: ``1 sound``, ``2 sounds``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """The text on one line, with every character that is not shown as itself as an escape: ``\\x1b``, ``\\n``.

    A patch, a sound or a model may be called anything; without this, a name could clear the screen, forge a line of the
    program's own, or read backwards.
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(letter: str) -> str:
    if letter in _JOINERS or unicodedata.category(letter) not in _ESCAPED:
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def is_unicode(text: str) -> bool:
    """Whether a text has no half letters, as Python has them for the bytes of file names that are not UTF-8.

    DearPyGui ends the program when it is given some.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

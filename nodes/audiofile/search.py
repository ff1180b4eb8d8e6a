"""Where bytes lie in a file, without a copy of all of it."""

# Bytes looked through at once: few at first, as what is looked for is often near.
WINDOWS = (1 << 12, 1 << 20)


def place_of(data: memoryview, what: bytes, begin: int = 0) -> int:
    """The first place of some bytes from one on; -1 without."""
    window, most = WINDOWS
    while begin < len(data):
        found = bytes(data[begin : begin + window + len(what) - 1]).find(what)
        if found >= 0:
            return begin + found
        begin += window
        window = min(2 * window, most)
    return -1

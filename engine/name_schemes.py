"""How names begin that are no paths of files: ``bundled:``, ``builtin:``, and each family of codecs.

Who knows such names registers how they begin; who reads, moves or looks for files asks here.
"""

_known: set[str] = set()


def register_scheme(scheme: str) -> str:
    """From now on names that begin with ``scheme`` and a colon are no paths; gives both."""
    _known.add(f"{scheme}:")
    return f"{scheme}:"


def scheme_of(name: str) -> str:
    """How a name begins, the colon included; empty for the path of a file."""
    scheme = name[: name.find(":") + 1]
    return scheme if scheme in _known else ""

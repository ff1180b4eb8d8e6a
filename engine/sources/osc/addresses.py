"""Where to listen for OSC: one word on the command line."""

DEFAULT_HOST = "127.0.0.1"
EXAMPLE = "write a port such as 9000, HOST:PORT such as 0.0.0.0:9000, or off"


class OscError(OSError):
    """OSC can't be listened for; the text says where, why and what to do."""


def address(text: str) -> tuple[str, int] | None:
    """Host and port meant by ``HOST:PORT`` or ``PORT`` (then this machine only hears itself); None for ``off``.

    An IPv6 host stands in brackets: ``[::1]:9000``. Raises OscError.
    """
    word = text.strip()
    if word.casefold() == "off":
        return None
    host, colon, digits = word.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise OscError(f"{text}: not a valid address; {EXAMPLE}")
    if (colon and not host) or not (digits.isascii() and digits.isdigit()) or len(digits) > 5:
        raise OscError(f"{text}: not a valid address; {EXAMPLE}")
    port = int(digits)
    if not 1 <= port <= 65_535:
        raise OscError(f"{text}: there is no port {port}; give one from 1024 to 65535")
    return host or DEFAULT_HOST, port

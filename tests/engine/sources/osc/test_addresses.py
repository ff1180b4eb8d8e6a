"""Where to listen, in one word."""

import pytest

from latent_terrain.engine.sources.osc import OscError, address


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9000", ("127.0.0.1", 9000)),
        ("0.0.0.0:9001", ("0.0.0.0", 9001)),
        ("studio.local:65535", ("studio.local", 65_535)),
        ("[::1]:9000", ("::1", 9000)),
        (" 9000 ", ("127.0.0.1", 9000)),
        ("off", None),
        ("OFF", None),
    ],
)
def test_an_address_is_a_port_with_or_without_a_host(text: str, meant: tuple[str, int] | None) -> None:
    assert address(text) == meant


@pytest.mark.parametrize("text", ["", "on", ":9000", "host:", "host", "9000:host", "-1", "1e3", "²", "::1:9000", "9 0"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(OscError, match=r"not a valid address; write a port such as 9000, HOST:PORT"):
        address(text)


@pytest.mark.parametrize("text", ["0", "65536", "host:99999"])
def test_a_port_that_cannot_be_is_refused_with_those_that_can(text: str) -> None:
    with pytest.raises(OscError, match="give one from 1024 to 65535"):
        address(text)

"""Where params say that their value comes from."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import DeclarationError, Param, Setting, Signal, load_palette, node, spec_of
from latent_terrain.engine.sources import read_source

SETTINGS: dict[str, Any] = {
    "device": "keys",
    "channel": 2,
    "address": "/xy",
    "size": 1,
    "kind": "cc",
    "row": 21,
    "many": 8,
}


def heard(declared: str, source: str, *numbers: float, low: float = 0.0, high: float = 10.0) -> float | None:
    return read_source(declared).heard(SETTINGS.__getitem__, source, numbers, low, high)


@pytest.mark.parametrize(
    ("declared", "source", "numbers", "value"),
    [
        ("osc:/fader", "osc:/fader", (42.0,), 42.0),
        ("osc:/fader", "osc:/fader/2", (42.0,), None),
        ("osc:/xy#2", "osc:/xy", (1.0, 7.0), 7.0),
        ("osc:/xy#2", "osc:/xy", (1.0,), None),
        ("osc:{address}", "osc:/xy", (1.0,), 1.0),
        ("osc:{address}#2 of {size}", "osc:/xy", (1.0, 7.0), None),
        ("midi:cc/1", "midi:Any Device/7/cc/1", (0.5,), 5.0),
        ("midi:cc/1", "midi:Any Device/7/cc/2", (0.5,), None),
        ("midi:cc/1", "gamepad:Any Device/7/cc/1", (0.5,), None),
        ("midi:{device}/{channel}/{kind}/1", "midi:My Keys/2/cc/1", (1.0,), 10.0),
        ("midi:{device}/{channel}/{kind}/1", "midi:My Keys/3/cc/1", (1.0,), None),
        ("midi:{device}/0/bend/9", "midi:My Keys/3/bend/0", (0.25,), 2.5),
        ("midi:cc/{row}#8 of {many}", "midi:Keys/1/cc/28", (0.5,), 5.0),
        ("midi:cc/{row}#8 of {many}", "midi:Keys/1/cc/21", (0.5,), None),
        ("midi:cc/{row}#2 of {size}", "midi:Keys/1/cc/22", (0.5,), None),
        ("midi:bend/0#2 of {many}", "midi:Keys/1/bend/0", (0.5,), None),
        ("midi:key/note", "midi:Keys/1/note/60", (0.5, 64.0, 0.25), 64.0),
        ("midi:key/velocity", "midi:Keys/1/note/60", (0.5, 64.0, 0.25), 0.25),
        ("midi:key/gate", "midi:Keys/1/note/60", (0.5, 64.0, 0.25), 1.0),
        ("midi:key/gate", "midi:Keys/1/note/60", (0.0, -1.0, 0.0), 0.0),
        ("midi:key/note", "midi:Keys/1/note/60", (0.0, -1.0, 0.0), None),
        ("midi:key/note", "midi:Keys/1/cc/60", (0.0,), None),
        ("gamepad:axis/0", "gamepad:Stadia/1/axis/0", (1.0,), 10.0),
        ("pad:finger/1/x", "pad:finger/1/x", (0.5,), 5.0),
        ("pad:finger/1/x", "pad:finger/2/x", (0.5,), None),
        ("pad:finger/1/tilt_x", "pad:finger/1/tilt_x", (-0.5,), -0.5),
    ],
)
def test_a_source_hears_what_it_names_and_nothing_else(
    declared: str, source: str, numbers: tuple[float, ...], value: float | None
) -> None:
    assert heard(declared, source, *numbers) == value


@pytest.mark.parametrize(
    ("declared", "part"),
    [
        ("sms:1", "osc:, midi:, gamepad:, pad:"),
        ("osc:fader", "osc:/address"),
        ("osc:/fader#0", "osc:/address"),
        ("midi:cc/1#0", "midi:cc/1"),
        ("midi:1", "midi:cc/1"),
        ("midi:wheel/1", "midi:cc/1"),
        ("midi:key/loudness", "midi:key/note"),
        ("gamepad:cc/1", "gamepad:axis/0"),
        ("pad:finger/1/z", "tilt_x"),
    ],
)
def test_what_is_no_source_is_told_when_the_node_is_declared(declared: str, part: str) -> None:
    with pytest.raises(DeclarationError, match="param 'level'") as caught:

        @node
        def odd(level: Annotated[float, Param(0, 1, source=declared)] = 0.0) -> Signal:
            """Odd."""
            raise NotImplementedError

    assert part in str(caught.value)


def test_a_setting_that_a_source_names_must_be_there() -> None:
    with pytest.raises(DeclarationError, match="the setting device"):

        @node
        class Odd:
            """Odd."""

            def __init__(self, number: Annotated[int, Setting()] = 1) -> None:
                pass

            def process(self, level: Annotated[float, Param(0, 1, source="midi:{device}/*/cc/1")] = 0.0) -> Signal:
                raise NotImplementedError


def test_switches_and_choices_have_sources_too() -> None:
    @node
    def switched(on: Annotated[bool, Param(0, 1, source="midi:note/60")] = False) -> Signal:
        """Switched."""
        raise NotImplementedError

    assert list(spec_of(switched).sources) == ["on"]


@given(st.text(), st.lists(st.floats(), max_size=4))
def test_nothing_that_is_sent_stops_a_built_in_node_from_listening(sent: str, numbers: list[float]) -> None:
    for spec in load_palette().specs.values():
        settings = {name: one.default for name, one in spec.settings.items()}
        for own in spec.sources.values():
            for source in (sent, f"{own.scheme}:{sent}", f"{own.scheme}:a/1/note/{sent}"):
                own.heard(settings.__getitem__, source, numbers or [0.0], 0.0, 1.0)

"""Reading a node from its signature."""

from typing import Annotated, Literal, NamedTuple

import pytest

from latent_terrain.engine import (
    DeclarationError,
    Event,
    Param,
    Signal,
    Trajectories,
    job,
    node,
    provides,
    spec_of,
)
from latent_terrain.engine.describe import describe


def test_a_function_says_its_ports_params_and_defaults_once() -> None:
    @node
    def loudness(
        audio: Signal,
        side: Signal | None = None,
        level: Annotated[float, Param(-60, 12, unit="dB", help="how loud")] = -3.0,
        shape: Literal["soft", "hard"] = "soft",
        voices: Annotated[int, Param(1, 8)] = 2,
        on: bool = True,
    ) -> Signal:
        """Loud."""
        return audio

    spec = spec_of(loudness)
    assert spec.type == "loudness"
    assert [(port.name, port.optional) for port in spec.inputs.values()] == [("audio", False), ("side", True)]
    assert {name: param.kind for name, param in spec.params.items()} == {
        "level": "float",
        "shape": "choice",
        "voices": "int",
        "on": "bool",
    }
    assert (spec.params["level"].low, spec.params["level"].unit, spec.params["level"].default) == (
        -60,
        "dB",
        -3.0,
    )
    assert describe(spec)["params"][1]["choices"] == ["soft", "hard"]


def test_several_outputs_are_named_by_a_named_tuple() -> None:
    class Played(NamedTuple):
        position: Signal
        ended: Event

    @node
    class Player:
        """Plays."""

        def process(self) -> Played:
            raise NotImplementedError

    assert {name: port.kind for name, port in spec_of(Player).outputs.items()} == {
        "position": "signal",
        "ended": "event",
    }


def test_work_on_trajectories_is_declared_by_methods() -> None:
    @node
    class Learner:
        """Learns."""

        @job
        def learn(self, paths: Trajectories, extra: Trajectories | None = None) -> dict[str, object]:
            return {}

        @provides
        def result(self) -> Trajectories:
            return Trajectories()

    spec = spec_of(Learner)
    assert {port.name: port.optional for port in spec.inputs.values()} == {"paths": False, "extra": True}
    assert spec.outputs["result"].kind == "trajectories"
    assert not spec.has_process


def test_an_unannotated_parameter_is_an_error_that_says_how_to_annotate_it() -> None:
    with pytest.raises(
        DeclarationError, match=r"'level' has no annotation; write level: Signal .*Annotated\[float, Param"
    ):

        @node
        def quiet(audio: Signal, level=0.5) -> Signal:  # type: ignore[no-untyped-def]
            """Quiet."""
            return audio


def test_a_default_outside_its_range_is_refused() -> None:
    with pytest.raises(DeclarationError, match="default of 'level' lies outside"):

        @node
        def loud(audio: Signal, level: Annotated[float, Param(0, 1)] = 2.0) -> Signal:
            """Loud."""
            return audio


def test_a_node_without_a_sentence_about_itself_is_refused() -> None:
    with pytest.raises(DeclarationError, match="no docstring"):

        @node
        def silent(audio: Signal) -> Signal:
            return audio

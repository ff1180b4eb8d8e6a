"""What a node uses as it is set: declared beside its params, and told to whoever shows it."""

import json
from typing import Annotated, Literal

import pytest

from latent_terrain.engine import DeclarationError, NodeSpec, Param, Setting, Setup, Signal, UsedWhen, node, spec_of
from latent_terrain.engine.describe import describe
from latent_terrain.engine.in_use import unused


@node
class Wobble:
    """Wobbles."""

    def __init__(
        self,
        setup: Setup,
        file: str = "",
        mode: Annotated[Literal["slow", "fast"], Setting(help="how")] = "slow",
        start: Annotated[float, Setting(help="s"), UsedWhen("mode", ("slow",))] = 0.0,
    ) -> None:
        pass

    def process(
        self,
        audio: Signal,
        speed: Annotated[float, Param(0, 1), UsedWhen("mode", ("fast",))] = 0.5,
        synced: Annotated[bool, UsedWhen("mode", ("fast",))] = False,
        tempo: Annotated[float, Param(0, 400), UsedWhen("synced", (True,))] = 120.0,
        level: Annotated[float, Param(0, 1)] = 1.0,
    ) -> Signal:
        """Do."""
        return audio


SPEC = spec_of(Wobble)


def test_params_and_settings_are_used_while_their_condition_holds() -> None:
    assert unused(SPEC, {}) == {"speed", "synced", "tempo"}
    assert unused(SPEC, {"mode": "fast"}) == {"start", "tempo"}
    assert unused(SPEC, {"mode": "fast", "synced": True}) == {"start"}


def test_what_depends_on_a_param_that_is_not_used_is_not_used() -> None:
    assert "tempo" in unused(SPEC, {"mode": "slow", "synced": True})


def test_a_value_that_there_is_not_counts_as_the_default_which_plays() -> None:
    assert unused(SPEC, {"mode": "of another version"}) == unused(SPEC, {})


def test_what_a_cord_drives_is_never_left_out() -> None:
    assert unused(SPEC, {}, {"speed"}) == {"synced", "tempo"}


def test_the_description_tells_it_as_plain_data() -> None:
    about = json.loads(json.dumps(describe(SPEC)))
    conditions = {one["name"]: one.get("used_when") for one in (*about["params"], *about["settings"])}
    assert conditions == {
        "speed": {"name": "mode", "values": ["fast"]},
        "synced": {"name": "mode", "values": ["fast"]},
        "tempo": {"name": "synced", "values": [True]},
        "level": None,
        "file": None,
        "mode": None,
        "start": {"name": "mode", "values": ["slow"]},
    }
    assert UsedWhen("line_mode", ("slow", "fast")).words == "used when line mode is slow or fast"
    assert UsedWhen("synced", (True,)).words == "used when synced is on"


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (UsedWhen("mood", ("slow",)), r"'it' is used when 'mood' has some value; declare a param or setting of that"),
        (
            UsedWhen("share", ("3",)),
            r"'share' has some value, which is a fraction or a list; name a choice",
        ),
        (UsedWhen("count", ("3",)), r"'count' is '3', which it never is; write values as its default is"),
        (UsedWhen("mode", ("fat",)), r"'it' is used when 'mode' is 'fat', which it never is; choose of slow, fast"),
        (UsedWhen("on", ("yes",)), r"'it' is used when 'on' is 'yes', which it never is; choose of True, False"),
        (UsedWhen("mode", ()), r"'it' is used when 'mode' has no value; write UsedWhen\('mode', \('value', …\)\)"),
        (UsedWhen("mode", "fast"), r"'it' is used when 'mode' has no value; write"),  # type: ignore[arg-type]
        (UsedWhen("it", ("a",)), r"whether 'it' is used depends on itself; leave a condition out"),
        (UsedWhen("other", ("a",)), r"whether 'it' is used depends on itself; leave a condition out"),
    ],
)
def test_a_condition_that_can_not_be_is_refused_with_a_sentence(condition: UsedWhen, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        declared(condition)


def declared(condition: UsedWhen) -> NodeSpec:
    @node
    def odd(
        audio: Signal,
        mode: Literal["slow", "fast"] = "slow",
        on: bool = True,
        count: Annotated[int, Param(0, 9)] = 3,
        share: Annotated[float, Param(0, 9)] = 3.0,
        it: Annotated[Literal["a", "b"], condition] = "a",
        other: Annotated[Literal["a", "b"], UsedWhen("it", ("a",))] = "a",
    ) -> Signal:
        """Odd."""
        return audio

    return spec_of(odd)

"""Health: what is well and what is not, in the same words everywhere, and JSON whatever is told."""

import json
import math
from typing import Any

import pytest

from latent_terrain.ui.control.health import health_of, lines_of

WELL: dict[str, Any] = {
    "is_playing": True,
    "is_heard": True,
    "wants_device": True,
    "heard_changed_at": 1_700_000_000.0,
    "device": "card",
    "sample_rate": 48_000.0,
    "block": 256,
    "late_frames": 3,
    "xruns": 1,
    "last_second": {"blocks": 187, "late_frames": 0, "peak_db": -6.0, "rms_db": -20.0},
    "load": {"p50": 0.1, "p99": 0.2},
}


def test_all_is_well() -> None:
    health = health_of(WELL, {"controls": {"sources": {"osc /sensor": 100.0}}}, now=103.0)
    assert health["is_well"] is True
    assert health["why"] == []
    assert health["blocks_last_second"] == 187
    assert health["sources_seconds_ago"] == {"osc /sensor": 3.0}
    assert "heard_since" in health
    assert lines_of(health)[0] == "well"
    assert any("last heard of osc /sensor: 3 s ago" in line for line in lines_of(health))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"is_playing": False}, "the sound stands still: no block has been played for a second"),
        ({"last_second": {"blocks": 20}}, "only 20 of 188 blocks were played in the last second"),
        ({"is_heard": False}, "no audio device since"),
    ],
)
def test_a_frozen_sound_and_a_lost_device_are_not_well(change: dict[str, Any], why: str) -> None:
    health = health_of({**WELL, **change}, {})
    assert health["is_well"] is False
    assert why in health["why"][0]
    assert lines_of(health)[:2] == ["NOT WELL", f"  {health['why'][0]}"]


def test_who_plays_without_a_device_on_purpose_is_well() -> None:
    assert health_of({**WELL, "is_heard": False, "wants_device": False}, {})["is_well"]


def test_nothing_that_plays_is_not_well() -> None:
    assert health_of({})["why"] == ["nothing plays: there is no engine, or it does not answer"]


def test_what_programs_beside_it_tell_counts() -> None:
    told = {"service": {"problems": ["the disk has 1 MB left"], "disk_free": 1 << 20, "restarts": 2}}
    health = health_of({**WELL, "facts": told})
    assert health["why"] == ["the disk has 1 MB left"]
    assert health["restarts"] == 2


@pytest.mark.parametrize("odd", [math.nan, math.inf, -1e300, "x", None, [1], {"a": math.nan}])
def test_whatever_is_told_is_json(odd: Any) -> None:
    facts = {"a": {"b": odd, "state": odd, "disk_free": odd}, "c": odd}
    health = health_of({**WELL, "heard_changed_at": odd, "last_second": {"blocks": 187, "peak_db": odd}}, facts)
    json.dumps(health, allow_nan=False)
    assert lines_of(health)

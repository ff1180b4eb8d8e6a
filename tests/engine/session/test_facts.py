"""What programs beside an engine tell of themselves: kept while they do, and no longer."""

import pytest

from latent_terrain.engine.messages import TellFacts
from latent_terrain.engine.session import facts as module
from latent_terrain.engine.session.facts import MOST_PROGRAMS, KeptFacts


def test_the_newest_of_each_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    kept = KeptFacts()
    kept.take(TellFacts(program="controls", facts={"a": 1}))
    kept.take(TellFacts(program="controls", facts={"a": 2}))
    kept.take(TellFacts(program="service", facts={"b": 3}))
    assert kept.now() == {"controls": {"a": 2}, "service": {"b": 3}}
    now = 4.0
    kept.take(TellFacts(program="service", facts={"b": 4}))
    now = 6.0
    assert kept.now() == {"service": {"b": 4}}


def test_there_are_only_so_many() -> None:
    kept = KeptFacts()
    for number in range(MOST_PROGRAMS * 2):
        kept.take(TellFacts(program=str(number), facts={}))
    assert len(kept.now()) == MOST_PROGRAMS

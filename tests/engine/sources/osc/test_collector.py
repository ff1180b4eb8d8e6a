"""Of what comes in between two messages the newest counts, everything gets its turn, and complaints end."""

import pytest

from latent_terrain.engine.messages.children import OscNews
from latent_terrain.engine.sources.osc.collector import MOST_REMARKS, MOST_VALUES, Collector

from .words import about, bundle, message

NAMES = {
    "gain-1": {"level": about("float", -60.0, 12.0), "mute": about("bool")},
    "gain-2": {"level": about("float", -60.0, 12.0)},
    "pan-1": {"side": about("choice", choices=("left", "right"))},
}


@pytest.fixture
def collector() -> Collector:
    made = Collector()
    made.learn(1, NAMES)
    return made


def after(collector: Collector, *packets: bytes) -> OscNews:
    for packet in packets:
        collector.take(packet)
    return collector.message()


def test_the_newest_value_of_each_param_is_told_once(collector: Collector) -> None:
    told = after(collector, *(message("/node/gain-1/level", float(number)) for number in range(-50, 0)))
    assert told.values == [("gain-1", "level", -1.0, False)]
    assert not collector.has_news
    assert collector.message().values == []


def test_own_units_and_norm_are_one_param_and_the_newer_wins(collector: Collector) -> None:
    own, norm = message("/node/gain-1/level", -6.0), message("/node/gain-1/level/norm", 0.5)
    assert after(collector, own, norm).values == [("gain-1", "level", 0.5, True)]
    assert after(collector, norm, own).values == [("gain-1", "level", -6.0, False)]


def test_all_kinds_of_values_come_through(collector: Collector) -> None:
    told = after(
        collector,
        message("/node/gain-1/level", 3),
        message("/node/gain-1/mute", True),
        message("/node/pan-1/side", "right"),
    )
    assert told.values == [
        ("gain-1", "level", 3.0, False),
        ("gain-1", "mute", True, False),
        ("pan-1", "side", "right", False),
    ]
    assert told.remarks == []


@pytest.mark.parametrize(
    ("address", "turned"),
    [
        ("/node/*/level", ["gain-1.level", "gain-2.level"]),
        ("/node/gain-?/level", ["gain-1.level", "gain-2.level"]),
        ("/node/gain-[2-3]/level", ["gain-2.level"]),
        ("/node/{gain-1,pan-1}/{level,mute}", ["gain-1.level", "gain-1.mute"]),
        ("/node/gain-1/*", ["gain-1.level", "gain-1.mute"]),
    ],
)
def test_wildcards_turn_everything_that_fits(collector: Collector, address: str, turned: list[str]) -> None:
    told = after(collector, message(address, 1.0))
    assert [f"{node}.{param}" for node, param, _, _ in told.values] == turned


def test_wildcards_work_for_norm(collector: Collector) -> None:
    told = after(collector, message("/node/*/level/norm", 0.25))
    assert told.values == [("gain-1", "level", 0.25, True), ("gain-2", "level", 0.25, True)]


def test_bundles_are_applied_in_order(collector: Collector) -> None:
    later = bundle(message("/node/gain-1/level", -3.0), seconds=1 << 31)
    told = after(collector, bundle(message("/node/gain-1/level", -9.0), later, message("/node/gain-2/level", 1.0)))
    assert told.values == [("gain-1", "level", -3.0, False), ("gain-2", "level", 1.0, False)]


def test_what_is_out_of_range_is_clipped_and_told_once_per_param(collector: Collector) -> None:
    packet = message("/node/gain-1/level", 99.0)
    told = after(collector, packet, packet, packet)
    assert told.values == [("gain-1", "level", 12.0, False)]
    assert len(told.remarks) == 1
    assert "goes from -60 to 12" in told.remarks[0]
    assert told.counts["clipped"] == 3


def test_what_is_no_number_is_refused_and_the_value_before_stays(collector: Collector) -> None:
    told = after(collector, message("/node/gain-1/level", -6.0), message("/node/gain-1/level", float("nan")))
    assert told.values == [("gain-1", "level", -6.0, False)]
    assert told.counts["refused"] == 1
    assert "takes a number, not nan" in told.remarks[0]


@pytest.mark.parametrize(
    "address",
    ["/", "/node", "/node/gain-1", "/node/gain-9/level", "/node/gain-1/lvl", "/node/gain-1/level/half", "/quit"],
)
def test_an_unknown_address_is_counted_and_told_once(collector: Collector, address: str) -> None:
    told = after(collector, message(address, 1.0), message(address, 2.0))
    assert told.values == []
    assert told.counts["unknown"] == 2
    assert len(told.remarks) == 1
    assert told.remarks[0].startswith(f"{address}: no such address")


def test_a_near_miss_is_told_what_was_meant(collector: Collector) -> None:
    assert "did you mean /node/gain-1/level?" in after(collector, message("/node/gian-1/level", 1.0)).remarks[0]


def test_complaints_come_to_an_end(collector: Collector) -> None:
    told = after(collector, *(message(f"/wrong/{number}", 1.0) for number in range(1000)))
    assert told.counts["unknown"] == 1000
    assert len(told.remarks) == MOST_REMARKS + 1
    assert "only counted from now on" in told.remarks[-1]


def test_strange_letters_do_not_reach_the_terminal(collector: Collector) -> None:
    (remark,) = after(collector, message("/\x1b[2J\n" + "x" * 500, 1.0)).remarks
    assert remark.isprintable()
    assert len(remark) < 200


def test_packets_that_are_none_are_counted_and_told_once(collector: Collector) -> None:
    told = after(collector, b"noise", b"/broken", b"#bundle")
    assert told.counts["malformed"] == told.counts["packets"] == 3
    assert len(told.remarks) == 1


def test_of_more_values_than_a_message_holds_the_others_come_next_and_none_starves(collector: Collector) -> None:
    many = {f"node-{number}": {"level": about()} for number in range(2 * MOST_VALUES + 10)}
    collector.learn(2, many)
    seen: list[str] = []
    while len(set(seen)) < len(many):
        assert len(seen) < 4 * len(many), "some wait for ever"
        for name in list(many)[:MOST_VALUES]:  # the first ones are turned all the time
            collector.take(message(f"/node/{name}/level", 0.5))
        if not seen:
            collector.take(message("/node/*/level", 0.25))
        values = collector.message().values
        assert 0 < len(values) <= MOST_VALUES
        seen += [node for node, *_ in values]


def test_a_panic_is_told_once_with_the_values(collector: Collector) -> None:
    told = after(collector, message("/panic"), message("/panic"), message("/node/gain-1/level", 1.0))
    assert told.commands == ["panic"]
    assert len(told.values) == 1
    assert after(collector).commands == []


def test_who_asks_is_told_apart_from_who_turns(collector: Collector) -> None:
    assert collector.take(message("/ping")) == [("/ping", [])]
    assert collector.take(bundle(message("/status"), message("/ping"))) == [("/status", []), ("/ping", [])]
    assert collector.take(message("/node/gain-1/level", 1.0)) == []
    assert collector.counts["unknown"] == 0


def test_what_waits_for_a_param_that_is_gone_or_another_is_forgotten(collector: Collector) -> None:
    collector.take(message("/node/*/level", -3.0))
    collector.learn(2, {"gain-1": {"level": about("float", 0.0, 1.0)}, "gain-2": NAMES["gain-2"]})
    told = collector.message()
    assert told.values == [("gain-2", "level", -3.0, False)]
    assert told.version == 2


def test_an_address_is_looked_up_anew_after_an_edit(collector: Collector) -> None:
    assert after(collector, message("/node/new/level", 0.5)).values == []
    collector.learn(2, {"new": {"level": about()}})
    assert after(collector, message("/node/new/level", 0.5)).values == [("new", "level", 0.5, False)]


def test_what_waits_beyond_one_message_is_known_so_that_a_question_can_wait_for_it(collector: Collector) -> None:
    ranges = {f"n-{number}": {"value": about("float", 0.0, 1.0)} for number in range(300)}
    collector.learn(1, ranges)
    assert not collector.has_more
    for node in ranges:
        collector.take(message(f"/node/{node}/value", 0.5))
    assert collector.has_more
    assert len(collector.message().values) == 256
    assert not collector.has_more


def test_nodes_in_definitions_have_two_parts_and_wildcards_stay_outside(collector: Collector) -> None:
    level = {"level": about("float", -60.0, 12.0)}
    collector.learn(1, {**NAMES, "voice/gain": level, "voice/pan": level, "other/gain": level})
    assert after(collector, message("/node/voice/gain/level", -6.0)).values == [("voice/gain", "level", -6.0, False)]
    assert after(collector, message("/node/voice/gain/level/norm", 0.5)).values == [("voice/gain", "level", 0.5, True)]
    told = after(collector, message("/node/*/level", -3.0)).values
    assert [node for node, *_ in told] == ["gain-1", "gain-2"]
    told = after(collector, message("/node/voice/*/level", -4.0)).values
    assert [node for node, *_ in told] == ["voice/gain", "voice/pan"]
    told = after(collector, message("/node/*/gain/level", -5.0)).values
    assert [node for node, *_ in told] == ["voice/gain", "other/gain"]
    assert after(collector, message("/node/voice/level", -5.0)).values == []

"""Patches as bytes: canonical, lossless, and hostile bytes told in one sentence within bounds."""

import subprocess
import sys
import tracemalloc
from dataclasses import replace
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.graphs import Asset, Cord, Node, Patch, PatchFileError, add_node, connect, dump, load, set_content

from .strategies import packed, patches


def small() -> Patch:
    patch = add_node(add_node(Patch(seed=7), "sine", name="tone", values={"frequency": 220.0}), "audio_out", name="out")
    patch = connect(patch, "tone.out", "out.audio")
    return set_content(patch, "tone", {"line": np.arange(6, dtype=np.float32).reshape(3, 2)})


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def edited(patch: Patch, **changes: Any) -> bytes:
    raw = msgpack.unpackb(dump(patch))
    raw.update(changes)
    return packed(raw)


@settings(max_examples=60)
@given(patches())
def test_what_is_saved_is_what_is_loaded(patch: Patch) -> None:
    assert load(dump(patch)) == patch


@settings(max_examples=60)
@given(patches())
def test_the_same_patch_gives_the_same_bytes(patch: Patch) -> None:
    data = dump(patch)
    assert dump(load(data)) == data
    turned = replace(
        patch, nodes={name: patch.nodes[name] for name in reversed(list(patch.nodes))}, cords=patch.cords[::-1]
    )
    assert dump(turned) == data


def test_an_array_shared_by_two_nodes_stands_once_in_the_file() -> None:
    take = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    one = set_content(small(), "tone", {"take": take})
    both = set_content(one, "out", {"take": take.copy()})
    assert len(dump(both)) < len(dump(one)) + 200


def test_unknown_keys_and_unknown_node_types_survive() -> None:
    raw = msgpack.unpackb(dump(add_node(small(), "theremin", name="t", values={"antenna": [1, {"a": None}]})))
    raw["future"] = {"a": [1, 2.5, b"x"]}
    raw["nodes"]["tone"]["colour"] = "red"
    raw["cords"][0]["bend"] = 0.5
    raw["assets"]["x"] = {"path": "a.wav", "sha256": "0" * 64, "size": 3, "mood": "blue"}
    patch = load(packed(raw))
    again = msgpack.unpackb(dump(patch))
    assert again["future"] == raw["future"]
    assert again["nodes"]["tone"]["colour"] == "red"
    assert again["cords"][0]["bend"] == 0.5
    assert again["assets"]["x"]["mood"] == "blue"
    assert again["nodes"]["t"]["values"] == {"antenna": [1, {"a": None}]}


def test_a_file_cut_anywhere_is_one_clear_error() -> None:
    data = dump(small())
    for length in range(len(data)):
        with pytest.raises(PatchFileError) as caught:
            load(data[:length])
        assert str(caught.value).count(";") == 1


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_damaged_byte_is_an_error_or_another_whole_patch(place: int, change: int) -> None:
    data = bytearray(dump(small()))
    data[place % len(data)] ^= change
    try:
        loaded = load(bytes(data))
    except PatchFileError:
        return
    assert load(dump(loaded)) == loaded


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=2, max_size=30))
def test_many_damaged_bytes_are_an_error_or_another_whole_patch(damage: list[tuple[int, int]]) -> None:
    data = bytearray(dump(small()))
    for place, byte in damage:
        data[place % len(data)] = byte
    try:
        loaded = load(bytes(data))
    except PatchFileError:
        return
    assert load(dump(loaded)) == loaded


def test_a_damaged_array_is_found_by_its_checksum() -> None:
    data = dump(small())
    place = data.index(np.float32(5.0).tobytes())
    with pytest.raises(PatchFileError, match="checksum"):
        load(data[:place] + b"\x00\x00\xa1\x40" + data[place + 4 :])


@given(st.binary(max_size=300))
def test_random_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(PatchFileError):
        load(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "this file is empty"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a WAV sound"),
        (b"fLaC....", "a FLAC sound"),
        (b"PK\x03\x04....", "a zip archive"),
        (b'{"nodes": []}', "JSON text"),
        (b"hello, I am a text", "plain text"),
        (b"\x00\x01\x02", "unknown header"),
        (b"\x81\xa1\xff\x00", "a text in it can't be read"),
        (packed({"nodes": {}}), "not marked as one"),
        (b"\x81\xa1a" + b"\x91" * 10_000 + b"\x00", "nested deeper than 64 levels"),
        (b"\x81\xa1a" + b"\x81\xa1a" * 10_000 + b"\x00", "nested deeper than 64 levels"),
        (b"\x82\xa1a\x00\xa1a\x01", "occurs twice"),
        (b"\x81\xa1a\xc7\x01\x05\x00", "a kind of value that patches never hold"),
    ],
)
def test_foreign_and_hostile_files_are_named(data: bytes, what: str) -> None:
    with pytest.raises(PatchFileError, match=what):
        load(data)


@pytest.mark.parametrize(
    "head", [b"\xdd\xff\xff\xff\xff", b"\x81\xa1a\xdf\xff\xff\xff\xff", b"\x81\xa1a\xc6\xff\xff\xff\xff"]
)
def test_a_length_that_lies_costs_no_memory(head: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(PatchFileError):
        load(head + b"\xc0" * 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


def test_many_lists_that_each_claim_the_whole_file_cost_no_memory() -> None:
    """Every level of 60 claims a million items, which only one of them could have."""
    data = b"\x81\xa1a" + b"\xdd\x00\x0f\x00\x00" * 60 + b"\xc0" * 1_000_000
    tracemalloc.start()
    with pytest.raises(PatchFileError, match="ends too early"):
        load(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


def test_a_file_of_a_million_small_things_is_refused_before_any_is_made() -> None:
    """A byte that says "empty map" would cost 70 in memory."""
    data = (
        packed({"format": "latent-terrain", "version": 1, "x": []})[:-1] + b"\xdd\x00\x0f\x42\x40" + b"\x80" * 1_000_000
    )
    tracemalloc.start()
    with pytest.raises(PatchFileError, match="more than 1000000 values"):
        load(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


def test_a_file_of_more_nodes_than_any_patch_is_refused() -> None:
    raw = {**msgpack.unpackb(dump(Patch())), "nodes": {f"n{number}": {"type": "sine"} for number in range(10_001)}}
    with pytest.raises(PatchFileError, match="more than 10000 nodes"):
        load(msgpack.packb(raw) or b"")


def test_memory_is_in_proportion_to_the_number_of_values() -> None:
    """A thirtieth of the values that a file may hold takes less than a thirtieth of the 300 MB promised.

    In a process of its own, since what other tests left decides how soon garbage is collected.
    """
    nodes = b"".join(b"\xa6%06d\x81\xa4type\xa1x" % number for number in range(8_000))
    data = b"\x83\xa6format\xaelatent-terrain\xa7version\x01\xa5nodes\xdf\x00\x00\x1f\x40" + nodes
    program = (
        "import sys, tracemalloc; from latent_terrain.graphs import load; data = sys.stdin.buffer.read(); "
        "tracemalloc.start(); assert len(load(data).nodes) == 8_000; print(tracemalloc.get_traced_memory()[1])"
    )
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert int(done.stdout) < 10_000_000 + 3 * len(data)


def test_reading_takes_at_most_three_times_the_files_size() -> None:
    patch = set_content(small(), "tone", {"take": np.random.default_rng(0).standard_normal(1_000_000)})
    data = dump(patch)
    tracemalloc.start()
    load(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(data)


def test_a_newer_file_is_refused_with_who_wrote_it() -> None:
    with pytest.raises(PatchFileError, match=r"newer program \(latent-terrain 9.9, file version 99;.*update"):
        load(edited(small(), version=99, app="latent-terrain 9.9"))


@pytest.mark.parametrize(
    "changes",
    [
        {"nodes": []},
        {"nodes": {"a": 3}},
        {"nodes": {"a.b": {"type": "sine"}}},
        {"nodes": {"a": {"type": 5}}},
        {"nodes": {"a": {"type": "x", "position": [1, "b"]}}},
        {"nodes": {"a": {"type": "x", "content": {"w": "0" * 64}}}},
        {"cords": {}},
        {"cords": [{"source": "a", "target": "b.c"}]},
        {"cords": [7]},
        {"cords": [{"source": "a.b", "target": "c.d"}, {"source": "e.f", "target": "c.d"}]},
        {"cords": [{"source": "a b.out", "target": "c.d"}]},
        {"seed": -5},
        {"seed": 2**63},
        {"view": {"zoom": float("nan")}},
        {"nodes": {"a": {"type": "x", "values": {"level": [1.0, {"deep": float("inf")}]}}}},
        {"nodes": {"a": {"type": "x", "position": ["1", "2"]}}},
        {"nodes": {"a": {"type": "x", "position": [1, 2, 3]}}},
        {"nodes": {"a": {"type": "x", "position": [float("nan"), 0]}}},
        {"nodes": {"a": {"type": "x", "position": [2**63, float("-inf")]}}},
        {"nodes": {"a": {"type": "x", "content": {"w": ["0"]}}}},
        {"nodes": {"n" * 100_000: {"type": "x"}}},
        {"assets": {"a": {"path": "/etc/passwd", "sha256": "0" * 64, "size": 1}}},
        {"assets": {"a": {"path": "../rain.wav", "sha256": "0" * 64, "size": 1}}},
        {"assets": {"a": {"path": "rain.wav", "sha256": "0" * 64, "size": -1}}},
        {"assets": {"a": {"path": "rain.wav", "sha256": "0" * 64, "size": 3, "embedded": b"four"}}},
        {"blobs": {"0": {"dtype": "float32", "shape": [0, 2**62], "data": b""}}},
        {"blobs": {"0": {"dtype": "float32", "shape": [0] * 70, "data": b""}}},
        {"blobs": {"0": {"dtype": "bool", "shape": [1], "data": b"\x02"}}},
        {"blobs": {"0": {"dtype": ["float32"], "shape": [1], "data": b"abcd"}}},
        {"seed": "x"},
        {"blobs": {"0": {"dtype": "object", "shape": [1], "data": b""}}},
        {"blobs": {"0": {"dtype": "float32", "shape": [2**40], "data": b""}}},
        {"blobs": {"0": {"dtype": "float32", "shape": [-1], "data": b"abcd"}}},
        {"version": True},
        {"version": "1"},
    ],
)
def test_a_map_with_the_wrong_shapes_is_one_clear_error_never_a_crash(changes: dict[str, Any]) -> None:
    with pytest.raises(PatchFileError) as caught:
        load(edited(small(), **changes))
    told = str(caught.value)
    assert told.count(";") == 1
    assert len(told) < 250
    assert "\n" not in told


@pytest.mark.parametrize(
    ("patch", "what"),
    [
        (Patch({"a b": Node("x")}), "'a b' can't name a node"),
        (Patch({"a": Node("x", position=(float("nan"), 0.0))}), "no place on the canvas"),
        (Patch({"a": Node("x", {"level": float("inf")})}), "not finite"),
        (Patch({"a": Node("x", {"level": {1, 2}})}), "type set has no place"),  # type: ignore[dict-item]
        (Patch({"a": Node("x", {"level": {1: 2}})}), "a key is not text"),  # type: ignore[dict-item]
        (Patch({"a": Node("x", {"level": 2**64})}), "beyond 64 bits"),
        (Patch({"a": Node("x", {"level": "\ud800"})}), "characters that no file can hold"),
        (Patch({"a": Node("x", {"level": nested(70)})}), "nested deeper than 64"),
        (Patch({"a": Node("x", {"level": nested(10_000)})}), "nested deeper than 64"),
        (Patch({"a": Node("x", {"level": list(range(1_000_000))})}), "more than 1000000 values"),
        (Patch(cords=(Cord("a.b", "c.d"), Cord("e.f", "c.d"))), "two cords go into 'c.d'"),
        (Patch(assets={"a": Asset("/etc/passwd", "0" * 64, 1)}), "not a path in the patch folder"),
        (Patch(seed=-1), "seed"),
        (Patch(extra={"nodes": 3}), "the extra key 'nodes' is one that patches use"),
        (Patch({"a": Node("x", extra={"type": "y"})}), "the extra key 'type' is one"),
        (Patch(cords=(Cord("a.b", "c.d", {"source": 1}),)), "the extra key 'source' is one"),
        (Patch(assets={"a": Asset("a", "0" * 64, 1, extra={"size": 2})}), "the extra key 'size' is one"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_patch_that_would_not_come_back_is_told_when_it_is_saved(patch: Patch, what: str) -> None:
    with pytest.raises(PatchFileError, match=what):
        dump(patch)


def test_numbers_from_numpy_are_saved_as_numbers() -> None:
    values: dict[str, Any] = {"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(True)}
    assert load(dump(Patch({"n": Node("x", values)}))).nodes["n"].values == {"a": 0.5, "b": 3, "c": True}


def test_loaded_arrays_cannot_be_changed() -> None:
    array = load(dump(small())).nodes["tone"].content["line"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1.0


def test_a_node_keeps_everything() -> None:
    node = Node("x", {"a": 1}, {"c": np.zeros(2, np.int64)}, (3.0, -4.5), "title", True, True, {"future": 1})
    assert load(dump(Patch({"n": node}))).nodes["n"] == node

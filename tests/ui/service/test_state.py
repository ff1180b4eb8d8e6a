"""The state of a served patch: all is found again, nothing damaged is used or thrown away, one serves at a time."""

import os
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from latent_terrain.engine import check_patch, load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import PatchFileError, add_node, load_file, save, set_content, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.service.state import LOCK, STATE, ServedState, StateInUse, state_folder

from .toy_engine import ToyClient

PALETTE = load_palette()
TAKE = np.full((5, 2), 3.0, np.float32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(load_file(STARTERS["live-record"].file), tmp_path / "stage.ltp")


@pytest.fixture
def said() -> list[str]:
    return []


def state(file: Path, said: list[str]) -> ServedState:
    return ServedState(file.parent / "state", file, PALETTE, said.append)


def client(patch: Any) -> Any:
    return cast(Any, ToyClient(patch))


def again(kept: ServedState, file: Path, said: list[str]) -> ServedState:
    kept.close()
    return state(file, said)


def test_what_was_turned_and_recorded_is_found_again(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.patch = set_value(one.patch, "walk", "frequency", 0.25)
    one.taken = {"places": {**one.patch.nodes["places"].content, "takes/0002": TAKE}}
    one.shown["places", "takes"] = 2.0
    kept.save(one)
    assert "takes/0002" not in one.patch.nodes["places"].content  # the patch that plays is left alone
    found = again(kept, file, said).open()
    assert found.nodes["walk"].values["frequency"] == 0.25
    assert np.array_equal(found.nodes["places"].content["takes/0002"], TAKE)
    assert said == []


def test_no_take_begins_by_itself_after_a_power_cut(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.patch = set_value(one.patch, "places", "recording", True)
    kept.save(one)
    found = again(kept, file, said).open()
    assert "recording" not in found.nodes["places"].values  # and not None, with which no recorder can be made
    assert not check_patch(found, PALETTE, offline_setup(found, file.parent))


def test_nothing_is_written_or_asked_for_while_nothing_is_new(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.shown["places", "takes"] = 1.0
    kept.save(one)
    before = kept.path.stat().st_mtime_ns
    for _ in range(3):
        kept.save(one)
    assert one.captures == 1
    assert kept.path.stat().st_mtime_ns == before


def test_what_an_engine_had_recorded_that_died_comes_back_into_the_patch(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.taken = {"places": {**one.patch.nodes["places"].content, "takes/0002": TAKE}}
    one.shown["places", "takes"] = 2.0
    kept.save(one)
    one.is_gone = True
    kept.restore(one)
    assert np.array_equal(one.patch.nodes["places"].content["takes/0002"], TAKE)


def test_an_engine_that_does_not_answer_costs_no_save(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.is_gone = True
    one.shown["places", "takes"] = 2.0
    one.patch = set_value(one.patch, "walk", "frequency", 0.25)
    kept.save(one)
    assert load_file(kept.path).nodes["walk"].values["frequency"] == 0.25


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x80", b"cut"])
def test_a_damaged_state_is_kept_aside_and_the_one_before_it_is_used(
    file: Path, said: list[str], damage: bytes
) -> None:
    kept = state(file, said)
    one = client(kept.open())
    for frequency in (0.25, 0.5):
        one.patch = set_value(one.patch, "walk", "frequency", frequency)
        kept.save(one)
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[: len(whole) // 2] if damage == b"cut" else damage)
    found = again(kept, file, said).open()
    assert found.nodes["walk"].values["frequency"] == 0.25
    assert "is not used" in said[0] and "it is kept as" in said[0]  # noqa: PT018
    assert said[1] == "the state as it was one save before is used"
    aside = [one for one in kept.folder.iterdir() if one.name.startswith("state 2")]
    assert [one.read_bytes() for one in aside] == [whole[: len(whole) // 2] if damage == b"cut" else damage]


def test_where_both_are_damaged_the_patch_is_begun_with(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    for frequency in (0.25, 0.5):
        one.patch = set_value(one.patch, "walk", "frequency", frequency)
        kept.save(one)
    for path in kept.folder.glob("state.ltp*"):
        path.write_bytes(b"garbage")
    assert again(kept, file, said).open() == load_file(file)
    assert len([one for one in kept.folder.iterdir() if one.name.startswith("state 2")]) == 2


def test_a_patch_that_was_changed_since_wins_and_the_state_is_kept_aside(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.patch = set_value(one.patch, "walk", "frequency", 0.25)
    kept.save(one)
    save(set_value(load_file(file), "out", "level", -20.0), file)
    found = again(kept, file, said).open()
    assert found == load_file(file)
    assert "stage.ltp has changed since" in said[0]


def test_a_patch_that_what_plays_was_saved_to_is_no_other_patch(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.patch = set_value(one.patch, "walk", "frequency", 0.25)
    save(one.patch, file)
    kept.follows_file()
    one.patch = set_value(one.patch, "walk", "frequency", 0.75)
    kept.save(one)
    assert again(kept, file, said).open().nodes["walk"].values["frequency"] == 0.75
    assert said == []


def test_a_fresh_start_keeps_the_state_aside(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.patch = set_value(one.patch, "walk", "frequency", 0.25)
    kept.save(one)
    assert again(kept, file, said).open(fresh=True) == load_file(file)
    assert "a fresh start was asked for" in said[0]


def test_a_state_is_found_though_its_patch_has_gone_and_without_both_it_is_a_sentence(
    file: Path, said: list[str]
) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.patch = set_value(one.patch, "walk", "frequency", 0.25)
    kept.save(one)
    file.unlink()
    assert again(kept, file, said).open().nodes["walk"].values["frequency"] == 0.25
    (kept.folder / STATE).unlink()
    with pytest.raises(PatchFileError):
        again(kept, file, said).open()


def test_what_cannot_be_saved_is_said_once_and_when_it_can_again(
    file: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from latent_terrain.ui.service import state as module

    kept = state(file, said)
    one = client(kept.open())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module, "save", full)
        for frequency in (0.1, 0.2):
            one.patch = set_value(one.patch, "walk", "frequency", frequency)
            kept.save(one)
    assert len(said) == 1
    assert "No space left" in kept.problem
    kept.save(one)
    assert kept.problem == ""
    assert said[1:] == ["the state can be saved again"]
    assert load_file(kept.path).nodes["walk"].values["frequency"] == 0.2


def test_one_process_serves_a_state_and_what_a_power_cut_left_is_no_hindrance(file: Path, said: list[str]) -> None:
    first = state(file, said)
    with pytest.raises(StateInUse, match=f"process {os.getpid()} serves this already"):
        state(file, said)
    first.close()
    # a number that another process has by now, too
    for left in ("", "x", "999999999", str(os.getppid())):
        (file.parent / "state" / LOCK).write_text(left)
        state(file, said).close()


def test_a_large_content_is_saved_whole(file: Path, said: list[str]) -> None:
    kept = state(file, said)
    one = client(kept.open())
    big = np.arange(300_000, dtype=np.float32).reshape(-1, 2)
    one.patch = set_content(one.patch, "places", {**one.patch.nodes["places"].content, "takes/0002": big})
    kept.save(one)
    assert np.array_equal(load_file(kept.path).nodes["places"].content["takes/0002"], big)


def test_each_patch_has_a_folder_of_its_own_and_systemd_may_name_it(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "stage.ltp", tmp_path / "b" / "stage.ltp"
    home = {"XDG_STATE_HOME": str(tmp_path)}
    assert state_folder(one, home) != state_folder(other, home)
    assert state_folder(one, home).parent == tmp_path / "latent-terrain"
    assert state_folder(one, {"STATE_DIRECTORY": "/var/lib/x:/var/lib/y"}) == Path("/var/lib/x")


def test_what_a_sensor_sent_last_is_saved_with_all_else_and_not_written_all_the_time(
    file: Path, said: list[str]
) -> None:
    kept = state(file, said)
    one = client(kept.open())
    one.patch = add_node(one.patch, "osc_in", name="sensor", values={"size": 8})
    writes = set[int]()
    for number in range(20):
        one.taken = {"sensor": {"numbers": np.full(8, number, np.float32)}}
        kept._ask_again_at = 0.0
        kept.save(one)
        writes.add(kept.path.stat().st_mtime_ns)
    assert len(writes) == 1
    one.patch = set_value(one.patch, "walk", "frequency", 0.25)
    kept.save(one)
    assert load_file(kept.path).nodes["sensor"].content["numbers"][0] == 19.0

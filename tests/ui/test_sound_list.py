"""The sounds of a patch as one list: added to what is there, in order, cut; and what a patch without any gets."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import load_palette
from latent_terrain.graphs import EditError, Patch, add_node, connect, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.sound_list import encoder_for, gathered, listed, part_of, shifted, with_added, without

PALETTE = load_palette()
HOME = Path("/music")


def added(patch: Patch, *names: str, node: str | None = None) -> tuple[Patch, str]:
    return with_added(patch, PALETTE, [Path(name) for name in names], HOME, node)


def test_an_empty_patch_gets_all_that_plays_a_map() -> None:
    patch, node = added(Patch(), "/music/a.wav", "/else/b.wav")
    assert listed(patch, node) == ("a.wav", "/else/b.wav"), "beside the patch by its name, elsewhere in full"
    assert {one.type for one in patch.nodes.values()} == {"encode", "gui", "terrain", "decoder", "audio_out"}
    assert patch.nodes["decoder"].values["codec"] == patch.nodes[node].values["codec"] == "builtin:sounds"
    assert patch.nodes["map"].values["layout"] == "map"


def test_more_sounds_come_after_those_that_are_there_and_none_twice() -> None:
    patch, node = added(added(Patch(), "/music/a.wav")[0], "/music/b.wav", "/music/a.wav")
    assert listed(patch, node) == ("a.wav", "b.wav")


def test_a_map_without_sounds_gets_an_encode_node_and_is_laid_out() -> None:
    patch = connect(
        add_node(add_node(Patch(), "gui", "paper"), "terrain", "land"), "paper.coordinates", "land.coordinates"
    )
    after, node = added(patch, "/music/a.wav")
    cords = {(cord.source, cord.target) for cord in after.cords}
    assert {(f"{node}.latents", "paper.latents"), (f"{node}.latents", "land.latents")} <= cords
    assert after.nodes["paper"].values["layout"] == "map"
    assert set(after.nodes) == {"paper", "land", node}


def test_a_map_that_was_told_to_stay_as_drawn_is_not_laid_out() -> None:
    after, _ = added(add_node(Patch(), "gui", "paper", values={"layout": "drawn"}), "/music/a.wav")
    assert after.nodes["paper"].values["layout"] == "drawn"


def test_what_is_there_stays_where_a_whole_map_is_added_beside_it() -> None:
    patch = add_node(add_node(Patch(), "sine", "map", position=(10, 500)), "audio_out", "out")
    after, node = added(patch, "/music/a.wav")
    assert after.nodes["map"] == patch.nodes["map"]
    assert len(after.nodes) == 7
    assert after.nodes[node].position[1] > 500


def test_sounds_go_to_the_node_that_is_named_and_else_to_the_maps() -> None:
    patch = add_node(STARTERS["walk"].build(), "encode", "a-first")
    assert encoder_for(patch, PALETTE) == "sounds"
    assert listed(added(patch, "/music/a.wav", node="a-first")[0], "a-first") == ("a.wav",)


def test_a_codec_that_was_chosen_stays() -> None:
    patch = set_value(Patch(nodes=add_node(Patch(), "encode", "ear").nodes), "ear", "codec", "builtin:bank")
    assert added(patch, "/music/a.wav")[0].nodes["ear"].values["codec"] == "builtin:bank"


def test_nothing_to_add_is_said() -> None:
    with pytest.raises(EditError, match="choose sound files, or a folder"):
        added(Patch())


def test_folders_stand_for_what_is_in_them_and_what_is_no_sound_is_said(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    for name in ("in/b2.wav", "in/b10.wav", "in/deep/c.mp3", "in/notes.txt"):
        (tmp_path / name).touch()
    said: list[str] = []
    found = gathered(
        [tmp_path / "in", tmp_path / "none", tmp_path / "in/notes.txt", tmp_path / "in/b2.wav"], said.append
    )
    assert [one.name for one in found] == ["b2.wav", "b10.wav", "c.mp3"]
    assert len(said) == 2
    assert "has no sound files in it" in said[0]
    assert "notes.txt is not a sound file" in said[1]


@given(st.lists(st.text(max_size=3), max_size=8, unique=True), st.sets(st.integers(0, 7)), st.sampled_from((-1, 1)))
def test_moving_keeps_every_sound_and_moves_the_chosen_together(names: list[str], chosen: set[int], by: int) -> None:
    chosen = {one for one in chosen if one < len(names)}
    after, places = shifted(names, chosen, by)
    assert sorted(after) == sorted(names)
    assert {after[one] for one in places} == {names[one] for one in chosen}
    back, _ = shifted(after, places, -by)
    ends = 0 if by < 0 else len(names) - 1
    if ends not in chosen:
        assert list(back) == names


def test_removing_and_parts() -> None:
    assert without(("a", "b", "c"), {0, 2}) == ("b",)
    assert part_of("a.wav#t=1", 1.5, 3.0) == "a.wav#t=1.5,3"
    assert part_of("a.wav#t=1", None, None) == "a.wav"
    assert part_of("a.wav", 2.0, None) == "a.wav#t=2"

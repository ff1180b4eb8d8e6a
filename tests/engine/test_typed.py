"""What is typed becomes what its param or setting is declared to be, and no name becomes a number."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import load_palette
from latent_terrain.engine.compile import check_patch
from latent_terrain.engine.compile.resolve import split_values
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.sources.osc.ranges import ranges_of, taken
from latent_terrain.engine.typed import Where, read_value, shown, split_list
from latent_terrain.graphs import Node, Patch, add_node

PALETTE = load_palette()
SOUNDS = PALETTE["encode"].settings["sounds"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("kick, dry.wav", "a.wav", "808", "1, 2, 3.wav", "odd#t=1.wav"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("808", ["808"]),
        ("808, 909", ["808", "909"]),
        ("1e3", ["1e3"]),
        ("true", ["true"]),
        ("kick, dry.wav", ["kick, dry.wav"]),
        ("a.wav, kick, dry.wav,808", ["a.wav", "kick, dry.wav", "808"]),
        ("1, 2, 3.wav", ["1, 2, 3.wav"]),
        ("a.wav#t=0.2,0.9", ["a.wav#t=0.2,0.9"]),
        ("a.wav#t=,0.9, b.wav", ["a.wav#t=,0.9", "b.wav"]),
        ("a.wav#t=0.2, b.wav#t=1,2", ["a.wav#t=0.2", "b.wav#t=1,2"]),
        ("kick, dry.wav#t=0.2,0.9,a.wav", ["kick, dry.wav#t=0.2,0.9", "a.wav"]),
        ("odd#t=1.wav,a.wav", ["odd#t=1.wav", "a.wav"]),
        ('["x, y.wav", 808]', ["x, y.wav", "808"]),
        ("bundled:, a.wav", ["bundled:", "a.wav"]),
        ("", []),
    ],
)
def test_a_list_of_files_is_parted_where_files_end(folder: Path, text: str, parts: list[str]) -> None:
    assert read_value(text, None, SOUNDS, Where(folder)) == parts
    assert read_value(shown(parts), None, SOUNDS, Where(folder)) == parts, "what is shown is read back"


def test_home_is_meant_by_a_tilde_where_one_types(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    where = Where(folder / "patches", folder / "here")
    assert read_value("~/a.wav, ~/kick, dry.wav", None, SOUNDS, where) == [
        str(folder / "a.wav"),
        str(folder / "kick, dry.wav"),
    ]
    assert read_value("~/a.wav#t=1,2", None, PALETTE["sound_player"].settings["file"], where).endswith("a.wav#t=1,2")


def test_lists_of_numbers_are_numbers_whatever_their_default(folder: Path) -> None:
    scales = PALETTE["latent_scale"].settings["scales"]
    assert read_value("1, 2*0.5", None, scales) == [1.0, 1.0]
    with pytest.raises(ValueError, match="not a list of numbers"):
        read_value("1, loud", None, scales)
    assert read_value("3", PALETTE["gui"].params["line"], None) == 3
    assert isinstance(read_value("3", PALETTE["gui"].params["line"], None), int)


def test_a_list_out_of_a_file_holds_what_is_declared() -> None:
    spec = PALETTE["encode"]
    settings, _, problems = split_values("it", Node("encode", {"sounds": [808, "a.wav"]}), spec)
    assert (settings["sounds"], problems) == (("808", "a.wav"), [])
    for wrong in ([True], [None], [["a.wav"]]):
        patch = add_node(Patch(), "encode", name="it", values={"sounds": wrong})
        assert [
            "not a list of texts" in str(one) for one in check_patch(patch, PALETTE, offline_setup(patch, Path()))
        ] == [True]
    patch = add_node(Patch(), "encode", name="it", values={"sounds": 3})
    assert "not a list; give a list like ['one', 'two']" in str(
        check_patch(patch, PALETTE, offline_setup(patch, Path()))[0]
    )
    patch = add_node(Patch(), "terrain", name="it", values={"box": ["1", 2, 3, 4]})
    assert any("not a list of numbers" in str(one) for one in check_patch(patch, PALETTE, offline_setup(patch, Path())))


def test_numbers_and_switches_sent_as_texts_are_taken() -> None:
    about = ranges_of(add_node(Patch(), "gui", name="map"), PALETTE)["map"]
    assert taken(about["rate"], ["0.5"], False).value == 0.5
    assert taken(about["line"], ["3"], False).value == 3
    assert taken(about["playing"], ["off"], False).value is False
    assert taken(about["mode"], ["chain"], False).value == "chain"
    assert taken(about["rate"], ["fast"], False).value is None


@given(st.text(max_size=30))
def test_no_text_breaks_a_list(text: str) -> None:
    assert all(isinstance(part, str) and part for part in split_list(text, Where(Path())))


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12), max_size=5))
def test_names_of_any_kind_are_read_back_as_they_are_shown(names: list[str]) -> None:
    assert split_list(shown(names)) == names


def test_every_list_says_what_it_holds() -> None:
    lists = [one for spec in PALETTE.specs.values() for one in spec.settings.values() if isinstance(one.default, tuple)]
    assert lists
    for one in lists:
        assert all(isinstance(value, {"number": float, "text": str}[one.element]) for value in one.default), one.name

"""The model library: what lies where, by content; nothing is ever lost by moving or renaming a file."""

from pathlib import Path

import pytest

from latent_terrain.graphs import Patch, add_node, connect, load_file, save
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.library import Library, file_digest, store
from latent_terrain.ui.cli import main
from latent_terrain.ui.missing_models import noted, with_found

from ..land import PALETTE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "models"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.ts").write_bytes(b"one")
    (folder / "deep" / "two.npz").write_bytes(b"two")
    (folder / "notes.txt").write_bytes(b"no model")
    return tmp_path


def test_models_are_found_in_folders_and_below_and_kept_in_mind(home: Path) -> None:
    library = Library()
    assert library.models() == ()
    library.add_folder(home / "models")
    assert [one.name for one in library.models()] == ["one", "two"]
    assert [one.name for one in Library().models()] == ["one", "two"]
    with pytest.raises(CodecError, match="is not a folder"):
        library.add_folder(home / "gone")
    with pytest.raises(CodecError, match="not in the list of folders"):
        library.remove_folder(home)
    library.remove_folder(home / "models")
    assert library.models() == ()


def test_favourites_and_those_played_last_come_first_and_licences_stay(home: Path) -> None:
    library = Library()
    library.add_folder(home / "models")
    library.note_use(home / "models" / "deep" / "two.npz")
    assert [one.name for one in library.models()] == ["two", "one"]
    library.mark("one", is_favourite=True, licence="CC BY 4.0")
    first = Library().models()[0]
    assert (first.name, first.licence, first.is_favourite, first.used) == ("one", "CC BY 4.0", True, "")
    with pytest.raises(CodecError, match="no model is called three"):
        library.mark("three", licence="?")


def test_a_model_that_was_moved_and_renamed_is_found_by_its_content(home: Path) -> None:
    library = Library()
    library.add_folder(home / "models")
    digest = file_digest(home / "models" / "one.ts")
    assert library.find(digest) == (home / "models" / "one.ts").resolve()
    (home / "models" / "one.ts").rename(home / "models" / "deep" / "other.ts")
    assert library.find(digest) == (home / "models" / "deep" / "other.ts").resolve()
    (home / "models" / "deep" / "other.ts").write_bytes(b"changed")
    assert library.find(digest) is None


@pytest.mark.parametrize(
    "text", ["", "[]", '{"folders": 3, "models": [], "digests": 1}', '{"models": {"a": {"path": 1}}}']
)
def test_a_damaged_memory_begins_anew(text: str, home: Path) -> None:
    store().parent.mkdir(parents=True)
    store().write_text(text)
    library = Library()
    library.add_folder(home / "models")
    assert len(library.models()) == 2


def test_a_patch_that_misses_its_model_gets_it_from_the_library_before_anybody_is_asked(home: Path) -> None:
    model = home / "models" / "one.ts"
    patch = add_node(Patch(), "decoder", name="voice", values={"codec": "sounds/one.ts"})
    patch = noted(patch, "sounds/one.ts", model)
    assert with_found(patch, PALETTE, home) == (patch, [])
    Library().add_folder(home / "models")
    found, said = with_found(patch, PALETTE, home)
    assert found.nodes["voice"].values["codec"] == str(model.resolve())
    assert said == [f"voice: sounds/one.ts is missing; the same model was found at {model.resolve()}"]
    assert with_found(found, PALETTE, home) == (found, [])


def test_on_the_command_line_it_is_said_and_the_file_stays_as_it_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = add_node(add_node(Patch(), "decoder", name="voice", values={"codec": "gone.npz"}), "audio_out", name="out")
    patch = noted(connect(patch, "voice.out", "out.audio"), "gone.npz", home / "models" / "deep" / "two.npz")
    save(patch, home / "song.ltp")
    assert main(["models", "add", str(home / "models")]) == 0
    main(["check", str(home / "song.ltp")])
    assert "the same model was found at" in capsys.readouterr().err
    assert load_file(home / "song.ltp").nodes["voice"].values["codec"] == "gone.npz"


def test_the_command_tells_folders_licences_and_favourites(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert "models add FOLDER" in capsys.readouterr().out
    assert main(["models", "add", str(home / "models")]) == 0
    assert main(["models", "mark", "two", "--favourite", "--licence", "mine"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-2].startswith("* two")
    assert "mine" in out
    assert main(["models", "mark", "three"]) == 3

"""Definitions of files in a folder are offered to every patch, which gets a copy of what it uses."""

from pathlib import Path

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.definition_specs import DefinitionSpecs
from latent_terrain.graphs import EditError, Patch, add_node, connect, load_file, save, set_value
from latent_terrain.graphs.definitions import encapsulate
from latent_terrain.ui import definition_library
from latent_terrain.ui.definition_library import DefinitionLibrary

PALETTE = load_palette()


def tremolo(rate: float = 4.0) -> Patch:
    """
    inlet-1 --> ring --> outlet-1, lfo --> ring
    """
    patch = add_node(add_node(Patch(), "lfo", name="lfo", values={"rate": rate}), "multiply", name="ring")
    patch = connect(add_node(patch, "sine", name="sine"), "sine.out", "ring.a")
    patch = connect(add_node(patch, "audio_out", name="out"), "ring.out", "out.audio")
    return encapsulate(connect(patch, "lfo.out", "ring.b"), ["lfo", "ring"], "tremolo")[0]


def test_definitions_of_files_come_with_what_is_inside_them(tmp_path: Path) -> None:
    nested, _ = encapsulate(tremolo(), ["tremolo-1"], "wobble")
    save(nested, tmp_path / "wobble.ltp")
    library = DefinitionLibrary([tmp_path])
    assert library.look().nodes.keys() == {name for name in nested.nodes if "/" in name}
    assert set(library.files) == {"tremolo", "wobble"}
    patch = add_node(Patch(), "sine", name="sine")
    after = add_node(library.brought(patch, "wobble"), "wobble", name="wobble-1")
    assert library.brought(after, "wobble") is after
    spec = DefinitionSpecs(PALETTE).palette(after)["wobble"]
    assert (list(spec.inputs), list(spec.outputs)) == (["inlet-1"], ["outlet-1"])
    assert library.brought(patch, "sine") is patch


def test_the_library_is_in_the_palette_and_a_definition_of_the_patch_counts_before_it(tmp_path: Path) -> None:
    save(tremolo(), tmp_path / "tremolo.ltp")
    library = DefinitionLibrary([tmp_path])
    specs = DefinitionSpecs(PALETTE, library.look)
    empty = Patch()
    assert "tremolo" in specs.palette(empty)
    assert specs.palette(empty) is specs.palette(empty)
    own = add_node(add_node(empty, "inlet", name="tremolo/left"), "outlet", name="tremolo/right")
    assert list(specs.palette(own)["tremolo"].inputs) == ["left"]
    (tmp_path / "tremolo.ltp").unlink()
    assert "tremolo" not in specs.palette(empty)


def test_what_is_changed_on_disk_is_read_again_and_what_is_broken_is_told(tmp_path: Path) -> None:
    library = DefinitionLibrary([tmp_path, tmp_path / "nowhere"])
    assert not library.look().nodes
    save(tremolo(), tmp_path / "a.ltp")
    (tmp_path / "broken.ltp").write_bytes(b"no patch")
    save(set_value(tremolo(), "tremolo/lfo", "rate", 9.0), tmp_path / "c.ltp")
    first = library.look()
    assert first.nodes["tremolo/lfo"].values["rate"] == 4.0
    assert library.look() is first
    said = " ".join(library.complaints)
    assert "broken.ltp: its definitions can't be read" in said
    assert "c.ltp: tremolo is a definition of a.ltp already" in said
    (tmp_path / "a.ltp").unlink()
    assert library.look().nodes["tremolo/lfo"].values["rate"] == 9.0


def test_a_nested_definition_is_the_one_of_its_own_file_whatever_others_call_so(tmp_path: Path) -> None:
    save(tremolo(9.0), tmp_path / "a.ltp")
    save(encapsulate(tremolo(), ["tremolo-1"], "wobble")[0], tmp_path / "b.ltp")
    library = DefinitionLibrary([tmp_path])
    library.look()
    after = library.brought(Patch(), "wobble")
    (inner,) = (node.type for name, node in after.nodes.items() if name.startswith("wobble/tremolo"))
    assert after.nodes[f"{inner}/lfo"].values["rate"] == 4.0
    assert library.brought(Patch(), "tremolo").nodes["tremolo/lfo"].values["rate"] == 9.0


def test_a_definition_is_kept_with_those_inside_it_and_overwrites_nothing(tmp_path: Path) -> None:
    nested, _ = encapsulate(tremolo(), ["tremolo-1"], "wobble")
    library = DefinitionLibrary([tmp_path / "definitions"])
    path = library.keep(nested, "wobble")
    assert library.look().nodes.keys() == {name for name in nested.nodes if "/" in name}
    assert load_file(path).nodes["wobble-1"].type == "wobble"
    before = path.read_bytes()
    with pytest.raises(EditError, match="in the library already"):
        library.keep(nested, "wobble")
    with pytest.raises(EditError, match="no such definition"):
        library.keep(nested, "nobody")
    assert path.read_bytes() == before


def test_a_package_that_is_broken_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Point:
        name, value, module = "bad", "nobody.nowhere", "nobody.nowhere"

    monkeypatch.setattr(definition_library, "entry_points", lambda group: [Point()])
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    library = DefinitionLibrary()
    assert not library.look().nodes

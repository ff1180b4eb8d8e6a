"""A family of codecs that a plug-in brings: its names are no paths, whoever types, moves or looks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine import name_schemes as schemes
from latent_terrain.engine.typed import Where, read_value, seen_from
from latent_terrain.graphs import Patch, add_node
from latent_terrain.nodes.codec.loader import is_program
from latent_terrain.nodes.codec.others.names import FAMILIES, Family, add_family, weights_file
from latent_terrain.ui.cli.patches import OpenedPatch, with_changes
from latent_terrain.ui.one_codec import codec_name
from latent_terrain.ui.patch_files import named_files

PALETTE = load_palette()
PATCH = add_node(Patch(), "decoder", name="decoder")
NAME = "theirs:owner/weights"


@pytest.fixture
def theirs() -> Iterator[None]:
    add_family(Family("theirs", "their_library", "owner/weights"))
    yield
    del FAMILIES["theirs"]
    schemes._known.discard("theirs:")


@pytest.mark.usefixtures("theirs")
def test_a_name_of_a_plugged_in_family_stays_as_it_is_typed(tmp_path: Path) -> None:
    opened = with_changes(OpenedPatch(PATCH, "patch", tmp_path), PALETTE, [f"decoder.codec={NAME}"])
    assert opened.patch.nodes["decoder"].values["codec"] == NAME
    setting = PALETTE["decoder"].settings["codec"]
    assert read_value(NAME, None, setting, Where(tmp_path, here=Path("/elsewhere"))) == NAME
    assert seen_from(tmp_path / "other", tmp_path, NAME) == NAME
    assert not list(named_files(opened.patch, PALETTE))
    assert not is_program(NAME)


@pytest.mark.usefixtures("theirs")
def test_weights_of_a_plugged_in_family_are_found_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").write_bytes(b"numbers")
    assert weights_file("theirs:mine", tmp_path) == tmp_path / "mine" / "model.safetensors"
    assert codec_name("theirs:mine", tmp_path, is_home=True) == ("theirs:mine", tmp_path / "mine" / "model.safetensors")


def test_without_it_such_a_name_is_a_path(tmp_path: Path) -> None:
    setting = PALETTE["decoder"].settings["codec"]
    assert read_value(NAME, None, setting, Where(tmp_path, here=Path("/elsewhere"))) == f"/elsewhere/{NAME}"
    assert schemes.scheme_of("builtin:bank") == "builtin:"
    assert schemes.scheme_of("bundled:a.wav") == "bundled:"
    assert {schemes.scheme_of(f"{one}:x") for one in FAMILIES} == {f"{one}:" for one in FAMILIES}

"""Paths of instances: the way to a definition, and which node of the patch a path plays."""

from latent_terrain.graphs import Patch, add_node
from latent_terrain.graphs.definitions import encapsulate
from latent_terrain.graphs.scope_paths import by_node, followed, node_at, path_to
from latent_terrain.graphs.scopes import definitions


def nested() -> Patch:
    """voice-1 (of voice) has filter-1 (of filter), which has soft."""
    patch, inner = encapsulate(add_node(Patch(), "gain", "soft"), ["soft"], "filter")
    return encapsulate(patch, [inner], "voice")[0]


def test_paths_lead_to_definitions_and_to_their_nodes() -> None:
    patch = nested()
    known = definitions(patch)
    assert path_to(patch, known, "") == ()
    assert path_to(patch, known, "filter") == ("voice-1", "filter-1")
    assert path_to(patch, known, "missing") is None
    assert followed(patch, known, ("voice-1", "filter-1")) == ["", "voice", "filter"]
    assert followed(patch, known, ("voice-1", "missing", "filter-1")) == ["", "voice"]
    assert node_at(patch, known, "voice-1/filter-1/soft") == "filter/soft"
    assert node_at(patch, known, "voice-1") == "voice-1"
    for path in ("voice-1/soft", "missing/soft", "voice-1/filter-1/missing", ""):
        assert node_at(patch, known, path) == ""


def test_what_several_instances_play_is_told_apart_from_what_one_does() -> None:
    patch = add_node(nested(), "sine", "tone")
    paths = ("tone", "voice-1/filter-1/soft")
    assert by_node(patch, paths) == {"tone": "tone", "voice-1/filter-1/soft": "filter/soft"}
    more = add_node(patch, "voice", "voice-2")
    assert by_node(more, (*paths, "voice-2/filter-1/soft", "gone")) == {"tone": "tone"}

"""Where things stand: every port is reachable, nothing is lost, and what did not change is not laid out again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.declare import ParamSpec
from latent_terrain.engine.in_use import unused
from latent_terrain.engine.labels import as_set
from latent_terrain.engine.palette import Palette
from latent_terrain.graphs import Cord, Node, Patch, add_node, connect, load_file, move_node, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.patcher.hits import OnControl, OnCord, OnNode, OnPort, under
from latent_terrain.ui.patcher.layout import FIRST_PARAMS, MOST_PARAMS, NodePlace, lay_out
from latent_terrain.ui.patcher.ports import accepts, ports_of
from latent_terrain.ui.patcher.scene import Scene, SceneState, detail_of
from latent_terrain.ui.surface.hits import OnNothing
from latent_terrain.ui.surface.look import THEMES, elided, measure
from latent_terrain.ui.surface.shapes import Box
from latent_terrain.ui.surface.view import LARGEST, SMALLEST, View

from .benches import PALETTE, chain


@pytest.mark.parametrize("starter", STARTERS)
def test_every_cord_of_every_example_has_its_ports(starter: str) -> None:
    patch = load_file(STARTERS[starter].file)
    layout = lay_out(patch, PALETTE)
    assert set(layout.cords) == set(patch.cords)


@pytest.mark.parametrize("type_", sorted(PALETTE.specs))
def test_every_type_has_a_card_with_all_its_ports_apart(type_: str) -> None:
    place = lay_out(add_node(Patch(), type_, "it"), PALETTE).nodes["it"]
    spec = as_set(PALETTE[type_], {})
    assert {port.port for port in place.ports if not port.is_input} == set(spec.outputs)
    assert set(spec.inputs) - unused(spec, {}) <= {port.port for port in place.ports if port.is_input}
    assert len({port.place for port in place.ports}) == len(place.ports), "no two ports lie on one another"
    assert all(place.box.holds(port.place) for port in place.ports)
    assert all(place.box.holds(control.box.middle) for control in place.controls)
    used = [name for name in spec.params if name not in unused(spec, {})]
    hidden = set(spec.params) - set(used if len(used) <= MOST_PARAMS else used[:FIRST_PARAMS])
    hidden |= unused(spec, {})
    assert len(place.ports) == len([one for one in ports_of(spec) if not one.is_input or one.port not in hidden])


def test_a_node_of_an_unknown_type_keeps_its_cords_and_can_be_seen() -> None:
    patch = Patch(
        nodes={"tone": Node("sine"), "odd": Node("from the future", position=(200, 0)), "out": Node("audio_out")},
        cords=(Cord("tone.out", "odd.in"), Cord("odd.shine", "out.audio")),
    )
    layout = lay_out(patch, PALETTE)
    assert set(layout.cords) == set(patch.cords)
    assert layout.nodes["odd"].spec is None
    assert {port.port for port in layout.nodes["odd"].ports} == {"in", "shine"}


def shown(place: NodePlace) -> set[str]:
    return {one.name for one in place.controls}


def test_a_card_shows_what_its_mode_uses_and_what_is_patched() -> None:
    patch = add_node(add_node(Patch(), "gui", "map"), "lfo", "slow", position=(-400, 0))
    first = lay_out(patch, PALETTE)
    assert {"mode", "line", "rate"} <= shown(first.nodes["map"])
    assert not {"spring", "size_x", "tempo"} & shown(first.nodes["map"])
    fed = lay_out(connect(patch, "slow.out", "map.size_x"), PALETTE, first)
    assert "size_x" in shown(fed.nodes["map"])
    assert fed.cords
    hand = lay_out(set_value(patch, "map", "mode", "hand"), PALETTE, first)
    assert {"mode", "hand_x", "hand_y", "pressure", "spring"} <= shown(hand.nodes["map"])
    assert not {"line", "rate", "quantise"} & shown(hand.nodes["map"])
    assert hand.nodes["map"].box.height < first.nodes["map"].box.height


def test_of_very_many_params_a_card_shows_the_first_and_those_that_are_set() -> None:
    params = {f"p{number}": ParamSpec(f"p{number}", "float", 0.0) for number in range(MOST_PARAMS + 6)}
    many = replace(PALETTE["gain"], type="many", params=params)
    palette = Palette({"many": many})
    assert shown(lay_out(add_node(Patch(), "many", "it"), palette).nodes["it"]) == set(list(params)[:FIRST_PARAMS])
    last = list(params)[-1]
    patch = set_value(add_node(Patch(), "many", "it"), "it", last, 0.5)
    assert last in shown(lay_out(patch, palette).nodes["it"])


def test_what_did_not_change_is_taken_over() -> None:
    patch = chain()
    first = lay_out(patch, PALETTE)
    moved = lay_out(move_node(patch, "gain", (300, 80)), PALETTE, first)
    assert moved.nodes["tone"] is first.nodes["tone"]
    assert moved.nodes["gain"] is not first.nodes["gain"]
    assert lay_out(patch, PALETTE, first) is first


def test_what_is_under_the_hand_is_what_one_sees() -> None:
    layout = lay_out(chain(), PALETTE)
    gain = layout.nodes["gain"]
    for port in gain.ports:
        assert under(layout, (port.place[0] + 2, port.place[1] - 1), 6.0) == OnPort(port)
    assert under(layout, gain.title.middle, 6.0) == OnNode("gain", True)
    assert under(layout, gain.controls[0].box.middle, 6.0) == OnControl(gain.controls[0])
    assert under(layout, (-300, -300), 6.0) == OnNothing()
    way = next(iter(layout.cords.values()))
    hit = under(layout, way.points[len(way.points) // 2], 4.0)
    assert isinstance(hit, OnCord)
    assert (hit.cord, hit.near) == (way.cord, "middle")


def test_cards_stay_the_same_pieces_until_they_look_otherwise() -> None:
    scene, patch = Scene(), chain()
    layout = lay_out(patch, PALETTE)
    state = SceneState(layout, THEMES["dark"])
    first = scene.picture(state)
    again = scene.picture(state)
    assert all(again[name] is piece for name, piece in first.items() if not name.startswith("live "))
    moved = lay_out(move_node(patch, "gain", (300, 80)), PALETTE, layout)
    after = scene.picture(replace(state, layout=moved))
    assert after["node gain"].shapes is first["node gain"].shapes, "a card that is moved is not drawn anew"
    assert after["node gain"].place == (300, 80)
    assert after["node tone"] is first["node tone"]
    turned = lay_out(set_value(patch, "gain", "level", 3.0), PALETTE, layout)
    assert scene.picture(replace(state, layout=turned))["node gain"].shapes != first["node gain"].shapes


def test_less_is_shown_from_afar() -> None:
    layout = lay_out(chain(), PALETTE)
    counts = [
        len(Scene().picture(SceneState(layout, THEMES["dark"], detail=detail_of(scale)))["node gain"].shapes)
        for scale in (0.2, 0.5, 1.0)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


@given(
    x=st.floats(-1e4, 1e4),
    y=st.floats(-1e4, 1e4),
    scale=st.floats(SMALLEST, LARGEST),
    factor=st.floats(0.2, 5),
    at=st.tuples(st.floats(0, 2000), st.floats(0, 2000)),
)
def test_zooming_keeps_what_is_under_the_pointer(
    x: float, y: float, scale: float, factor: float, at: tuple[float, float]
) -> None:
    view = View((x, y), scale)
    after = view.zoomed(factor, at)
    assert SMALLEST <= after.scale <= LARGEST
    assert after.to_canvas(at) == pytest.approx(view.to_canvas(at), abs=1e-6 + 1e-9 * abs(x) + 1e-9 * abs(y))
    assert after.to_screen(after.to_canvas(at)) == pytest.approx(at, abs=1e-4)


@given(box=st.tuples(st.floats(-5e3, 5e3), st.floats(-5e3, 5e3), st.floats(1, 3e3), st.floats(1, 3e3)))
def test_fitting_shows_all(box: tuple[float, float, float, float]) -> None:
    whole = Box(box[0], box[1], box[0] + box[2], box[1] + box[3])
    seen = View().fitted(whole, (1000, 700)).seen((1000, 700))
    assert seen.grown(1e-6).holds((whole.x0, whole.y0))
    assert seen.grown(1e-6).holds((whole.x1, whole.y1))


@pytest.mark.parametrize("theme", THEMES)
def test_letters_can_be_read_on_cards(theme: str) -> None:
    look = THEMES[theme]

    def light(colour: tuple[int, int, int, int]) -> float:
        parts = [part / 255 for part in colour[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for text in (look.text, look.quiet):
        for ground in (look.card, look.title, look.well):
            low, high = sorted((light(text), light(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_kinds_differ_also_for_eyes_without_green(theme: str) -> None:
    """Simulated as Viénot, Brettel and Mollon (1999) do for deuteranopes; each kind has a shape of its own besides."""
    look = THEMES[theme]
    kinds = [look.signal, look.latent, look.trajectories, look.event]
    seen = [(0.625 * r + 0.375 * g, 0.7 * r + 0.3 * g, 0.3 * g + 0.7 * b) for r, g, b, _ in kinds]
    apart = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for index, one in enumerate(seen)
        for other in seen[:index]
    ]
    assert min(apart) > 25


def test_texts_are_cut_to_their_room() -> None:
    for room in (0, 20, 60, 200):
        assert measure(elided("a rather long sentence", 12, room), 12) <= max(room, measure("…", 12))
    assert elided("short", 12, 500) == "short"


def test_every_kind_goes_where_the_engine_lets_it() -> None:
    layout = lay_out(chain(), PALETTE)
    audio, level = layout.port("gain.audio", True), layout.port("gain.level", True)
    assert audio is not None
    assert level is not None
    assert [accepts(kind, audio) for kind in ("signal", "latent", "event", "trajectories")] == [True, True, True, False]
    assert [accepts(kind, level) for kind in ("signal", "latent", "event", "trajectories")] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("starter", STARTERS)
def test_cards_of_the_examples_do_not_lie_on_one_another(starter: str) -> None:
    places = list(lay_out(load_file(STARTERS[starter].file), PALETTE).nodes.values())
    for index, one in enumerate(places):
        for other in places[:index]:
            assert not one.box.grown(4).meets(other.box), f"{one.name} lies on {other.name}"

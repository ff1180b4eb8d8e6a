"""Randomize: it stays where a hand would go, and takes no sound away and no ears off."""

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node
from latent_terrain.ui.editor.actions.edit import randomised
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound

PALETTE = load_palette()
LEVELS = {
    "audio_out.level", "decoder.level", "gain.level", *(f"mix.level_{index}" for index in range(1, 9)),
    "multiply.value", "add.value", "model.dry", "midi_out.velocity", "gui.pressure", "gui.line",
}  # fmt: skip


def test_every_node_stays_within_the_ranges_of_its_knobs_and_no_level_is_touched() -> None:
    desk = Desk(PALETTE, SilentEditorSound(), Settings())
    patch = Patch()
    for type_ in PALETTE.specs:
        patch = add_node(patch, type_, name=type_)
    desk.edit(lambda _: patch, "all there is")
    desk.select(patch.nodes)
    turned: set[str] = set()
    for _ in range(20):
        randomised(desk)
        for name, node in desk.patch.nodes.items():
            for key, value in node.values.items():
                low, high = PALETTE.specs[name].params[key].span
                assert isinstance(value, int | float)
                assert low <= value <= high, f"{name}.{key}"
                turned.add(f"{name}.{key}")
    assert not turned & LEVELS
    assert {"gui.rate", "lfo.low", "delay.time", "pan.place"} <= turned
    assert not {one for one in turned if PALETTE.specs[one.partition(".")[0]].params[one.partition(".")[2]].source}


def test_a_range_that_is_far_wider_than_a_hand_needs_has_one_within() -> None:
    for type_, spec in PALETTE.specs.items():
        for param in spec.params.values():
            if param.kind in ("float", "int") and param.curve != "log" and param.unit != "dB":
                low, high = param.span
                assert high - low <= (5_000 if param.unit == "ms" else 200), f"{type_}.{param.name}"

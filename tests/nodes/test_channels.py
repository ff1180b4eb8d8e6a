"""Join, split, pick: channels side by side and apart."""

import numpy as np

from latent_terrain.engine import Engine
from latent_terrain.graphs import Cord, Node, Patch
from latent_terrain.nodes.pick import Pick
from latent_terrain.testing import play, setup_for, wider_palette

SOUND = np.arange(6 * 64, dtype=np.float32).reshape(6, 64)


def test_joined_and_split_again_channels_are_what_they_were() -> None:
    patch = Patch(
        nodes={
            "x": Node("battery_sound", {"channels": 1}),
            "yz": Node("battery_sound", {"channels": 2}),
            "join": Node("join"),
            "split": Node("split"),
            "out-all": Node("hear_signal"),
            "out-b": Node("hear_signal"),
            "out-f": Node("hear_signal"),
        },
        cords=(
            Cord("x.out", "join.a"),
            Cord("yz.out", "join.c"),
            Cord("join.out", "split.audio"),
            Cord("join.out", "out-all.audio"),
            Cord("split.b", "out-b.audio"),
            Cord("split.f", "out-f.audio"),
        ),
    )
    heard = play(patch, 256).signals
    assert heard["all"].shape == (3, 256)
    assert (heard["all"][1] == heard["b"][0]).all()
    assert not heard["f"].any()
    engine = Engine(patch, wider_palette(), setup_for(64))
    assert (engine.instance("x").sound[0, :256] == heard["all"][0]).all()
    assert (engine.instance("yz").sound[:, :256] == heard["all"][1:]).all()


def test_two_sources_that_say_no_size_of_their_own_join_to_two_channels() -> None:
    """As x and y become one place; a source's single channel was once known only after channels were added up."""
    patch = Patch(
        nodes={"x": Node("phasor"), "y": Node("sine"), "join": Node("join"), "out-all": Node("hear_signal")},
        cords=(Cord("x.out", "join.a"), Cord("y.out", "join.b"), Cord("join.out", "out-all.audio")),
    )
    heard = play(patch, 256).signals["all"]
    assert heard.shape == (2, 256)
    assert not np.array_equal(heard[0], heard[1])


def test_pick_gives_the_channel_and_beyond_the_last_the_last() -> None:
    assert (Pick(setup_for(64)).process(SOUND, np.empty((1, 64), np.float32), 2)[0] == SOUND[1]).all()
    assert (Pick(setup_for(64)).process(SOUND, np.empty((1, 64), np.float32), 99)[0] == SOUND[5]).all()


def test_another_pick_fades_in_10_ms_and_one_during_the_fade_waits_its_turn() -> None:
    pick, level = Pick(setup_for(64)), np.repeat(np.array([[0.0], [1.0], [-1.0]], np.float32), 64, axis=1)
    out = np.empty((1, 64), np.float32)
    heard = [pick.process(level, out, 1)[0].copy()]
    heard += [pick.process(level, out, channel)[0].copy() for channel in [2] + [3] * 30]
    steps = np.abs(np.diff(np.concatenate(heard)))
    assert steps.max() < 2.1 / 480
    assert heard[-1][-1] == -1.0

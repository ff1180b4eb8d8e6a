"""What once went wrong between clients and engines, and must not again."""

import contextlib
import os
import signal
import threading
import time

import numpy as np
import pytest

from latent_terrain.engine.messages import Changed, Compiled, Status
from latent_terrain.engine.session import Client
from latent_terrain.engine.session import attached as guest_module
from latent_terrain.graphs import Patch, add_node, set_content

from ...wild import packed
from .test_link import answer, eventually, land, raw

pytestmark = pytest.mark.slow


def test_undo_and_redo_of_an_array_three_times(client, server, news):
    without = add_node(client.patch, "terrain", name="land")
    with_land = set_content(without, "land", land())
    for _ in range(3):
        client.update(with_land)
        assert client.wait()
        client.update(without)
        assert client.wait()
    client.update(with_land)
    eventually(lambda: server.patch == with_land, 3)


def test_sixteen_messages_without_op(server, client):
    with raw(server) as connection:
        answer(connection, Changed)
        for _ in range(40):
            connection.sendall(packed({}))
        connection.sendall(packed({"op": "ask", "number": 1}))
        assert answer(connection, Status).number == 1


@pytest.mark.parametrize(
    "change",
    [
        {"cut": [[[1], 2]]},
        {"nodes": {b"x": {"type": "gain"}}},
        {"nodes": {"x": {"type": "gain", "content": {b"k": "00"}}}},
    ],
)
def test_odd_edit_is_answered_not_a_crash(server, client, change):
    with raw(server) as connection:
        answer(connection, Changed)
        connection.sendall(packed({"op": "edit", "base": 0, "change": change}))
        connection.sendall(packed({"op": "ask", "number": 1}))
        assert answer(connection, Status).number == 1


def test_deaf_client_is_let_go_and_its_queue_bounded(server, client, monkeypatch):
    monkeypatch.setattr(guest_module, "MOST_WAITING", 1000)
    with raw(server):
        eventually(lambda: server.clients == 2)
        well, guest = server._clients
        end = time.monotonic() + 30
        while guest in server._clients and time.monotonic() < end:  # the system takes some megabytes on the way first
            server._broadcast(Compiled(revision=0, problems=[]))
            if len(well._outbox) > 100:
                eventually(lambda: not len(well._outbox))  # who listens is given the time to
        assert server._clients == [well]
        assert len(guest._outbox) <= 1001


def test_a_turn_during_a_slow_update_reaches_the_new_plan(server, client, player):
    go, inside = threading.Event(), threading.Event()
    was = player.update

    def slow(patch):
        inside.set()
        go.wait(10)
        return was(patch)

    player.update = slow
    client.update(add_node(client.patch, "gain", name="slow"))
    assert inside.wait(5)
    client.turn("gain", "level", -9.0)
    eventually(lambda: player.turns)
    before = len(player.turns)
    go.set()
    assert client.wait()

    def heard():
        return player.patch.nodes["gain"].values.get("level") == -9.0 or len(player.turns) > before

    eventually(heard, 3)


def test_update_returns_at_once_when_the_engine_hangs(hosted):
    assert hosted.wait()
    pid = hosted.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        big = set_content(hosted.patch, "land", {"learn/a": np.random.default_rng(3).normal(size=(1000, 1000))})
        thread = threading.Thread(target=lambda: hosted.update(big), daemon=True)
        thread.start()
        thread.join(3)
        assert not thread.is_alive(), "update() still blocks after 3 s"
    finally:
        os.kill(pid, signal.SIGCONT)


def test_attach_to_a_hung_engine_ends(hosted):
    assert hosted.wait()
    pid, address = hosted.status()["pid"], hosted._address
    os.kill(pid, signal.SIGSTOP)
    try:

        def try_it():
            with contextlib.suppress(Exception):
                Client.attach(address)

        thread = threading.Thread(target=try_it, daemon=True)
        thread.start()
        thread.join(8)
        assert not thread.is_alive(), "attach() still blocks after 8 s (CONNECT_SECONDS is 5)"
    finally:
        os.kill(pid, signal.SIGCONT)


def test_nodes_get_the_patches_seed_when_it_comes_by_update():
    from pathlib import Path

    from latent_terrain.engine import Engine
    from latent_terrain.engine.offline import offline_setup
    from latent_terrain.graphs import set_seed
    from tests.engine.toys import PALETTE

    patch = set_seed(add_node(Patch(), "learner", "l"), 5)
    fresh = Engine(patch, PALETTE, offline_setup(patch, Path())).instance("l").seed
    engine = Engine(Patch(), PALETTE, offline_setup(Patch(), Path()))
    engine.update(patch)
    assert engine.instance("l").seed == fresh

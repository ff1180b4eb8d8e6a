"""Who edits a node together undoes nothing of the other's: what is on its way meets by hand here, without a clock."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.session import Client, Server
from latent_terrain.graphs import Patch, add_node, connect, remove_node, set_content, set_value, set_view

from ...waiting import eventually
from .toy_player import ToyPlayer


class Held:
    """What a client sends, kept on its way until ``go``."""

    def __init__(self, client: Client) -> None:
        link = client._connection
        assert link is not None
        self._connection, self._queue, self._kept = link, link.outbox, list[Any]()
        link.outbox = self  # type: ignore[assignment]

    def put(self, messages: Any) -> None:
        """Keep it."""
        self._kept.append(list(messages))

    def go(self) -> None:
        """Let all that was kept go its way."""
        self._connection.outbox = self._queue
        for messages in self._kept:
            self._queue.put(messages)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))


@pytest.fixture
def server() -> Iterator[Server]:
    player = ToyPlayer()
    player.patch = add_node(add_node(Patch(), "gain", name="gain"), "sine", name="tone")
    made = Server(player)
    yield made
    made.close()


def level_of(patch: Patch, param: str = "level") -> Any:
    return patch.nodes["gain"].values.get(param)


def is_agreed(server: Server, *clients: Client) -> bool:
    """Whether all have the same, with nothing on its way."""
    return all(one.patch == server.patch for one in clients)


def test_a_param_turned_by_osc_outlives_a_scripts_edit_of_the_same_node(server: Server, client: Client) -> None:
    held = Held(client)
    client.edit(lambda patch: set_value(patch, "gain", "mode", "soft"))
    server.turn("gain", "level", -20.0)
    eventually(lambda: level_of(server.patch) == -20.0)
    held.go()
    eventually(lambda: level_of(server.patch, "mode") == "soft")
    assert level_of(server.patch) == -20.0
    eventually(lambda: is_agreed(server, client))


def test_a_turn_that_waits_is_no_reason_for_the_conductors_edit_to_forget_it(server: Server) -> None:
    with server._lock:  # the thread that makes turns can't
        server.turn("gain", "level", -20.0)
        server.edit(lambda patch: set_value(patch, "gain", "mode", "soft"))
    assert (level_of(server.patch), level_of(server.patch, "mode")) == (-20.0, "soft")


def test_what_was_just_set_is_read(server: Server) -> None:
    with server._lock:
        server.turn("gain", "mode", "soft")
        assert level_of(server.patch, "mode") == "soft"


def test_of_two_turns_of_one_param_the_later_one_stays_for_all(server: Server, client: Client) -> None:
    held = Held(client)
    client.turn("gain", "level", -3.0)
    server.turn("gain", "level", -20.0)
    eventually(lambda: level_of(server.patch) == -20.0)
    held.go()
    eventually(lambda: level_of(server.patch) == -3.0)
    eventually(lambda: is_agreed(server, client))
    assert level_of(client.patch) == -3.0


def test_what_another_does_meanwhile_does_not_take_back_what_is_on_its_way(server: Server, client: Client) -> None:
    held = Held(client)
    client.turn("gain", "level", -3.0)
    client.edit(lambda patch: set_value(patch, "tone", "frequency", 220.0))
    server.edit(lambda patch: add_node(patch, "gain", name="other"))
    eventually(lambda: "other" in client.patch.nodes)
    assert level_of(client.patch) == -3.0
    assert client.patch.nodes["tone"].values["frequency"] == 220.0
    held.go()
    eventually(lambda: level_of(server.patch) == -3.0)
    eventually(lambda: is_agreed(server, client))


def test_title_place_content_and_view_meet_too(server: Server, client: Client) -> None:
    def mine(patch: Patch) -> Patch:
        patch = set_content(patch, "gain", {"lines/0001": np.zeros((2, 2), np.float32)})
        return set_view(patch, "snapshots", {"1": {"name": "mine"}})

    def yours(patch: Patch) -> Patch:
        content = dict(patch.nodes["gain"].content) | {"lines/0002": np.ones((2, 2), np.float32)}
        patch = set_content(set_value(patch, "gain", "level", -1.0), "gain", content)
        return set_view(patch, "snapshots", {"2": {"name": "yours"}, **patch.view.get("snapshots", {})})

    held = Held(client)
    client.edit(mine)
    server.edit(yours)
    held.go()
    eventually(lambda: is_agreed(server, client) and "1" in server.patch.view["snapshots"])
    assert sorted(server.patch.nodes["gain"].content) == ["lines/0001", "lines/0002"]
    assert sorted(server.patch.view["snapshots"]) == ["1", "2"]
    assert level_of(server.patch) == -1.0


def test_a_node_edited_here_and_removed_there_is_kept_and_no_cord_hangs(server: Server, client: Client) -> None:
    held = Held(client)
    client.edit(lambda patch: set_value(connect(patch, "tone.out", "gain.audio"), "gain", "mode", "soft"))
    server.edit(lambda patch: remove_node(patch, "gain"))
    eventually(lambda: "gain" not in server.patch.nodes)
    held.go()
    eventually(lambda: "gain" in server.patch.nodes)
    eventually(lambda: is_agreed(server, client))
    held = Held(client)
    client.edit(lambda patch: remove_node(patch, "tone"))
    server.edit(lambda patch: connect(patch, "tone.out", "gain.audio") if not patch.cords else patch)
    held.go()
    eventually(lambda: "tone" not in server.patch.nodes)
    eventually(lambda: is_agreed(server, client))
    assert server.patch.cords == ()


def test_two_cords_into_one_port_are_one_and_the_later(server: Server, client: Client) -> None:
    server.edit(lambda patch: add_node(patch, "sine", name="second"))
    eventually(lambda: is_agreed(server, client))
    held = Held(client)
    client.edit(lambda patch: connect(patch, "second.out", "gain.audio"))
    server.edit(lambda patch: connect(patch, "tone.out", "gain.audio"))
    held.go()
    eventually(lambda: [one.source for one in server.patch.cords] == ["second.out"])
    eventually(lambda: is_agreed(server, client))


@pytest.mark.parametrize("seed", range(6))
def test_whoever_edits_and_turns_at_once_all_have_the_same_in_the_end(
    server: Server, client: Client, seed: int
) -> None:
    chance = random.Random(seed)
    others = [Client.attach(server.address, lambda news: None) for _ in range(2)]
    last: dict[str, float] = {}
    for step in range(150):
        who = chance.choice((client, *others, server))
        key, value = chance.choice("abc"), float(step)
        match chance.randrange(4):
            case 0:
                who.edit(lambda patch, k=key, v=value: set_value(patch, "gain", k, v))  # type: ignore[misc]
            case 1:
                who.edit(lambda patch, v=step: add_node(patch, "gain", name=f"n-{v}"))  # type: ignore[misc]
            case 2 if len(names := [one for one in who.patch.nodes if one.startswith("n-")]) > 3:
                name = chance.choice(names)
                who.edit(lambda patch, n=name: remove_node(patch, n) if n in patch.nodes else patch)  # type: ignore[misc]
            case _:
                who.turn("gain", key, value)
        last[key] = value
    eventually(lambda: is_agreed(server, client, *others))
    for one in others:
        one.close()
    assert set(last) >= server.patch.nodes["gain"].values.keys()


def test_own_params_of_one_node_are_all_kept_whoever_turns_them(server: Server, client: Client) -> None:
    others = [client, *(Client.attach(server.address, lambda news: None) for _ in range(2))]
    for step in range(100):
        for number, one in enumerate(others):
            if step % 2:
                one.turn("gain", f"p{number}", float(step))
            else:
                one.edit(lambda patch, n=number, v=step: set_value(patch, "gain", f"p{n}", float(v)))  # type: ignore[misc]
        server.turn("gain", "level", float(step))
    wanted = {"p0": 99.0, "p1": 99.0, "p2": 99.0, "level": 99.0}
    eventually(lambda: dict(server.patch.nodes["gain"].values) == wanted)
    eventually(lambda: is_agreed(server, *others))
    for one in others[1:]:
        one.close()


def test_takes_come_into_the_patch_and_what_was_deleted_meanwhile_stays_away(server: Server, client: Client) -> None:
    old, new = np.zeros((2, 1), np.float32), np.ones((3, 1), np.float32)
    server.edit(lambda patch: add_node(patch, "record", name="take", content={"takes/0001": old}))
    assert server.wait()
    eventually(lambda: is_agreed(server, client))
    player = server.player
    player.gathered = lambda: {  # type: ignore[method-assign]
        "take": {"takes/0001": old, "takes/0002": new},
        "gone": {"takes/0001": old},
    }
    update = player.update

    def late(patch: Patch) -> Any:
        """The take is deleted while its deletion has not been compiled."""
        return ()

    player.update = late  # type: ignore[method-assign]
    client.edit(lambda patch: set_content(patch, "take", {}))
    eventually(lambda: not server.patch.nodes["take"].content)
    client.keep_takes()
    assert list(client.patch.nodes["take"].content) == ["takes/0002"]
    assert is_agreed(server, client)
    player.update = update  # type: ignore[method-assign]

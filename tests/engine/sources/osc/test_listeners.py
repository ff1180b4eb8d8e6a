"""Who subscribed keeps hearing, also when the gateway was started again; who has gone makes room."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages.children import HearOsc, Listen, Names
from latent_terrain.engine.sources.osc.listeners import MOST_ASKING, MOST_WORDS, QUIET_SECONDS, Listeners
from latent_terrain.graphs import Patch, add_node

from ....waiting import eventually
from .test_osc_in import Heard
from .words import about, message


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard(load_palette())
    yield made
    made.close()


def program(stack: ExitStack, heard: Heard) -> socket.socket:
    made = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    made.settimeout(20)
    made.bind(("127.0.0.1", 0))
    made.sendto(message("/subscribe", "/node/gain-1/level"), ("127.0.0.1", heard.osc.port))
    return made


def test_who_has_gone_makes_room_for_who_comes() -> None:
    listeners = Listeners()
    for number in range(MOST_ASKING):
        assert listeners.add(("there", number), ["/node/*/*"], 100.0) is None
    assert listeners.add(("new", 1), ["/node/*/*"], 100.0 + QUIET_SECONDS / 2) == ("new", 1), "all have just come"
    listeners.hear(("there", 0), 100.0 + QUIET_SECONDS)
    assert listeners.add(("new", 1), ["/node/*/*"], 100.0 + QUIET_SECONDS) == ("there", 1), "the longest unheard"
    assert ("new", 1) in listeners.of("/node/a/b")
    assert listeners.words(("there", 1)) == frozenset()


def test_a_listener_hears_of_so_many_addresses_at_most() -> None:
    listeners = Listeners()
    listeners.add(("a", 1), [f"/node/n/{number}" for number in range(2 * MOST_WORDS)], 0.0)
    assert len(listeners.words(("a", 1))) == MOST_WORDS
    listeners.remove(("a", 1), [])
    assert listeners.of("/node/n/1") == []


def test_who_subscribed_hears_on_when_the_gateway_was_killed(heard: Heard) -> None:
    with ExitStack() as stack:
        one = program(stack, heard)
        assert one.recv(1024) == message("/done", "/subscribe")
        eventually(lambda: heard.osc.listeners == 1)
        first = heard.osc.pid
        os.kill(first, signal.SIGKILL)
        eventually(lambda: heard.osc.pid != first)
        one.settimeout(0.2)

        def is_told() -> bool:
            heard.osc.changed([("/node/gain-1/level", -6.0)])
            try:
                return one.recv(1024) == message("/node/gain-1/level", -6.0)
            except TimeoutError:
                return False

        eventually(is_told)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says that nobody is there any more")
def test_the_thirty_third_program_is_heard_when_thirty_two_have_gone(heard: Heard) -> None:
    with ExitStack() as stack:  # all at once: a port that is free again may be the next one's, who is then no other
        for _ in range(MOST_ASKING):
            assert program(stack, heard).recv(1024) == message("/done", "/subscribe")
        eventually(lambda: heard.osc.listeners == MOST_ASKING)

    def are_gone() -> bool:
        heard.osc.changed([("/node/gain-1/level", -6.0)])
        return heard.osc.listeners == 0

    eventually(are_gone)
    with ExitStack() as stack:
        assert program(stack, heard).recv(1024) == message("/done", "/subscribe")


def test_edits_without_packets_leave_nothing_waiting(heard: Heard) -> None:
    """The address table was put aside for the next packet, as often as the patch was edited: 2 MB a minute."""
    from latent_terrain.engine.sources.osc import gateway

    class Parent:
        def __init__(self, messages: list[object]) -> None:
            self.messages = messages

        def send(self, message: object) -> None:
            self.messages.append(message)

    names, listen = Names(version=0, ranges={}), Listen(addresses=[], hears_all=False)
    order = HearOsc(host="", port=0, names=names, listen=listen, subscribed=[])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        made = gateway._OscGateway(Parent([]), one, order)  # type: ignore[arg-type]
        for version in range(1, 100):
            made.follow(Names(version=version, ranges={"gain": {"level": about(low=version)}}))
        import gc

        gc.collect()  # what other tests left
        held = [one for one in gc.get_objects() if type(one) is Names and "gain" in one.ranges]
        assert len(held) <= 1, "tables that are known no more"
        made.learn()
        assert made.collector._version == 99


def test_an_answer_of_before_is_not_given_to_who_asks_a_new_gateway(heard: Heard) -> None:
    answers = []
    heard.osc._ask = lambda command, arguments, answer: answers.append(answer)
    heard.send(message("/undo"))
    eventually(lambda: len(answers) == 1)
    first = heard.osc.pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: heard.osc.pid != first)
    heard.osc.names(add_node(Patch(), "gain", name="gain-1"), heard.palette)
    heard.send_until(lambda: len(answers) > 1, message("/redo"))
    answers[0]("/done", ["of before"])
    answers[1]("/done", ["of now"])
    while (came := heard.socket.recv(1024)) == message("/fail", "/redo", "too many requests; wait for /done"):
        pass
    assert came == message("/done", "/redo", "of now")

"""The gateway: a process that takes part in an Ableton Link session and tells the engine where its beat is."""

import importlib
import time
from dataclasses import dataclass
from typing import Any

from ...messages import Ready, Remark, Unable
from ...messages.children import TO_LINK, JoinLink, LinkBeat, LinkPlaying, SetTempo
from ...missing_package import extra_command
from ...processes.child import Parent
from ...processes.guard import Guard

TURN_SECONDS = 0.05
# A beat that goes on as expected is told this often.
REPEAT_SECONDS = 1.0
EXPECTED_SECONDS = 0.0005
BAR = 4.0
BACKEND = "link"


def serve(parent: Parent) -> None:
    """Take part until the parent is gone."""
    order = parent.order(JoinLink)
    try:
        session = importlib.import_module(order.backend or BACKEND).Link(order.tempo)
    except ImportError:
        command = extra_command("link", "LinkPython-extern")
        text = f"Ableton Link needs LinkPython-extern, which is not installed; run: {command}"
        parent.send(Unable(text=text))
        return
    session.startStopSyncEnabled = True
    session.enabled = True
    parent.send(Ready())
    gateway = _LinkGateway(parent, session)
    if order.is_playing:  # as it was before this process was started again
        gateway.change(LinkPlaying(is_playing=True))
    gateway.run()


@dataclass
class _Told:
    """What the parent knows. when: seconds since 1970."""

    beat: float = 0.0
    tempo: float = 0.0
    when: float = 0.0
    peers: int = 0
    is_playing: bool = False

    def expects(self, beat: float, tempo: float, when: float) -> bool:
        """Whether it is where the parent thinks it is."""
        if tempo != self.tempo or when - self.when > REPEAT_SECONDS:
            return False
        expected = self.beat + (when - self.when) * tempo / 60.0
        return abs(beat - expected) * 60.0 / tempo < EXPECTED_SECONDS


class _LinkGateway:
    def __init__(self, parent: Parent, session: Any) -> None:
        self.parent, self.session, self.told = parent, session, _Told()
        self.guard = Guard("the session", lambda text: parent.send(Remark(text=text)))
        self.told.is_playing = bool(session.captureAppSessionState().isPlaying())

    def run(self) -> None:
        """Look and tell, for ever."""
        while True:
            message = self.parent.receive(TO_LINK, TURN_SECONDS)
            while message is not None:
                self.guard(self.change, message)
                message = self.parent.receive(TO_LINK, 0)
            self.guard(self.look)

    def change(self, wish: object) -> None:
        """Change the session for all who take part."""
        state, now = self.session.captureAppSessionState(), self.session.clock().micros()
        match wish:
            case SetTempo():
                state.setTempo(wish.tempo, now)
            case LinkPlaying():
                self.told.is_playing = wish.is_playing
                state.setIsPlaying(wish.is_playing, now)
        self.session.commitAppSessionState(state)

    def look(self) -> None:
        """Tell what has changed."""
        told, state = self.told, self.session.captureAppSessionState()
        before, micros, after = time.time(), self.session.clock().micros(), time.time()
        when = (before + after) / 2
        beat, tempo = float(state.beatAtTime(micros, BAR)), float(state.tempo())
        if not told.expects(beat, tempo, when):
            told.beat, told.tempo, told.when = beat, tempo, when
            self.parent.send(LinkBeat(beat=beat, tempo=tempo, when=when))
        is_playing, peers = bool(state.isPlaying()), int(self.session.numPeers())
        if is_playing != told.is_playing:
            told.is_playing = is_playing
            self.parent.send(LinkPlaying(is_playing=is_playing))
        if peers != told.peers:
            told.peers = peers
            words = {0: "no peers", 1: "1 peer"}
            self.parent.send(Remark(text=words.get(peers, f"{peers} peers")))

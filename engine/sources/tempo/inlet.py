"""Ableton Link in: starts the gateway and passes on the beat."""

from collections.abc import Callable

from ...messages import Ready
from ...messages.children import FROM_LINK, JoinLink, LinkBeat, LinkPlaying, SetTempo
from ...processes.supervisor import SupervisedChild

GATEWAY = "latent_terrain.engine.sources.tempo.gateway:serve"


class LinkError(OSError):
    """Ableton Link can't be used; the text says why and what to do."""


class LinkIn:
    """Takes part in the Link session of this network until ``close``.

    beat: called with a beat (bars begin at multiples of 4), beats per minute, and when, in seconds since 1970; playing:
    with whether the others' transport runs, when that changes; tell: with a sentence for people; all on a thread of its
    own, and they must neither wait nor raise. tempo: for as long as nobody else takes part. backend: a module like
    ``link``, for tests. Raises LinkError.
    """

    def __init__(
        self,
        beat: Callable[[float, float, float], None],
        playing: Callable[[bool], None],
        tell: Callable[[str], None],
        tempo: float = 120.0,
        backend: str = "",
    ) -> None:
        self._beat, self._playing = beat, playing
        self._tempo, self._is_playing, self._backend = tempo, False, backend
        self._process = SupervisedChild("Link", GATEWAY, self._order, FROM_LINK, self._hear, tell)
        try:
            self._process.begin()
        except OSError as error:
            raise LinkError(str(error)) from None

    def set_tempo(self, tempo: float) -> None:
        """Change the tempo of all who take part."""
        self._tempo = tempo
        self._process.send(SetTempo(tempo=tempo))

    def set_playing(self, is_playing: bool) -> None:
        """Start or stop all who take part and share their transport."""
        self._is_playing = is_playing
        self._process.send(LinkPlaying(is_playing=is_playing))

    @property
    def is_kept(self) -> bool:
        """Whether its process runs, or is about to run again."""
        return self._process.is_kept

    def close(self) -> None:
        """Take part no more."""
        self._process.close()

    def _hear(self, message: Ready | LinkBeat | LinkPlaying) -> None:
        match message:
            case LinkBeat():
                self._tempo = message.tempo
                self._beat(message.beat, message.tempo, message.when)
            case LinkPlaying():
                self._is_playing = message.is_playing
                self._playing(message.is_playing)
            case Ready():
                pass

    def _order(self) -> JoinLink:
        """What the session is to begin with; others who take part know it better."""
        return JoinLink(tempo=self._tempo, is_playing=self._is_playing, backend=self._backend)

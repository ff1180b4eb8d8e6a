"""Locate: a voice, a drum pad or any other sound plays the map."""

from typing import Annotated, NamedTuple

from ..engine import Content, ControlSignal, Help, Param, Progress, Setup, Signal, Size, Trajectories, job, node
from ..engine.training.jobs import result_of
from .location.fit import LearningStopped, laid, listened
from .location.known import Known, known_in, to_content
from .location.locator import SoundLocator


class Located(NamedTuple):
    """Where the sound is on the map, how sure that is (0 … 1), and the line it is on (from 1; 0 in silence)."""

    xy: Annotated[ControlSignal, Size(2), Help("position on the map that sounds most like the input: x, y")]
    confidence: Annotated[ControlSignal, Size(1), Help("how sure it is, 0 to 1")]
    line: Annotated[ControlSignal, Size(1), Help("number of the line it is on")]


@node(other_names=("find sound", "match"), nearest_to=("pitch tracker", "analyser"))
class Locate:
    """Finds the position on the map that sounds most like the input: sing, drum or play to the map.

    It is trained on the sound files of the map's lines, with any codec. The position is known about 140 ms after the
    sound. Source: mel cepstra of the telephone band, and a Viterbi search with a fixed lag.
    """

    def __init__(self, setup: Setup, content: Content) -> None:
        self.setup, self._content = setup, content
        self._finder: SoundLocator | None = None
        known = _known(content, setup)
        if known is not None:
            self._finder = SoundLocator(known, setup.sample_rate)
        elif not result_of(content, "learn"):
            setup.warn("not trained yet: connect a map and its sounds, then train it (latent-terrain terrain fit)")

    def reset(self) -> None:
        """Forget what was heard, and go back to the middle of the map."""
        if self._finder is not None:
            self._finder.reset()

    def renews(self, content: Content) -> bool:
        """Whether another map can be searched without a break."""
        try:
            return self._finder is not None and known_in(result_of(content, "learn")) is not None
        except ValueError:
            return False

    def prepare(self, content: Content) -> SoundLocator | None:
        """Another map made ready for ``renew``; off the audio thread."""
        known = known_in(result_of(content, "learn"))
        return SoundLocator(known, self.setup.sample_rate) if known is not None else None

    def renew(self, finder: SoundLocator | None) -> None:
        """Audio thread only: search another map from the next frame on."""
        if finder is not None and self._finder is not None:
            finder.go_on_from(self._finder)
            self._finder = finder

    def process(
        self,
        out: Located,
        audio: Annotated[Signal, Size(1), Help("the sound to find, such as a voice")] | None = None,
        glide: Annotated[
            float,
            Param(0, 5000, soft=(0, 1_000), unit="ms", ramp=False, help="glide time to the next position; 0 jumps"),
        ] = 40.0,
        surely: Annotated[float, Param(0, 1, ramp=False, help="hold the position below this confidence")] = 0.2,
    ) -> Located:
        """Sound ``[1, block]`` in, the place ``[2, block]`` out, in units of the map."""
        if self._finder is None:
            for one in out:
                one.fill(0.0)
        elif audio is None:
            self._finder.rest(out.xy, out.confidence, out.line)
        else:
            self._finder.process(audio[0], out.xy, out.confidence, out.line, glide / 1000.0, surely)
        return out

    @job
    def learn(
        self,
        coordinates: Annotated[Trajectories, Help("the map's training lines")],
        latents: Annotated[Trajectories, Help("the sounds of those lines, from encode")],
        progress: Progress,
    ) -> Content:
        """Listen to the map's sounds: what each moment is like, and where it lies."""
        try:
            heard = listened(latents, self.setup.resolve, progress, self.setup.warn, result_of(self._content, "learn"))
        except LearningStopped:
            return {}
        made = to_content(heard, laid(heard, coordinates))
        progress(1.0, f"{len(heard.line)} frames indexed")
        return made


def _known(content: Content, setup: Setup) -> Known | None:
    try:
        return known_in(result_of(content, "learn"))
    except ValueError as error:
        setup.warn(str(error))
        return None

"""Training the patch's codec: offered once when its sounds are first encoded, done in a process, used in one step."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import Gone, Message, Unable
from latent_terrain.engine.messages.workers import CodecProgress, CodecTrained, EndTraining, TrainCodec
from latent_terrain.engine.processes.supervisor import SupervisedChild
from latent_terrain.graphs import Patch, add_node, connect, save
from latent_terrain.nodes.codec.space import kept_space, space_of
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.codec_training import CodecTraining
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.panels.bar import work_words
from latent_terrain.ui.editor.panels.toast import OFFER_SECONDS, Toasts
from latent_terrain.ui.editor.sound.interface import JobResult
from latent_terrain.ui.editor.sound.silent import SilentEditorSound

from ....waiting import eventually

PALETTE = load_palette()
RATE = 44_100


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


class HandChild:
    """A process that says what a test says. sent: what it was told, its first message first."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.hear: Callable[[Message], None] = lambda message: None
        self.is_killed = False

    def start(self, first: TrainCodec, hear: Callable[[Message], None]) -> SupervisedChild:
        self.sent = [first]
        self.hear, self.is_killed = hear, False
        return self  # type: ignore[return-value]

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def close(self, seconds: float) -> None:
        self.is_killed = True


class Bench:
    """A saved patch that encodes and decodes, with sounds that are not encoded yet."""

    def __init__(self, folder: Path, codec: str = "builtin:bank") -> None:
        patch = add_node(Patch(), "encode", name="sounds", values={"sounds": ["own"], "codec": codec})
        patch = add_node(patch, "terrain", name="terrain")
        patch = add_node(patch, "decoder", name="decoder", values={"codec": codec})
        patch = connect(connect(patch, "sounds.latents", "terrain.latents"), "terrain.out", "decoder.latents")
        self.codec, self.sound = codec, SilentEditorSound()
        self.desk = Desk(PALETTE, self.sound, Settings(learns_by_itself=False))
        self.child = HandChild()
        self.desk.training = CodecTraining(self.desk, self.child.start, core_speed=lambda: 85.0)
        assert self.desk.open(save(patch, folder / "piece.ltp"))
        self.desk.tick(0.0)
        self.toasts = Toasts(self.desk)

    def encode(self, seconds: float = 60.0, node: str = "sounds") -> None:
        """A lesson has encoded the sounds."""
        latents = np.zeros((round(seconds * RATE / 1024), 16), np.float32)
        content = {"encode/0000/a": latents}
        content |= {f"encode/{key}": one for key, one in kept_space(space_of(self.codec), "made/codec").items()}
        self.sound.given.append(JobResult(node, content, True, 1))
        self.desk.tick(1.0)

    def is_offered(self) -> bool:
        self.desk.tick(2.0)
        return self.desk.offer is not None

    def say(self, message: Message) -> None:
        self.child.hear(message)
        self.desk.tick(3.0)

    @property
    def said(self) -> str:
        return "\n".join(one.text for one in self.desk.log.entries)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.desk.close()


def test_it_is_offered_once_with_its_cost_and_never_again_when_dismissed(bench: Bench) -> None:
    assert not bench.is_offered()
    bench.encode()
    eventually(bench.is_offered)
    toast = bench.toasts.latest(10.0)
    assert toast is not None
    assert toast.text == "Train the codec on these sounds: at most about 25 minutes"
    bench.toasts.dismiss()
    assert bench.toasts.latest(11.0) is None
    bench.encode(90.0)
    bench.desk.undo()
    bench.encode(120.0)
    assert not bench.is_offered()
    assert bench.child.sent == []
    assert bench.desk.asks == type(bench.desk.asks)(), "no question that has to be answered"


def test_an_offer_goes_by_itself_and_gives_way_to_what_is_said(bench: Bench) -> None:
    bench.encode()
    eventually(bench.is_offered)
    assert bench.toasts.latest(10.0) is not None
    bench.desk.say("the disk is full", "warning")
    toast = bench.toasts.latest(11.0)
    assert toast is not None
    assert toast.text == "the disk is full"
    later = bench.toasts.latest(30.0)
    assert later is not None
    assert later.offer is not None
    assert bench.toasts.latest(30.1 + OFFER_SECONDS) is None
    assert bench.desk.offer is None


@pytest.mark.parametrize("codec", ["builtin:sounds", "rave.ts"])
def test_codecs_that_cannot_be_trained_are_not_offered(tmp_path: Path, codec: str) -> None:
    bench = Bench(tmp_path, codec)
    bench.encode()
    assert not perform(bench.desk, ACTIONS["learn.codec"])
    assert not bench.is_offered()
    bench.desk.close()


def test_too_little_sound_and_a_patch_that_was_encoded_before_are_not_offered(bench: Bench, tmp_path: Path) -> None:
    bench.encode(2.0)
    assert not bench.is_offered()
    path = save(bench.desk.patch, tmp_path / "before.ltp")
    assert bench.desk.open(path)
    bench.desk.tick(4.0)
    bench.encode(60.0)
    assert not bench.is_offered()


def test_the_codec_is_trained_in_a_process_and_used_by_all_nodes_as_one_step(bench: Bench, tmp_path: Path) -> None:
    bench.encode()
    eventually(bench.is_offered)
    offer = bench.desk.offer
    assert offer is not None
    bench.toasts.dismiss()
    offer.act()
    first = bench.child.sent[0]
    assert isinstance(first, TrainCodec)
    assert first.sounds == ["own"]
    output = Path(first.output)
    assert output.parent == tmp_path
    assert not perform(bench.desk, ACTIONS["learn.codec"]), "one at a time"
    bench.say(CodecProgress(done=0.25, text="step 500 of 2000"))
    assert work_words(bench.desk) == "codec: step 500 of 2000"
    output.write_bytes(b"weights")
    steps = bench.desk.document.history.done
    bench.say(
        CodecTrained(warnings=["near", "it reproduces other sounds less accurately", "preview"], has_forgotten=True)
    )
    assert bench.desk.trainings == ()
    assert "it reproduces other sounds less accurately" in bench.said
    assert bench.desk.document.history.done == steps, "nothing is used before it is asked for"
    offer = bench.desk.offer
    assert offer is not None
    assert "less accurately" in offer.text
    offer.act()
    codecs = {str(bench.desk.patch.nodes[name].values["codec"]) for name in ("sounds", "decoder")}
    assert codecs == {output.name}
    bench.desk.undo()
    codecs = {str(bench.desk.patch.nodes[name].values["codec"]) for name in ("sounds", "decoder")}
    assert codecs == {"builtin:bank"}


def test_it_is_stopped_and_what_cannot_be_is_told(bench: Bench) -> None:
    bench.encode()
    assert perform(bench.desk, ACTIONS["learn.codec"])
    assert perform(bench.desk, ACTIONS["learn.stop"])
    assert bench.child.sent[-1] == EndTraining()
    bench.say(Unable(text="training a codec needs scipy, which is not installed; run: pip install scipy"))
    assert "pip install scipy" in bench.desk.toasts[-1]
    assert perform(bench.desk, ACTIONS["learn.codec"])
    bench.say(Gone(code=-9))
    assert "unexpectedly" in bench.desk.toasts[-1]
    assert bench.desk.trainings == ()


def test_another_patch_is_not_offered_what_was_trained_for_the_one_before(bench: Bench) -> None:
    bench.encode()
    assert perform(bench.desk, ACTIONS["learn.codec"])
    bench.desk.begin()
    bench.say(CodecTrained(warnings=["near", "preview"], has_forgotten=False))
    assert bench.desk.offer is None
    assert "near" in bench.said


def test_closing_the_editor_ends_it(bench: Bench) -> None:
    bench.encode()
    assert perform(bench.desk, ACTIONS["learn.codec"])
    bench.desk.close()
    assert bench.child.is_killed


@pytest.mark.slow
def test_a_tiny_training_runs_in_its_process(tmp_path: Path) -> None:
    pytest.importorskip("scipy", reason="training needs scipy")
    (tmp_path / "own").mkdir()
    time = np.arange(8 * RATE) / RATE
    soundfile.write(tmp_path / "own" / "tone.wav", 0.3 * np.sin(2 * np.pi * 220 * time), RATE)
    bench = Bench(tmp_path)
    desk = bench.desk
    desk.training = CodecTraining(desk, steps=1, audible_steps=1)
    bench.encode(8.0)
    seen: list[float] = []

    def is_done() -> bool:
        desk.tick(1.0)
        seen.extend(one.done for one in desk.trainings)
        return not desk.trainings

    assert perform(desk, ACTIONS["learn.codec"])
    eventually(is_done, 300.0)
    assert (tmp_path / "piece codec.npz").is_file(), bench.said
    assert seen == sorted(seen)
    assert desk.offer is not None, bench.said
    desk.close()


@pytest.mark.slow
def test_sounds_that_are_not_there_are_told_by_the_process(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    desk = bench.desk
    desk.training = CodecTraining(desk, steps=1, audible_steps=1)
    bench.encode(8.0)
    assert perform(desk, ACTIONS["learn.codec"])

    def is_done() -> bool:
        desk.tick(1.0)
        return not desk.trainings

    eventually(is_done, 120.0)
    assert "no codec was trained" in desk.toasts[-1]
    desk.close()

"""A preview: an example is heard in place of the patch, which stays; then the patch again."""

import time
from pathlib import Path

from latent_terrain.graphs import add_node
from latent_terrain.graphs.examples import drawn, example
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.preview import SECONDS
from latent_terrain.ui.editor.sound.silent import SilentEditorSound

from ....waiting import eventually
from ...patcher.benches import chain, desk_of

LIMIT_SECONDS = 60.0


def until_heard(desk: Desk) -> None:
    def is_heard() -> bool:
        assert desk.preview.name, [one.text for one in desk.log.entries]
        desk.preview.tick(time.monotonic())
        return desk.plays_instead

    eventually(is_heard, LIMIT_SECONDS)


def test_it_is_rendered_heard_and_over_and_the_patch_is_as_it_was() -> None:
    desk, patch = desk_of(chain()), example("sine")
    before = desk.patch
    sound = desk.sound
    assert patch is not None
    assert isinstance(sound, SilentEditorSound)
    desk.preview.play("sine", patch)
    until_heard(desk)
    heard = sound.instead[-1]
    assert heard is not None
    files = [Path(str(node.values["file"])) for node in heard.nodes.values() if node.type == "sound_player"]
    assert len(files) == 1
    assert files[0].stat().st_size > 48_000
    assert sound.is_on
    desk.preview.tick(time.monotonic() + SECONDS + 0.1)
    assert sound.instead[-1] is None
    assert not sound.is_on, "audio was off before"
    assert desk.patch is before
    desk.preview.play("sine", patch)
    assert desk.plays_instead, "what is rendered is heard at once"
    desk.close()
    assert not files[0].exists()


def test_what_cannot_be_rendered_is_said() -> None:
    desk = desk_of(chain())
    desk.preview.play("broken", add_node(drawn("sine; out: audio_out | sine.out > out.audio"), "unheard_of", "new"))

    def is_given_up() -> bool:
        desk.preview.tick(time.monotonic())
        return not desk.preview.name

    eventually(is_given_up, LIMIT_SECONDS)
    assert not desk.plays_instead
    assert "can't be previewed" in desk.log.entries[-1].text
    desk.close()

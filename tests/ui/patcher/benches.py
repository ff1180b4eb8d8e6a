"""A desk without a window, and a hand on it."""

from latent_terrain.engine import Palette, load_palette
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.hand import PatchHand
from latent_terrain.ui.surface.pointer import NOTHING_HELD, Button, Held, Move, Pointer, Press, Release

PALETTE = load_palette()


def desk_of(patch: Patch, palette: Palette = PALETTE) -> Desk:
    desk = Desk(palette, SilentEditorSound(), Settings(learns_by_itself=False))
    desk.begin(patch)
    desk.view = type(desk.view)()
    return desk


def chain() -> Patch:
    """
    tone --> gain --> out        level (loose)
    """
    patch = add_node(Patch(), "sine", "tone", position=(0, 0))
    patch = add_node(patch, "gain", "gain", position=(300, 0))
    patch = add_node(patch, "audio_out", "out", position=(600, 0))
    patch = add_node(patch, "meter", "level", position=(300, 300))
    return connect(connect(patch, "tone.out", "gain.audio"), "gain.out", "out.audio")


class Hands:
    """Presses, drags and clicks at canvas points, at scale 1 from the corner (0, 0)."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.hand, self.time = desk, PatchHand(desk), 0.0

    def pointer(self, place: tuple[float, float], held: Held) -> Pointer:
        self.time += 0.01
        return Pointer(self.desk.view.to_screen(place), held, self.time)

    def press(
        self, place: tuple[float, float], held: Held = NOTHING_HELD, button: Button = "left", clicks: int = 1
    ) -> None:
        self.hand.touch(Press(self.pointer(place, held), button, clicks))

    def move(self, place: tuple[float, float], held: Held = NOTHING_HELD) -> None:
        self.hand.touch(Move(self.pointer(place, held)))

    def let_go(self, place: tuple[float, float], held: Held = NOTHING_HELD, button: Button = "left") -> None:
        self.hand.touch(Release(self.pointer(place, held), button))

    def drag(
        self, begin: tuple[float, float], end: tuple[float, float], held: Held = NOTHING_HELD, button: Button = "left"
    ) -> None:
        self.press(begin, held, button)
        for step in (0.3, 0.7, 1.0):
            self.move((begin[0] + step * (end[0] - begin[0]), begin[1] + step * (end[1] - begin[1])), held)
        self.let_go(end, held, button)

    def port(self, end: str, is_input: bool) -> tuple[float, float]:
        found = self.desk.layout.port(end, is_input)
        assert found is not None
        return found.place

    def cords(self) -> set[tuple[str, str]]:
        return {(cord.source, cord.target) for cord in self.desk.patch.cords}

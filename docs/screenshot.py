"""Makes the pictures of the editor and of the map: the walk, playing.

Run: xvfb-run -a -s "-screen 0 1440x900x24" .venv/bin/python docs/screenshot.py   (or on any desktop)
"""

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp())

from latent_terrain.engine import load_palette
from latent_terrain.ui.editor.app import App
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.panels import all_panels
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice
from latent_terrain.ui.terrain_image.thumbnails import Pictures

IMAGES = Path(__file__).parent / "images"
SECONDS = 8.0


def main() -> None:
    """Open the window, let it play, keep a picture of it."""
    palette, pictures = load_palette(), Pictures()
    sound = EngineSound(palette, DeviceChoice(device="none"))
    settings = Settings(window=[1380, 860], panels=["inspector"], map_share=0.56)
    desk = Desk(palette, sound, settings)
    app = App(desk, all_panels(), is_framed=False)
    app.pictures = pictures
    desk.start_from("walk")
    x, y = desk.patch.nodes["decoder"].position
    out = desk.layout.port("decoder.out", False)
    desk.add("scope", (x + 250, y + 200), out, "audio")
    sound.switch(True)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        app.frame()
        time.sleep(0.02)
    desk.fit()
    desk.select(["map"])
    desk.toasts.clear()
    for _ in range(6):
        app.frame()
    save(app, IMAGES / "editor.png", is_painted=True)
    desk.select()
    settings.panels[:] = ["map"]
    desk.maps.way = "full"
    desk.maps.show("map", layers=frozenset(("density",)))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        app.frame()
        time.sleep(0.02)
    save(app, IMAGES / "map.png", is_painted=True)
    app.close()
    pictures.close()
    desk.close()


def save(app: App, target: Path, is_painted: bool = False) -> None:
    """Have the window write its own picture, and wait for it."""
    import dearpygui.dearpygui as dpg

    target.unlink(missing_ok=True)
    dpg.output_frame_buffer(str(target))
    for _ in range(20):
        app.frame()
        if target.exists() and target.stat().st_size:
            break
    from PIL import Image

    picture = Image.open(target).convert("RGB")
    if is_painted:  # a terrain has more colours than a small PNG
        target.unlink()
        target = target.with_suffix(".jpg")
        picture.save(target, quality=90)
    else:
        picture.quantize(200, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target}: {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()

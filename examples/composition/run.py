"""A composer with field recordings and a fixed piece: written, changed, rendered and given to another codec, without a
window.

Run: python examples/composition/run.py [--sounds FOLDER] [--folder DIR]
Without --sounds the recordings that come with the program are cut, and those of Debian packages that are installed.
"""

import argparse
import csv
import hashlib
import json
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from latent_terrain import load, new

sys.path.insert(0, str(Path(__file__).parents[1]))
from checks import check, latent_terrain, ran

RATE, BITS = 44_100, 1 << 23
FIRST, MORE, BY_HAND = 40, 10, 30
AFTER = FIRST - 5 + MORE
PIECE_SECONDS, SILENT = 0.35, 0.003
PLAYHEADS, CHANNELS, REACH = 3, 8, 16.0
# The recording and the wind; then two channels for each playhead with the sounds themselves, one with builtin:bank.
BESIDE = 2
ENDINGS = {".wav", ".flac", ".ogg", ".oga", ".aif", ".aiff"}

# Recordings of Debian packages: sonic-pi-samples, lmms-common, tuxpaint-stamps-default, sound-theme-freedesktop.
DEBIAN = (
    "sonic-pi/samples/loop_amen.flac", "sonic-pi/samples/guit_em9.flac", "sonic-pi/samples/ambi_choir.flac",
    "sonic-pi/samples/ambi_drone.flac", "sonic-pi/samples/loop_garzul.flac", "lmms/samples/latin/latin_guitar01.ogg",
    "lmms/samples/instruments/steel_guitar01.ogg", "lmms/samples/instruments/flute01.ogg",
    "lmms/samples/instruments/piano02.ogg", "lmms/samples/bassloops/tb303_01.ogg",
    "tuxpaint/stamps/hobbies/music/string/cello.ogg", "tuxpaint/stamps/hobbies/music/string/violin.ogg",
    "tuxpaint/stamps/animals/birds/blackbird.ogg", "tuxpaint/stamps/household/dishes/glass.ogg",
    "sounds/freedesktop/stereo/audio-channel-front-left.oga",
)  # fmt: skip

# When the first playhead is where: seconds, x, y. It ends where it began, so that it can go round.
WALK = ((0.0, -13.5, -3.1), (0.25, 2.7, 0.3), (0.3, 2.7, 3.3), (1.1, 12.1, -1.9), (1.7, -4.4, 2.2), (2.0, -13.5, -3.1))


class Piece:
    """The patch in its folder, and what is known of it: lines by what their sounds are."""

    def __init__(self, folder: Path, own: Path | None) -> None:
        self.folder, self.patch = folder, folder / "piece.ltp"
        self.field, self.night = folder / "field", folder / "night"
        pieces = cut(recordings(own))
        write(pieces[:FIRST], self.field, 1)
        write(pieces[FIRST:], self.night, FIRST + 1)
        self.sounds: list[dict[str, Any]] = []
        self.lines: dict[str, str] = {}

    def listed(self, patch: Path | None = None) -> list[dict[str, Any]]:
        """What a patch tells of its sounds."""
        found: list[dict[str, Any]] = json.loads(latent_terrain("sounds", patch or self.patch, "--json"))["sounds"]
        return found

    def look(self) -> None:
        """Note its sounds, and its lines as they are exported (``now.csv``)."""
        self.sounds = self.listed()
        self.lines = self.lines_of(self.patch, self.sounds)

    def lines_of(self, patch: Path, sounds: list[dict[str, Any]]) -> dict[str, str]:
        """The rows of each line as they are exported, by the sha256 of its sound's file."""
        latent_terrain("lines", patch, "--export", self.folder / "now.csv")
        rows: dict[str, str] = {}
        for row in csv.DictReader((self.folder / "now.csv").read_text().splitlines()):
            if row["sound"]:
                rows[row["sound"]] = rows.get(row["sound"], "") + f"{row['x']},{row['y']}\n"
        files = {one["name"]: self.folder / one["file"] for one in sounds}
        return {digest(files[name]): text for name, text in rows.items()}

    def learn(self, patch: Path | None = None) -> None:
        """Encode and train what is new, and look that every sound is found that is played."""
        patch = patch or self.patch
        said = self.render("learned", 0.1, "--train", "--keep", patch, patch=patch)
        lost = [line for line in said.splitlines() if "sound file" in line or "has changed" in line]
        check("it is trained, and every sound is found", "training terrain" in said and not lost, "; ".join(lost))

    def render(self, name: str, seconds: float, *more: str | Path, patch: Path | None = None) -> str:
        """Render it with its playheads' places beside (``NAME-xy.wav``); gives what is said."""
        words = ("render", patch or self.patch, "-o", self.folder / f"{name}.wav", "--seconds", seconds)
        places = self.folder / f"{name}-xy.wav"
        places.unlink(missing_ok=True)  # what is there is never written over
        return ran(*words, "--channels", CHANNELS, "--set", f"xy.file={places}", *more).stderr

    def sound(self, name: str) -> np.ndarray:
        """A file of 24 bits as whole numbers ``[channels, n]``."""
        whole: np.ndarray = soundfile.read(self.folder / f"{name}.wav", dtype="int32", always_2d=True)[0]
        return whole.T >> 8

    def places(self, name: str) -> np.ndarray:
        """Where each playhead was, ``[playheads, 2, n]``, in steps of 24 bits over the map's reach."""
        return self.sound(f"{name}-xy").reshape(PLAYHEADS, 2, -1)


def recordings(own: Path | None) -> list[Path]:
    """The files to cut: one's own, else those that come with the program and with Debian."""
    if own is not None:
        return sorted(one for one in own.rglob("*") if one.suffix.lower() in ENDINGS)
    with resources.as_file(resources.files("latent_terrain.graphs.starters") / "sounds") as bundled:
        there = [Path("/usr/share") / one for one in DEBIAN]
        return [*sorted(bundled.glob("*.flac")), *(one for one in there if one.exists())]


def cut(files: list[Path]) -> list[tuple[str, np.ndarray, int]]:
    """Fifty short sounds, ``[n, channels]`` with their names and rates, from all files in turn; none is silent."""
    found: dict[str, tuple[str, np.ndarray, int]] = {}
    whole = [(one, *soundfile.read(one, always_2d=True, stop=30 * RATE)) for one in files]
    for turn in range(FIRST + MORE):
        for path, sound, rate in whole:
            length = round(PIECE_SECONDS * rate)
            piece = sound[turn * length : (turn + 1) * length]
            if len(piece) == length and np.abs(piece).max() > SILENT and len(found) < FIRST + MORE:
                found[hashlib.sha256(piece.tobytes()).hexdigest()] = path.stem.lstrip("0123456789- "), piece, rate
    if len(found) < FIRST + MORE:
        raise SystemExit(f"{len(files)} files give {len(found)} sounds of {PIECE_SECONDS} s; {FIRST + MORE} are needed")
    return list(found.values())


def write(pieces: list[tuple[str, np.ndarray, int]], folder: Path, first: int) -> None:
    """Sounds as files with a number and a name."""
    folder.mkdir()
    for number, (name, sound, rate) in enumerate(pieces, first):
        soundfile.write(folder / f"{number:02d} {name}.wav", sound, rate, subtype="PCM_16")


def digest(file: Path) -> str:
    """What is in a file, whatever it is called."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def begun(piece: Piece) -> None:
    """A patch of eight channels: a recording as it is, its echo and wind, then three playheads; xy is recorded."""
    it = new()
    it.add("encode", "sounds", codec="builtin:sounds", sounds=["field"])
    it.add("gui", "map", layout="map", mode="loop", phase=1.0).add("terrain", "terrain", steps=100)
    it.add("decoder", "decoder", codec="builtin:sounds")
    it.add("sound_player", "tape", file=f"field/{min(piece.field.iterdir()).name}", loop=True)
    it.add("delay", "echo", time=250.0).add("mix", "both", level_1=-9.0, level_2=-15.0).add("spread", "wide")
    it.add("noise", "wind").add("gain", "soft", level=-40.0).add("mix", "beside").add("join", "eight")
    it.add("audio_out", "out", level=-12.0)
    it.add("scale", "places", in_low=-REACH, in_high=REACH, out_low=-1.0)
    it.add("file_recorder", "xy", channels=2 * PLAYHEADS)
    it.connect("sounds.latents", "map.latents", "map.coordinates", "terrain.coordinates")
    it.connect("sounds.latents", "terrain.latents", "map.xy", "terrain.position", "terrain.out", "decoder.latents")
    it.connect("tape.audio", "echo.audio", "tape.audio", "both.audio_1", "echo.out", "both.audio_2")
    it.connect("both.out", "wide.audio", "wide.out", "beside.audio_1", "wind.out", "soft.audio")
    it.connect(
        "soft.out", "beside.audio_2", "beside.out", "eight.a", "decoder.out", "eight.b", "eight.out", "out.audio"
    )
    it.connect("map.xy", "places.audio", "places.out", "xy.audio")
    it.map.players = PLAYHEADS  # terrain and decoder get as many voices
    it.save(piece.patch)
    it.close()
    piece.sounds = piece.listed()
    check("forty sounds are listed, and new", [one["state"] for one in piece.sounds] == ["new"] * FIRST)


def lines_by_hand(piece: Piece) -> None:
    """Lines of thirty sounds written as a table, before anything is encoded; the others are laid out."""
    rows = ["sound,x,y"]
    for number, one in enumerate(piece.sounds[:BY_HAND]):
        x, y = -14.3 + number % 6 * 5, -3.3 + number // 6 * 1.4
        rows += [f"{one['name']},{x + 1.1 * step},{y + step / 7}" for step in range(3)]
    (piece.folder / "lines.csv").write_text("\n".join(rows) + "\n")
    latent_terrain("lines", piece.patch, "--import", piece.folder / "lines.csv")
    piece.learn()
    piece.look()
    check("all are encoded and trained, each with a line", all_trained(piece.sounds, FIRST), len(piece.sounds))
    exported = (piece.folder / "now.csv").read_text()
    drawn = exported.splitlines()[: len(rows)]
    check("exported lines are those that were imported, to the last digit", drawn == rows, f"{BY_HAND} lines")
    check("the other sounds were laid out", len(piece.lines) == FIRST, f"{FIRST - BY_HAND} lines")
    again = piece.folder / "again.ltp"
    latent_terrain("lines", piece.patch, "--import", piece.folder / "now.csv", "-o", again)
    latent_terrain("lines", again, "--export", piece.folder / "again.csv")
    same = (piece.folder / "again.csv").read_text() == exported
    check("all of them, read and written again, are the same file", same, f"{len(exported.splitlines())} rows")


def all_trained(sounds: list[dict[str, Any]], count: int) -> bool:
    """Whether there are so many sounds, all trained and with a line."""
    return len(sounds) == count and all((one["state"], one["has_line"]) == ("trained", True) for one in sounds)


def names_change(piece: Piece) -> None:
    """Files get other names: one goes to the end of the list, and two have changed names."""
    before = piece.lines
    first, second, third = sorted(piece.field.iterdir())[4:7]
    first.rename(piece.field / "99 at the end.wav")
    second.rename(piece.folder / "aside.wav")
    third.rename(second)
    (piece.folder / "aside.wav").rename(third)
    piece.learn()
    piece.look()
    check("renamed and sorted anew, every line is with its sound", piece.lines == before, f"{len(before)} lines")
    check("the last sound is the renamed one", piece.sounds[-1]["name"] == "99 at the end")


def sounds_change(piece: Piece) -> None:
    """Five sounds go, ten come, two are moved elsewhere."""
    before, there = piece.lines, piece.sounds
    gone = [there[number] for number in (0, 7, 18, 29, 35)]
    stay = [one for one in there if one not in gone]
    kept = {digest(piece.folder / one["file"]) for one in stay}
    latent_terrain("sounds", piece.patch, "--remove", *(one["name"] for one in gone))
    places = []
    for number, one in enumerate(stay[3:5]):
        (piece.folder / one["file"]).rename(piece.folder / f"moved {number}.wav")
        places.append(f"{one['file']}={piece.folder / f'moved {number}.wav'}")
    latent_terrain("sounds", piece.patch, "--relink", *places, "--add", piece.night)
    piece.learn()
    piece.look()
    check("five sounds went, ten came, two were found elsewhere", all_trained(piece.sounds, AFTER), len(piece.sounds))
    stayed = {key: text for key, text in piece.lines.items() if key in kept}
    was = {key: text for key, text in before.items() if key in kept}
    check("every old line is with its sound, to the byte", stayed == was and len(was) == AFTER - MORE, len(was))
    check("every new sound has a line of its own", len(set(piece.lines.values())) == len(piece.lines) == AFTER)
    back = piece.folder / "back.ltp"
    latent_terrain("sounds", piece.patch, "--add", *(piece.folder / one["file"] for one in gone), "-o", back)
    piece.learn(back)
    returned = piece.lines_of(back, piece.listed(back))
    check("the five come back with their lines", {key: returned.get(key) for key in before} == before, len(gone))


def in_time(piece: Piece) -> None:
    """A path with breakpoints at exact times: the playheads are where the file says, at every sample."""
    times, points = [one[0] for one in WALK], [one[1:] for one in WALK]
    document = {"paths": [{"path": 1, "times": times, "points": points}]}
    (piece.folder / "walk.json").write_text(json.dumps(document))
    latent_terrain("lines", piece.patch, "--import", piece.folder / "walk.json")
    piece.render("mix", WALK[-1][0], "--stems", piece.folder / "stems")
    off, shifted = apart(piece.places("mix"), 0), apart(piece.places("mix"), 1)
    check("the playheads are where the file says, at every sample", off < 1e-5, f"{off:.1e} of {REACH:g}")
    check("a sample earlier they are not", shifted > 50 * off, f"{shifted:.1e}")


def apart(places: np.ndarray, shift: int) -> float:
    """How far playheads are from where they are to be, at most, when that is read so many samples later."""
    path, lasts = np.array(WALK), WALK[-1][0]
    samples = np.arange(places.shape[2]) + shift
    worst = 0.0
    for number, one in enumerate(places):
        when = (samples / RATE + lasts * number / PLAYHEADS) % lasts
        for axis in (0, 1):
            due = np.interp(when, path[:, 0], path[:, axis + 1])
            worst = max(worst, float(np.abs(one[axis] / BITS * REACH - due).max()))
    return worst


def eight_channels(piece: Piece) -> None:
    """Eight channels, and stems that add up to them."""
    mix = piece.sound("mix")
    check("eight channels sound", mix.shape == (CHANNELS, round(WALK[-1][0] * RATE)) and bool(mix.any(axis=1).all()))
    stems = {one.stem: piece.sound(f"stems/{one.stem}") for one in (piece.folder / "stems").glob("*.wav")}
    check("each sound that reaches the output is a stem", stems.keys() == {"decoder", "tape", "wind"}, ", ".join(stems))
    check("every stem sounds, and the mix does not clip", all(one.any() for one in stems.values()) and peak(mix) < 1)
    check("the stems add up to the mix, to the bit", np.array_equal(sum(stems.values()), mix))
    it = load(piece.patch)
    script = it.render(WALK[-1][0], RATE, channels=CHANNELS)
    it.close()
    check("a script renders the same eight channels", np.array_equal(np.rint(script * BITS), mix))


def peak(sound: np.ndarray) -> float:
    """The highest value of whole numbers of 24 bits."""
    return float(np.abs(sound).max() / (BITS - 1))


def half_tempo(piece: Piece) -> None:
    """The same trajectory in twice the time."""
    piece.render("slow", 2 * WALK[-1][0], "--set", "map.rate=0.5")
    slow, own = piece.places("slow"), piece.places("mix")
    check("at half tempo it lasts twice as long", slow.shape[2] == 2 * own.shape[2], f"{slow.shape[2] / RATE:g} s")
    off = int(np.abs(slow[:, :, ::2] - own).max())
    check("every place is reached at twice its time", off <= 1, f"{off} steps of 24 bits apart")
    check("the sound is another", not np.array_equal(piece.sound("slow")[:, : own.shape[2]], piece.sound("mix")))


def another_codec(piece: Piece) -> None:
    """The same piece through another codec, which learns what it has to; lines and paths stay."""
    kept = piece.folder / "bank.ltp"
    said = piece.render("bank", WALK[-1][0], "--codec", "builtin:bank", "--keep", kept)
    check("with another codec it trains again, and says so", "with another codec sounds, map, terrain" in said)
    there = piece.listed(kept)
    check("all sounds are trained with it", all_trained(there, AFTER), len(there))
    lines = piece.lines_of(kept, there)
    check("every line stays as it is, to the byte", lines == piece.lines and len(lines) == AFTER, len(lines))
    check("the path too", np.array_equal(piece.places("bank"), piece.places("mix")))
    bank, mix = piece.sound("bank"), piece.sound("mix")
    check("what no codec plays is as it was", np.array_equal(bank[:BESIDE], mix[:BESIDE]))
    sounding = np.flatnonzero(bank.any(axis=1)).tolist()
    check("the codec is mono: a channel for each playhead", sounding == list(range(BESIDE + PLAYHEADS)), sounding)
    check("which sound otherwise", not any(np.array_equal(bank[n], mix[n]) for n in sounding[BESIDE:]))


PARTS = begun, lines_by_hand, names_change, sounds_change, in_time, eight_channels, half_tempo, another_codec


def main() -> None:
    """Do it all, in a folder of its own unless one is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sounds", type=Path, help="a folder of recordings to cut; default: those that are bundled")
    parser.add_argument("--folder", type=Path, help="where to, a new folder; default: one that goes afterwards")
    asked = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lt-") as own:
        folder = asked.folder or Path(own) / "piece"
        folder.mkdir(parents=True)
        piece = Piece(folder.absolute(), asked.sounds)
        for part in PARTS:
            began = time.monotonic()
            part(piece)
            print(f"        ({part.__name__}: {time.monotonic() - began:.1f} s)", flush=True)
    print(f"        (all: {time.monotonic() - begin:.0f} s)")


if __name__ == "__main__":
    main()

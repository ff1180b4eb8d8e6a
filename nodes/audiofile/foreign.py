"""Sounds that libsndfile can't read, by way of ffmpeg where it is installed: AAC, WMA, WavPack, the sound of films.

ffmpeg decodes such a file once, into a file of float samples that lives as long as the program. It is started without a
shell, reads nothing but local files, and knows only containers that hold their own sound: none that names other files.
"""

import atexit
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .problem import SoundError

CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,"
    "mpeg,mpegts,nut,ogg,rm,tak,tta,voc,w64,wav,wv,xwma"
)
LONGEST_SECONDS = 6 * 3600
MOST_BYTES = 16 << 30
PROBE_SECONDS = 20.0
DECODE_SECONDS = 900.0
_decoded: dict[tuple[Any, ...], Path] = {}
_folder: list[Path] = []


def decoded(path: Path, key: tuple[Any, ...]) -> tuple[Path, float]:
    """A file of float samples with the sound of another, and how many seconds that says it lasts (0: not known).

    key: what tells the file from others, and from itself before a change. Raises SoundError where there is no ffmpeg,
    or no sound.
    """
    program, prober = shutil.which("ffmpeg"), shutil.which("ffprobe")
    if program is None or prober is None:
        raise SoundError(
            f"{path} can't be read without ffmpeg: WAV, AIFF, FLAC, OGG and MP3 can. Install ffmpeg (ffmpeg.org, or "
            "apt, brew, winget install ffmpeg), or convert the file to WAV"
        )
    seconds = _seconds(prober, path)
    if seconds > LONGEST_SECONDS:
        raise SoundError(f"{path} lasts {seconds / 3600:.1f} hours, too long for ffmpeg; cut it into parts")
    made = _decoded.get(key)
    if made is None or not made.exists():
        made = _decoded[key] = _decode(program, path)
    return made, seconds


def _seconds(prober: str, path: Path) -> float:
    """How long the first sound in a file lasts. Raises SoundError where there is none."""
    asked = ["-show_entries", "stream=codec_type,duration:format=duration", "-select_streams", "a:0", "-of", "json"]
    done = _run([prober, "-v", "error", *_input(), *asked, _named(path)], path, PROBE_SECONDS)
    try:
        facts = json.loads(done.stdout or b"{}")
        streams = facts.get("streams", [])
    except (ValueError, AttributeError):
        streams, facts = [], {}
    if done.returncode or not streams:
        raise SoundError(f"{path} is not a readable sound file, or is empty; choose another or convert it to WAV")
    told = streams[0].get("duration", facts.get("format", {}).get("duration", 0))
    try:
        return max(0.0, float(told))
    except (TypeError, ValueError):
        return 0.0


def _decode(program: str, path: Path) -> Path:
    if not _folder:
        _folder.append(Path(tempfile.mkdtemp(prefix="latent-terrain-")))
        atexit.register(shutil.rmtree, _folder[0], True)
    handle, name = tempfile.mkstemp(suffix=".wav", dir=_folder[0])
    os.close(handle)
    made = Path(name)
    what = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-c:a", "pcm_f32le", "-rf64", "auto"]
    limits = ["-t", str(LONGEST_SECONDS), "-fs", str(MOST_BYTES), "-f", "wav", "-y", str(made)]
    _run([program, "-nostdin", "-v", "error", *_input(), "-i", _named(path), *what, *limits], path, DECODE_SECONDS)
    # what comes out before an error is the sound there is, so its size decides and not the exit code
    if made.stat().st_size <= 128:
        made.unlink()
        raise SoundError(f"{path} contains no audio that ffmpeg can decode; choose another or convert it to WAV")
    return made


def _input() -> list[str]:
    return ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS]


def _named(path: Path) -> bytes:
    """A file as ffmpeg takes it, whatever its name begins with; names that are no text too."""
    return b"file:" + os.fsencode(path.absolute())


def _run(command: list[str | bytes], path: Path, seconds: float) -> subprocess.CompletedProcess[bytes]:
    words = [os.fsdecode(word) if os.name == "nt" and isinstance(word, bytes) else word for word in command]
    try:
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False, close_fds=True
        )
    except subprocess.TimeoutExpired:
        raise SoundError(f"{path} takes ffmpeg more than {seconds:g} s; convert it to WAV") from None
    except OSError as error:
        raise SoundError(f"{path} can't be decoded: ffmpeg does not start ({error.strerror})") from None

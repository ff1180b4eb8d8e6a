"""Doctor: what this machine has for playing, what it lacks and how to get it, and how well it keeps time."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .confined import confinement
from .display import window_trouble
from .output import RUN, finish, progress
from .patches import AsJson

if TYPE_CHECKING:
    from ...engine.drivers import Driver
    from ...engine.processes.child import Parent

MODULES = ("numpy", "torch", "msgpack", "msgspec", "soundfile", "soxr", "sounddevice", "pythonosc")
CALLED = {"pythonosc": "python-osc"}
TIMES = ("frame_ms", "p50_ms", "p90_ms", "p99_ms", "is_realtime")
ENGINE_NEEDS = ("numpy", "msgpack", "msgspec")
BANK, BLOCK, RATE = "builtin:bank", 256, 48_000
LOAD_SECONDS, CODEC_SECONDS = 60.0, 120.0
FRAMES, FEWEST_FRAMES, FRAMES_SECONDS = 400, 8, 1.0
GIBIBYTE = 1 << 30
# Bytes of memory or disk, free: below the first it may not last, below the second it will not.
LITTLE, NOTHING = GIBIBYTE, GIBIBYTE // 5
# Lateness in lengths of a block, and decoding in lengths of a frame, that leave room for surprises.
WELL_SHARE = 0.5
LONG_LATENCY_MS = 100.0
PROCESSES, MEMORY = Path("/proc"), Path("/proc/meminfo")
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
SERVERS = {"jackd": "JACK", "jackdbus": "JACK", "pipewire": "PipeWire", "pulseaudio": "PulseAudio"}
PORTAUDIO = {
    "linux": "sudo apt-get install libportaudio2 (on others than Debian and Ubuntu the package is portaudio)",
    "darwin": "brew install portaudio",
}
REALTIME = "echo '@audio - rtprio 95' | sudo tee /etc/security/limits.d/audio.conf; sudo usermod -aG audio $USER"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. text: how it is; remedy: what to do, empty where nothing needs doing."""

    topic: str
    state: Literal["ok", "note", "problem"]
    text: str
    remedy: str = ""


def doctor(
    device: Annotated[str | None, typer.Option("--device", help="Output device (part of its name), or none.")] = None,
    codec: Annotated[str | None, typer.Option("--codec", help="Also time this codec.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.5, max=60, help="Test the device for this long.")] = 3.0,
    as_json: AsJson = False,
) -> int:
    """Look at this machine: what is missing and how to get it, how punctual it is, how long sound takes.

    Plays silence on the device. Exit code 1 when something is a problem, else 0.
    """
    with progress("checking this computer") as advance:
        system = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
        found = [Finding("Python", "ok", system), *packages()]
        lacks = {one.topic for one in found if one.state == "problem"}
        found += [*servers(), *processors(), memory(), *window(), *disks()]
        measured: dict[str, Any] = {"jitter": None, "codecs": [], "latency_ms": []}
        if lacks.isdisjoint(ENGINE_NEEDS):
            advance(0.4, "device")
            found += [Finding("confinement", *confinement()), realtime(), *devices()]
            found += punctuality(device, seconds, measured)
            for name in dict.fromkeys((BANK, codec or BANK)):
                advance(0.8, name)
                found += decoding(name, measured)
    problems = sum(one.state == "problem" for one in found)
    document = {"is_well": not problems, "findings": [asdict(one) for one in found], **measured}
    finish(document, list(_lines(found, problems)), as_json)
    return RUN if problems else 0


def packages() -> Iterator[Finding]:
    """Whether each package loads."""
    from ...engine.missing_package import install_command

    with ThreadPoolExecutor(2) as pool:
        errors = dict(zip(MODULES, pool.map(_import_error, MODULES), strict=True))
    for module, error in errors.items():
        name = CALLED.get(module, module)
        if error.endswith(f"No module named '{module}'"):
            yield Finding(name, "problem", "not installed", install_command(name))
        elif module == "sounddevice" and "PortAudio" in error:
            remedy = PORTAUDIO.get(sys.platform, install_command("--force-reinstall", "sounddevice"))
            yield Finding("PortAudio", "problem", "the library is not installed", remedy)
        elif error:
            yield Finding(name, "problem", f"it does not load ({error})", install_command("--force-reinstall", name))
        else:
            yield Finding(name, "ok", version(name) + (", with PortAudio" if module == "sounddevice" else ""))


def devices() -> Iterator[Finding]:
    """The sound devices there are; nothing where PortAudio is missing, which is told with the packages."""
    from ...engine.drivers import DeviceError, list_devices
    from ...engine.drivers.library import NO_PORTAUDIO

    try:
        found = [one for one in list_devices() if one.outputs > 0]
    except DeviceError as error:
        if str(error) != NO_PORTAUDIO:
            yield _problem("devices", error)
        return
    if not found:
        remedy = "connect one, or start PipeWire or JACK; rendering works without"
        yield Finding("devices", "note", "no audio device", remedy)
        return
    named = (one.label + (" (default)" if one.is_default_output else "") for one in found)
    yield Finding("devices", "ok", ", ".join(named))


def servers() -> Iterator[Finding]:
    """Whether programs can share a device; looked at on Linux, as elsewhere they always can."""
    if sys.platform != "linux":
        return
    programs: set[str] = set()
    for path in PROCESSES.glob("[0-9]*/comm"):
        with suppress(OSError):  # it has ended since
            programs.add(path.read_text(encoding="utf-8", errors="replace").strip())
    running = dict.fromkeys(server for program, server in SERVERS.items() if program in programs)
    if running:
        yield Finding("sound server", "ok", f"{' and '.join(running)} running")
    else:
        remedy = "start PipeWire (systemctl --user start pipewire) or JACK to share a device between programs"
        yield Finding("sound server", "note", "neither JACK, PipeWire nor PulseAudio is running", remedy)


def realtime() -> Finding:
    """Whether sound may go before everything else; asked by a thread that ends at once."""
    from ...engine.processes.priority import AUDIO, raise_priority

    if not hasattr(os, "sched_setscheduler"):
        return Finding("real time", "ok", f"{platform.system()} gives audio threads priority by itself")
    granted: list[bool] = []
    thread = threading.Thread(target=lambda: granted.append(raise_priority(AUDIO)))
    thread.start()
    thread.join()
    if granted == [True]:
        return Finding("real time", "ok", "the audio thread may use real-time priority")
    text, remedy = "no real-time priority; audio may drop out", f"{REALTIME}; log in again"
    return Finding("real time", "note", text, remedy)


def processors() -> Iterator[Finding]:
    """How many processors there are, and whether they are kept slow to save power."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if count < 2:
        remedy = "use at least two cores, so that audio and codecs run in parallel"
        yield Finding("processors", "note", "only 1 to use", remedy)
    else:
        yield Finding("processors", "ok", f"{count} to use")
    with suppress(OSError):
        governor = GOVERNOR.read_text(encoding="ascii").strip()
        is_slow = governor == "powersave"
        text = "powersave: the CPU speeds up too late for audio" if is_slow else governor
        remedy = "sudo cpupower frequency-set -g performance" if is_slow else ""
        yield Finding("governor", "note" if is_slow else "ok", text, remedy)


def memory() -> Finding:
    """How much memory is free."""
    with suppress(OSError, ValueError, IndexError):
        for line in MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                free = 1024 * int(line.split()[1])
                return _room("memory", free, "free", "close other programs; a codec takes about 0.5 GiB")
    return Finding("memory", "ok", "free memory unknown")


def window() -> Iterator[Finding]:
    """Whether the editor's window can open; everything else works without."""
    trouble = window_trouble()
    if not trouble:
        yield Finding("window", "ok", "the editor can open")
        return
    text, _, remedy = trouble.partition("; ")
    yield Finding("window", "note", text, remedy)


def disks() -> Iterator[Finding]:
    """Room to write in the user's folders."""
    folders = {"home": Path.home(), "this folder": Path.cwd(), "temporary": Path(tempfile.gettempdir())}
    for name, folder in folders.items():
        if os.access(folder, os.W_OK):
            free, remedy = shutil.disk_usage(folder).free, "make room; a minute of recording takes 23 MB"
            yield _room(f"disk, {name}", free, f"free in {folder}", remedy)
        else:
            remedy = "make it writable or use another folder"
            yield Finding(f"disk, {name}", "problem", f"{folder} can't be written to", remedy)


def punctuality(device: str | None, seconds: float, measured: dict[str, Any]) -> Iterator[Finding]:
    """How punctual blocks are: of the device if there is one, else of a thread that waits as a clock does."""
    driver, problem = _started(device)
    if problem is not None:
        yield problem
    try:
        time.sleep(seconds)
    finally:
        driver.stop()
    jitter = measured["jitter"] = _jitter(driver)
    late = "late by {late_p50_ms:.2f} ms (p99 {late_p99_ms:.2f})".format(**jitter)
    text = "{device}, {blocks} blocks of {block} at {sample_rate} Hz: ".format(**jitter)
    text += f"{late}, {jitter['xruns']} xruns"
    if jitter["kind"] == "timer":
        text = f"no device is open; a timer is {late}, where a block takes {jitter['block_ms']:.2f} ms"
    elif not jitter["blocks"]:
        remedy = "restart its audio system, or choose another device with --device"
        yield Finding("device", "problem", f"{jitter['device']} opens but requests no audio", remedy)
    is_late = jitter["xruns"] > 0 or jitter["late_p99_ms"] > WELL_SHARE * jitter["block_ms"]
    remedy = "close other programs, enable real time (above), or use --block 512" if is_late else ""
    yield Finding("punctuality", "note" if is_late else "ok", text, remedy)


def decoding(codec: str, measured: dict[str, Any]) -> Iterator[Finding]:
    """How long a codec takes for a frame, on one thread of a fresh process as when playing, and the latency of it."""
    from ...engine.messages.workers import FROM_TRIED, Begin, LoadModel, Times
    from ...engine.processes.child import Child, ChildError, ChildGone
    from ...engine.processes.policy import Policy

    order = LoadModel(codec=codec, folder=str(Path.cwd()))
    child = Child(f"{__name__}:serve_times", order, FROM_TRIED, policy=Policy(is_confined=True))
    try:
        told = child.ask(Begin(), Times, CODEC_SECONDS)
        times: dict[str, Any] = {"codec": codec, **{key: getattr(told, key) for key in TIMES}}
    except ChildError as error:
        yield _problem("codec", error)
        return
    except ChildGone:
        text, remedy = f"{codec}: decoding with it fails or takes too long", "run latent-terrain model to see why"
        yield Finding("codec", "problem", text, remedy)
        return
    finally:
        child.close(0.1)
    measured["codecs"].append(times)
    text = "{codec}: {p50_ms:.1f} ms (p99 {p99_ms:.1f}) for a frame of {frame_ms:.1f} ms".format(**times)
    if times["p50_ms"] >= times["frame_ms"]:
        yield Finding("codec", "problem", text, "too slow for live use here; render instead, or choose another codec")
    elif times["p99_ms"] > WELL_SHARE * times["frame_ms"]:
        yield Finding("codec", "note", text, "close other programs to avoid dropouts")
    else:
        yield Finding("codec", "ok", text)
    parts = latency_ms(measured["jitter"], times)
    measured["latency_ms"].append(parts)
    device = f"device {parts['device']:.1f}" if measured["jitter"]["kind"] == "device" else "no device"
    split = f"{device}, block {parts['block']:.1f}, codec {parts['codec']:.1f}"
    text = f"{codec}: about {parts['total']:.1f} ms ({split})"
    is_long = parts["total"] > LONG_LATENCY_MS
    remedy = "choose a smaller --block, or another codec" if is_long else ""
    yield Finding("latency", "note" if is_long else "ok", text, remedy)


def serve_times(parent: "Parent") -> None:
    """Decode frames of a codec and answer how long they take; the first quarter only warms up."""
    import numpy as np

    from ...engine.messages import Error
    from ...engine.messages.workers import TO_TRIED, Begin, LoadModel, Times
    from ...engine.processes.priority import FRAMES as URGENCY
    from ...engine.processes.priority import raise_priority
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.loader import load_codec
    from ...nodes.codec.trial import memory_for

    order = parent.order(LoadModel)
    try:
        codec = load_codec(order.codec, Path(order.folder), lambda size: parent.confine(memory_for(size)))
    except CodecError as error:
        parent.begin()
        parent.answer(parent.receive(TO_TRIED) or Begin(), Error(text=str(error)))
        return
    parent.begin()
    request = parent.receive(TO_TRIED) or Begin()
    is_realtime, facts, spent = raise_priority(URGENCY), codec.facts, list[float]()
    latents = np.random.default_rng(0).standard_normal((FRAMES, 1, facts.latent_dim, 1)).astype(np.float32)
    end = time.perf_counter() + FRAMES_SECONDS
    for frame in latents:
        began = time.perf_counter()
        if began > end and len(spent) >= FEWEST_FRAMES:
            break
        codec.decode(frame)
        spent.append(1000 * (time.perf_counter() - began))
    p50, p90, p99 = np.percentile(spent[len(spent) // 4 :], (50, 90, 99)).tolist()
    frame_ms = 1000 * facts.ratio / facts.sample_rate
    times = Times(frame_ms=frame_ms, p50_ms=p50, p90_ms=p90, p99_ms=p99, is_realtime=is_realtime)
    parent.answer(request, times)


def latency_ms(jitter: Mapping[str, Any], times: Mapping[str, Any]) -> dict[str, Any]:
    """From a gesture to its sound: the device (0 for a timer), a block, and the lookahead that a codec's times want."""
    from ...engine.frames.lookahead import lookahead_blocks

    block = jitter["block_ms"]
    blocks = lookahead_blocks(
        times["p90_ms"] / 1000, times["frame_ms"] / 1000, block / 1000, is_realtime=times["is_realtime"]
    )
    parts = {"device": jitter["device_ms"], "block": block, "codec": block * blocks}
    return {
        "of": times["codec"],
        **{name: round(ms, 2) for name, ms in {**parts, "total": sum(parts.values())}.items()},
    }


def _import_error(module: str) -> str:
    """What importing a module ends with, empty when it loads; in a process that a broken one may take with it."""
    from ...engine.processes.interpreter import run_python

    try:
        done = run_python(["-c", f"import {module}"], timeout=LOAD_SECONDS)
    except subprocess.TimeoutExpired:
        return f"not within {LOAD_SECONDS:g} s"
    return (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1] if done.returncode else ""


def _room(topic: str, free: int, where: str, remedy: str) -> Finding:
    text = f"{free / GIBIBYTE:.1f} GiB {where}"
    if free >= LITTLE:
        return Finding(topic, "ok", text)
    return Finding(topic, "note" if free >= NOTHING else "problem", text, remedy)


def _problem(topic: str, error: Exception) -> Finding:
    """A problem from an error's sentence, which says what is wrong and then what to do."""
    wrong, _, remedy = str(error).partition("; ")
    return Finding(topic, "problem", wrong, remedy)


def _started(device: str | None) -> tuple["Driver", Finding | None]:
    """The device, playing silence, or a clock where none is to be had; and what is wrong with one that should be."""
    from ...engine.drivers import NOBODY, CallbackDriver, ClockDriver, DeviceError, find_device, list_devices
    from ...engine.drivers.interface import WantedDevice
    from ...engine.drivers.library import NO_PORTAUDIO

    def silence(heard: Any, out: Any) -> None:
        out.fill(0.0)

    problem: Finding | None = None
    try:
        if device != NOBODY and (device or any(one.outputs for one in list_devices())):
            chosen = find_device(device)
            wanted = WantedDevice(chosen.label, NOBODY, round(chosen.sample_rate), BLOCK)
            driver = CallbackDriver(silence, wanted, lambda text: None)
            try:
                driver.start()
            except DeviceError:
                driver.stop()
                raise
            return driver, None
    except DeviceError as error:
        problem = None if str(error) == NO_PORTAUDIO else _problem("device", error)
    clock = ClockDriver(silence, WantedDevice(NOBODY, NOBODY, RATE, BLOCK))
    clock.start()
    return clock, problem


def _jitter(driver: "Driver") -> dict[str, Any]:
    """How a driver kept time. kind: ``device``, or ``timer`` for a thread that only waits."""
    from ...engine.drivers import NOBODY

    report, form = driver.timing.report(), driver.format
    period = report.recent if report.recent.blocks else report.whole  # a device's first second is no measure
    return {
        "kind": "timer" if form.host_api == NOBODY else "device",
        **{name: getattr(form, name) for name in ("device", "host_api", "sample_rate", "block")},
        "block_ms": 1000 * form.block / form.sample_rate,
        "device_ms": round(1000 * form.output_latency_seconds, 2),
        "blocks": report.whole.blocks,
        "xruns": period.underruns,
        **{f"late_{name}_ms": round(ms, 3) for name, ms in asdict(period.late_ms).items()},
        "is_realtime": driver.is_realtime,
    }


def _lines(found: list[Finding], problems: int) -> Iterator[str]:
    wide = max(len(one.topic) for one in found)
    for one in found:
        yield f"{one.state:<7}  {one.topic:<{wide}}  {one.text}{'; ' if one.remedy else ''}{one.remedy}"
    yield ""
    yield {0: "no problems found", 1: "1 problem"}.get(problems, f"{problems} problems")

"""Tone: a sine left, right, then on both, to hear whether a device plays and see whether it keeps time."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import DEVICE, INTERRUPTED, USAGE, Failure, finish, say, stoppable
from .patches import AsJson

if TYPE_CHECKING:
    from ...engine.drivers import CallbackDriver, WantedDevice
    from ...engine.values import FloatArray

# How loud left and right are, one after the other.
PLACES = ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
RAMP_SECONDS = 0.01
POLL_SECONDS = 0.05
# How much longer than its sound a device may take before it counts as stuck.
PATIENCE_SECONDS = 5.0


def tone(
    device: Annotated[str | None, typer.Option("--device", help="Part of a device's name.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=3600, help="Total length.")] = 2.0,
    hz: Annotated[float, typer.Option("--hz", min=1, max=96_000, help="Frequency.")] = 440.0,
    level: Annotated[float, typer.Option("--level", min=-90, max=0, help="Level in decibels.")] = -18.0,
    block: Annotated[int, typer.Option("--block", min=16, max=8192, help="Block size in samples.")] = 256,
    rate: Annotated[
        int | None, typer.Option("--rate", min=4000, max=384_000, help="Sample rate. Default: the device's.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Play a sine on a sound device: left, right, both.

    Tells how many blocks were played, how often the sound broke, whether the device asks for blocks at the rate it
    should, and its latency. Without such a device the exit code is 4.
    """
    from ...engine.drivers import CallbackDriver, DeviceError, WantedDevice, find_device

    try:
        chosen = find_device(device)
        sample_rate = rate or round(chosen.sample_rate)
        if 2 * hz > sample_rate:
            raise Failure(f"--hz {hz:g}: at {sample_rate} Hz a sine can have {sample_rate / 2:g} Hz at most", USAGE)
        wanted = WantedDevice(chosen.label, "none", sample_rate, block, inputs=0)
        sound = _Tone(_sine(seconds, hz, level, sample_rate))
        driver = CallbackDriver(sound, wanted, say)
        try:
            say(f"{chosen.label}: left, right, both")
            driver.start()
            is_stopped = _wait(driver, sound, seconds)
        finally:
            driver.stop()
    except DeviceError as error:
        raise Failure(str(error), DEVICE) from None
    document = _document(driver, wanted)
    finish(document, _sentence(document), as_json)
    return INTERRUPTED if is_stopped else 0


class _Tone:
    """A sound to play once, then silence. float32 ``[frames, 2]``; one channel plays its louder side."""

    def __init__(self, samples: "FloatArray") -> None:
        self._samples = samples
        self._either = samples.max(axis=1, keepdims=True, initial=0.0) + samples.min(axis=1, keepdims=True, initial=0.0)
        self.place = 0

    def __call__(self, heard: "FloatArray | None", out: "FloatArray") -> None:
        """Audio thread only: play on."""
        samples = self._samples if out.shape[1] > 1 else self._either
        part = samples[self.place : self.place + len(out)]
        out.fill(0.0)
        out[: len(part), : part.shape[1]] = part
        self.place += len(out)

    def is_over(self, and_samples: int) -> bool:
        """Whether it has been played, and so many samples after it."""
        return self.place >= len(self._samples) + and_samples


def _sine(seconds: float, hz: float, level: float, sample_rate: int) -> "FloatArray":
    """The sine at its three places, each begun and ended over 10 ms; float32 ``[frames, 2]``."""
    import numpy as np

    count = round(seconds * sample_rate / len(PLACES))
    ramp = min(round(RAMP_SECONDS * sample_rate), count // 2)
    envelope = np.ones(count)
    envelope[:ramp] = np.arange(ramp) / max(ramp, 1)
    envelope[count - ramp :] = envelope[:ramp][::-1]
    wave = 10.0 ** (level / 20.0) * envelope * np.sin(2.0 * np.pi * hz * np.arange(count) / sample_rate)
    return np.concatenate([wave[:, np.newaxis] * np.array(sides) for sides in PLACES]).astype(np.float32)


def _wait(driver: "CallbackDriver", sound: _Tone, seconds: float) -> bool:
    """Wait until the sound is out; whether somebody stopped it. Raises Failure when the device goes or is stuck."""
    after = round((driver.format.output_latency_seconds + POLL_SECONDS) * driver.format.sample_rate)
    end = time.monotonic() + seconds + PATIENCE_SECONDS
    with stoppable() as stop:
        while not sound.is_over(after):
            if stop.asked:
                return True
            if not driver.is_running:
                raise Failure(f"{driver.format.device} disconnected; connect it and try again", DEVICE)
            if time.monotonic() > end:
                played = driver.timing.blocks
                raise Failure(f"{driver.format.device} stalled after {played} blocks", DEVICE)
            time.sleep(POLL_SECONDS)
    return False


def _document(driver: "CallbackDriver", wanted: "WantedDevice") -> dict[str, Any]:
    report, shape = driver.timing.report(), driver.format
    return {
        "device": shape.device,
        "host_api": shape.host_api,
        "sample_rate": shape.sample_rate,
        "block": shape.block,
        "outputs": shape.outputs,
        "blocks": report.whole.blocks,
        "xruns": report.whole.underruns,
        "blocks_per_second": report.rate_hz / shape.block,
        "expected_blocks_per_second": wanted.sample_rate / wanted.block,
        "output_latency_seconds": shape.output_latency_seconds,
        "late_p99_ms": report.whole.late_ms.p99,
        "is_realtime": driver.is_realtime,
    }


def _sentence(told: dict[str, Any]) -> str:
    thread = "before" if told["is_realtime"] else "among"
    return (
        f"{told['device']} [{told['host_api']}]: {told['blocks']} blocks of {told['block']} "
        f"at {told['sample_rate']} Hz, {told['xruns']} xruns; {told['blocks_per_second']:.1f} blocks a second "
        f"({told['expected_blocks_per_second']:.1f} expected), late by {told['late_p99_ms']:.2f} ms at most in 99 %; "
        f"output latency {told['output_latency_seconds'] * 1000:.1f} ms; its thread runs {thread} ordinary ones"
    )

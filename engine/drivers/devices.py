"""The sound devices of this machine: which there are, finding one by part of its name, and what each can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .interface import DeviceError
from .library import close_stream, open_stream, portaudio

RATES = (44_100, 48_000, 88_200, 96_000)
BLOCKS = (64, 128, 256, 512, 1024)
Direction = Literal["output", "input"]
NO_DEVICES = "no audio device found; start the audio system (ALSA, PipeWire, JACK) or connect a device"


@dataclass(frozen=True)
class Device:
    """A sound device as one host API shows it. inputs, outputs: channels at most; sample_rate: its own, in Hz."""

    index: int
    name: str
    host_api: str
    inputs: int
    outputs: int
    sample_rate: float
    is_default_output: bool = False
    is_default_input: bool = False

    @property
    def label(self) -> str:
        """The name no other device has."""
        return f"{self.name} [{self.host_api}]"

    @property
    def is_jack(self) -> bool:
        """Whether it belongs to a JACK server."""
        return "JACK" in self.host_api

    def channels(self, direction: Direction) -> int:
        """How many channels it plays or hears at most."""
        return self.outputs if direction == "output" else self.inputs


@dataclass(frozen=True)
class Offers:
    """What a device really opens with: sample rates in Hz and blocks in samples."""

    rates: tuple[int, ...]
    blocks: tuple[int, ...]


def list_devices() -> tuple[Device, ...]:
    """All devices, as PortAudio found them when it began; see ``rescan``. Raises DeviceError without PortAudio."""
    sounddevice = portaudio()
    try:
        apis = sounddevice.query_hostapis()
        heard, played = sounddevice.default.device
        found = list(sounddevice.query_devices())
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"the audio system does not answer ({error}); check that it runs") from error
    return tuple(
        Device(
            index,
            str(one["name"]),
            str(apis[one["hostapi"]]["name"]),
            int(one["max_input_channels"]),
            int(one["max_output_channels"]),
            float(one["default_samplerate"]),
            is_default_output=index == played,
            is_default_input=index == heard,
        )
        for index, one in enumerate(found)
    )


def find_device(name: str | None, direction: Direction = "output", devices: Sequence[Device] | None = None) -> Device:
    """The device meant by a name, for playing or hearing. Raises DeviceError with a sentence that says what there is.

    name: part of a name, large or small letters alike, as it is or as ``NAME [HOST API]`` or ``HOST API: NAME``; the
    whole name wins over a part. None: the system's default, else the first there is.
    """
    able = [one for one in (list_devices() if devices is None else devices) if one.channels(direction) > 0]
    if not able:
        raise DeviceError(NO_DEVICES if direction == "output" else f"no audio input: {NO_DEVICES}")
    if name is None:
        default = [one for one in able if (one.is_default_output if direction == "output" else one.is_default_input)]
        return (default or able)[0]
    matching = _matching(name, able)
    if len({one.label for one in matching}) == 1:
        return matching[0]
    if matching:
        raise DeviceError(f"{name}: several devices match: {_labels(matching)}; give more of the name")
    raise DeviceError(f"{name}: no such {direction} device; available: {_labels(able)}")


def find_input(name: str | None, output: Device, devices: Sequence[Device] | None = None) -> Device | None:
    """What to hear with while ``output`` plays: by name, else the output device itself, else the default input.

    None: nothing fits. A name that fits nothing is a DeviceError. Both must belong to one host API.
    """
    known = list_devices() if devices is None else devices
    near = [one for one in known if one.host_api == output.host_api]
    if name is not None:
        try:
            return find_device(name, "input", near)
        except DeviceError:
            return find_device(name, "input", known)
    able = [one for one in near if one.inputs > 0]
    same = [one for one in able if one.index == output.index]
    return next(iter([*same, *(one for one in able if one.is_default_input)]), None)


def offers(device: Device) -> Offers:
    """What an output device opens with; opens it for a moment, so that no other stream may need it then."""
    sounddevice = portaudio()
    channels = min(2, device.outputs)
    refused = (sounddevice.PortAudioError, ValueError)

    def opens(block: int) -> bool:
        try:
            stream = open_stream(lambda module: _silent_stream(module, device, channels, block))
        except refused:
            return False
        close_stream(stream, is_jack=device.is_jack)
        return True

    return Offers(tuple(rate for rate in RATES if takes(device, rate)), tuple(filter(opens, BLOCKS)))


def takes(device: Device, rate: int) -> bool:
    """Whether an output device opens at a rate in Hz."""
    sounddevice = portaudio()
    channels = min(2, device.outputs)
    try:
        sounddevice.check_output_settings(device=device.index, channels=channels, dtype="float32", samplerate=rate)
    except (sounddevice.PortAudioError, ValueError):
        return False
    return True


def _silent_stream(sounddevice: Any, device: Device, channels: int, block: int) -> Any:
    def silence(out: Any, frames: int, stamps: Any, status: Any) -> None:
        out.fill(0.0)

    return sounddevice.OutputStream(
        device=device.index,
        channels=channels,
        samplerate=device.sample_rate,
        blocksize=block,
        dtype="float32",
        latency="low",
        callback=silence,
    )


def _matching(name: str, devices: Sequence[Device]) -> list[Device]:
    """The devices that a name fits, by the strictest reading that any fits: whole, part, or part with a host API."""
    wanted = name.strip().casefold()
    return (
        [one for one in devices if wanted in _forms(one)]
        or [one for one in devices if any(wanted in form for form in _forms(one))]
        or [one for one in devices if _fits_in_parts(one, wanted)]
    )


def _forms(device: Device) -> tuple[str, ...]:
    name, api = device.name.casefold(), device.host_api.casefold()
    return name, f"{name} [{api}]", f"{api}: {name}"


def _fits_in_parts(device: Device, wanted: str) -> bool:
    name, api = device.name.casefold(), device.host_api.casefold()
    before, bracket, inside = wanted.rstrip("]").partition("[")
    if bracket:
        return before.strip() in name and inside.strip() in api
    left, colon, right = wanted.partition(":")
    return bool(colon) and left.strip() in api and right.strip() in name


def _labels(devices: Sequence[Device]) -> str:
    return ", ".join(one.label for one in devices)

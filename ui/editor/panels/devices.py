"""Sound devices as they are chosen from: which there are, what they can do together, and whether one is heard."""

import json
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....engine.processes.interpreter import CLI, run_python
from ..sound.interface import DeviceChoice

RATES, BLOCKS = (44_100, 48_000, 88_200, 96_000), (64, 128, 256, 512, 1024)
OWN, NONE = "System default", "none"
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class DeviceFacts:
    """rates, blocks: what it was found to take; empty where it was not asked."""

    name: str
    host_api: str = ""
    inputs: int = 0
    outputs: int = 0
    rates: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True)
class FoundDevices:
    """The devices there are. note: what to do where there are none, or what went wrong."""

    devices: tuple[DeviceFacts, ...] = ()
    note: str = ""


def read_devices(text: str) -> FoundDevices:
    """The devices that ``latent-terrain devices --json`` tells; never raises."""
    try:
        raw = json.loads(text)
        devices = tuple(_device(one) for one in raw["devices"] if isinstance(one, dict) and one.get("name"))
        return FoundDevices(devices, str(raw.get("note") or ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return FoundDevices((), "devices can't be scanned; run latent-terrain doctor to see what is missing")


def outputs(found: FoundDevices, chosen: str | None) -> list[str]:
    """Names to play on; the chosen one too when it is away now, since it may come back."""
    names = [one.name for one in found.devices if one.outputs]
    return [OWN, *dict.fromkeys([*names, *([chosen] if chosen else [])]), NONE]


def inputs(found: FoundDevices, chosen: str | None) -> list[str]:
    """Names to hear with."""
    names = [one.name for one in found.devices if one.inputs]
    return list(dict.fromkeys([NONE, OWN, *names, *([chosen] if chosen else [])]))


def rates_of(found: FoundDevices, wish: DeviceChoice) -> tuple[int, ...]:
    """The rates that output and input both take; the usual ones where nothing is known, or nothing fits both."""
    known = [set(one.rates) for one in found.devices if one.rates and one.name in (wish.device, _none_of(wish.input))]
    both = set.intersection(*known) if known else set(RATES)
    return tuple(sorted(both)) or RATES


def warning_of(found: FoundDevices, wish: DeviceChoice) -> str:
    """What may go wrong with a choice, as a sentence; nothing where all is well."""
    names = {one.name: one for one in found.devices}
    for name in (wish.device, _none_of(wish.input)):
        if name is not None and name != NONE and name not in names:
            return f"{name} is not connected; playing without audio output until it is back"
    out, into = names.get(wish.device or ""), names.get(_none_of(wish.input) or "")
    if out is not None and into is not None and out.rates and into.rates and not set(out.rates) & set(into.rates):
        return "the two devices have no sample rate in common; the input will be silent"
    for one in (out, into):
        if one is not None and one.rates and wish.sample_rate not in one.rates:
            return f"{one.name} does not support {wish.sample_rate} Hz; choose {' or '.join(map(str, one.rates))}"
    return ""


def block_words(block: int, rate: int) -> str:
    """A block as it is chosen, with how long it lasts."""
    return f"{block} samples, {1000 * block / rate:.1f} ms"


def tone_words(code: int, output: str) -> str:
    """What came of a test tone, as a sentence."""
    if code == 0:
        return "test tone played: left, right, both"
    lines = [line for line in output.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "the test tone could not be played"


class Asked:
    """A command of ours run aside, so that a device that takes its time holds nothing up; the result comes later."""

    def __init__(self, words: Sequence[str], run: Callable[..., Any] = run_python) -> None:
        self._words, self._run = (*CLI, *words), run
        self._result: tuple[int, str, str] | None = None
        self._thread = threading.Thread(target=self._do, daemon=True)
        self._thread.start()

    def result(self) -> tuple[int, str, str] | None:
        """Exit code, output and errors; None while it runs."""
        return self._result

    def wait(self) -> None:
        """Until it has ended."""
        self._thread.join()

    def _do(self) -> None:
        try:
            done = self._run(self._words, timeout=PATIENCE_SECONDS)
            self._result = (done.returncode, done.stdout, done.stderr)
        except subprocess.TimeoutExpired:
            self._result = (1, "", f"no answer within {PATIENCE_SECONDS:.0f} s")
        except OSError as error:
            self._result = (1, "", str(error))


def _device(raw: Mapping[str, Any]) -> DeviceFacts:
    offers = raw.get("offers")
    offers = offers if isinstance(offers, Mapping) else {}
    return DeviceFacts(
        str(raw["name"]),
        str(raw.get("host_api", "")),
        int(raw.get("inputs", 0)),
        int(raw.get("outputs", 0)),
        tuple(int(one) for one in offers.get("rates", ())),
        tuple(int(one) for one in offers.get("blocks", ())),
    )


def _none_of(name: str | None) -> str | None:
    return None if name == NONE else name

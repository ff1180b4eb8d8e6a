"""What MIDI messages mean: places of controllers (7 and 14 bit), notes held, programs, bend, pressure, a clock."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Event: TypeAlias = tuple[str, list[float]]
"""A controller's name, ``CHANNEL/KIND/NUMBER``, and its numbers: first its place 0 … 1."""
CLOCKS_PER_BEAT = 24
CLOCKS_HEARD = 2 * CLOCKS_PER_BEAT
# A clock has a phase when it has been heard for half a beat.
FEWEST_CLOCKS = 12
# A fine controller's number is that of the coarse one and so much.
FINE = 32


@dataclass
class Controls:
    """One device. ``take`` is given raw messages as bytes and the time in seconds."""

    _coarse: dict[tuple[int, int], int] = field(default_factory=dict)
    _fine: set[tuple[int, int]] = field(default_factory=set)
    _held: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    _ticks: int = -1
    _begin: int = 0
    _clocks: deque[float] = field(default_factory=lambda: deque(maxlen=CLOCKS_HEARD + 1))

    def take(self, message: bytes, now: float) -> Iterator[Event]:
        """What a message means; nothing for what is none, or of no use here."""
        if not message:
            return
        status, kind, channel = message[0], message[0] & 0xF0, (message[0] & 0x0F) + 1
        if status >= 0xF8:
            yield from self._clock(status, now)
        elif status == 0xF2 and _is_data(message, 3):
            self._begin = (message[1] | message[2] << 7) * CLOCKS_PER_BEAT // 4
        elif kind in (0x80, 0x90) and _is_data(message, 3):
            yield self._note(channel, message[1], message[2] / 127.0 if kind == 0x90 else 0.0)
        elif kind == 0xB0 and _is_data(message, 3):
            yield from self._control(channel, message[1], message[2])
        elif kind == 0xE0 and _is_data(message, 3):
            wheel = message[1] | message[2] << 7
            yield f"{channel}/bend/0", [0.5 * wheel / 8192 if wheel <= 8192 else 0.5 + 0.5 * (wheel - 8192) / 8191]
        elif kind == 0xC0 and _is_data(message, 2):
            yield f"{channel}/program/{message[1]}", [1.0]  # chosen, and never let go
        elif kind == 0xD0 and _is_data(message, 2):
            yield f"{channel}/pressure/0", [message[1] / 127.0]
        elif kind == 0xA0 and _is_data(message, 3):
            yield f"{channel}/touch/{message[1]}", [message[2] / 127.0]

    def _note(self, channel: int, note: int, velocity: float) -> Event:
        """Its velocity, and the note that sounds now with its velocity; -1 for none."""
        held = [one for one in self._held.get(channel, []) if one[0] != note]
        if velocity > 0:
            held.append((note, velocity))
        self._held[channel] = held[-16:]
        sounding = self._held[channel][-1] if held else (-1, 0.0)
        return f"{channel}/note/{note}", [velocity, float(sounding[0]), sounding[1]]

    def _control(self, channel: int, number: int, value: int) -> Iterator[Event]:
        """A coarse controller that has shown a fine one waits for it; others are told at once."""
        if number >= 2 * FINE:
            yield f"{channel}/cc/{number}", [value / 127.0]
        elif number >= FINE:
            coarse = self._coarse.get((channel, number - FINE))
            if coarse is None:
                yield f"{channel}/cc/{number}", [value / 127.0]
            else:
                self._fine.add((channel, number - FINE))
                yield f"{channel}/cc/{number - FINE}", [(coarse << 7 | value) / 16_383]
        else:
            self._coarse[channel, number] = value
            if (channel, number) not in self._fine:
                yield f"{channel}/cc/{number}", [value / 127.0]

    def _clock(self, status: int, now: float) -> Iterator[Event]:
        """Its tempo once a beat, and four times a beat which beat it is, at which tempo, and when."""
        if status == 0xF8:
            if self._clocks and not 0.0 < now - self._clocks[-1] < 0.5:
                self._clocks.clear()
                self._ticks = -1
            self._clocks.append(now)
            self._ticks += 1
            if len(self._clocks) > FEWEST_CLOCKS and self._ticks % (CLOCKS_PER_BEAT // 4) == 0:
                apart, when = _steady(self._clocks)
                beat = (self._begin + self._ticks) / CLOCKS_PER_BEAT
                yield "clock/beat", [beat, 60.0 / CLOCKS_PER_BEAT / apart, when]
            if self._ticks and self._ticks % CLOCKS_PER_BEAT == 0:
                count = len(self._clocks) - 1
                yield "clock/tempo", [60.0 * count / CLOCKS_PER_BEAT / (self._clocks[-1] - self._clocks[0])]
        elif status in (0xFA, 0xFB):
            self._clocks.clear()
            self._ticks = -1
            if status == 0xFA:
                self._begin = 0
            yield "clock/start", [1.0]
        elif status == 0xFC:
            yield "clock/stop", [0.0]


def _steady(times: "deque[float]") -> tuple[float, float]:
    """Seconds from clock to clock, and when the last one was due: the straight line nearest to all of them."""
    count = len(times)
    middle, mean = (count - 1) / 2, sum(times) / count
    spread = count * (count * count - 1) / 12
    apart = sum((number - middle) * (time - mean) for number, time in enumerate(times)) / spread
    return apart, mean + apart * middle


def _is_data(message: bytes, length: int) -> bool:
    return len(message) >= length and all(one < 0x80 for one in message[1:length])

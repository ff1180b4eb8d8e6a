"""MIDI in: starts the gateway and passes on what it hears."""

from ...processes.controls import ControlsIn


class MidiError(OSError):
    """MIDI can't be listened to; the text says why and what to do."""


class MidiInlet(ControlsIn):
    """MIDI devices; the backend is a module with the functions of ``rtmidi`` here.

    Sources are ``midi:DEVICE/CHANNEL/KIND/NUMBER``, and ``midi:DEVICE/clock/`` with ``tempo``, ``beat`` (which, at what
    tempo, when: seconds since 1970), ``start`` or ``stop``.
    """

    what, gateway, error = "MIDI", "latent_terrain.engine.sources.midi.gateway:serve", MidiError

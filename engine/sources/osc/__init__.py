"""OSC: any param turned from a phone, a sequencer or another program, over the network."""

from .addresses import OscError, address
from .inlet import OscInlet

__all__ = ["OscError", "OscInlet", "address"]

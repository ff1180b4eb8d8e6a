"""All commands that may come from outside, each by its address; a file per kind says what they do."""

from . import sound_commands, take_commands, train_commands
from .run_commands import DONE_BY, Doer, Reply

__all__ = ["DONE_BY", "Doer", "Reply", "sound_commands", "take_commands", "train_commands"]

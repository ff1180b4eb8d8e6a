"""What a script says as OSC and MIDI do: undo, snapshots, takes, training beside the sound."""

from typing import TYPE_CHECKING, Any

from ...graphs import PatchFileError
from ..control.dispatcher import ControlError, Dispatcher
from .handle import ScriptError

if TYPE_CHECKING:
    from typing import Self

    from ..control.training_jobs import TrainingStatus


class Commanded:
    """An instrument's commands (see ``engine/session/command_table.py``). Raises ScriptError with a sentence."""

    _dispatcher: Dispatcher

    def undo(self) -> "Self":
        """Take the last step back."""
        return self._done("/undo")

    def redo(self) -> "Self":
        """Make it again."""
        return self._done("/redo")

    def snapshot(self, slot: int | str) -> "Self":
        """Keep how everything is turned, and what was learned, in a slot of the patch."""
        return self._done("/snapshot/store", slot)

    def recall(self, slot: int | str, seconds: float = 0.0) -> "Self":
        """Be as a snapshot has it, gliding there within so many seconds."""
        return self._done("/snapshot/recall", slot, seconds)

    def record(self, target: str = "*", into: int | str | None = None) -> "Self":
        """Begin a take: in a record node, in all that lead to a terrain, or in all there are; it has to play.

        into: the take that it replaces, by name or number from 1; None: it is one more.
        """
        return self._done("/take/start", target, *(() if into is None else (into,)))

    def stop_recording(self, target: str = "*", name: str = "") -> "Self":
        """End the take, with a name."""
        return self._done("/take/stop", target, name)

    def start_training(self, node: str = "*", seconds: float | None = None, again: bool = False) -> "Self":
        """Begin to train in a process beside, and return at once: it plays on, and what was learned glides in.

        node: what to train, with what leads to it; all that has changed otherwise. seconds: the best until then is
        kept. again: anew, though nothing has changed. See ``training`` and ``wait_for_training``.
        """
        return self._done("/train", node, *(() if seconds is None else (seconds,)), *(("again",) if again else ()))

    def cancel_training(self, keep: bool = False) -> "Self":
        """End it; keep: with the best until then."""
        return self._done("/train/cancel", *(("keep",) if keep else ()))

    def wait_for_training(self, seconds: float = 600.0) -> "Self":
        """Wait until ``start_training`` has come to its end. Raises ScriptError where it failed, or takes longer."""
        if not self._dispatcher.training.wait(seconds):
            raise ScriptError(f"the training has not come to its end within {seconds:g} s")
        if failed := self.training.failed:
            raise ScriptError(failed)
        return self

    @property
    def training(self) -> "TrainingStatus":
        """How far ``start_training`` is: ``is_busy``, ``node``, ``done`` (0 … 1), ``error`` (error/variance)."""
        return self._dispatcher.training.status

    def _done(self, command: str, *arguments: Any) -> "Self":
        try:
            self._dispatcher.do(command, list(arguments))
        except (ControlError, PatchFileError) as error:
            raise ScriptError(str(error)) from None
        return self

"""What a pad's buttons do where they are allowed: record a take, train, undo, recall a snapshot."""

from typing import TYPE_CHECKING, Any

from ....engine.snapshots import slots
from ..take_commands import RECORDING

if TYPE_CHECKING:
    from ..dispatcher import Dispatcher

ALLOWED = ("/take/start", "/take/stop", "/train", "/train/cancel", "/undo", "/redo", "/snapshot/recall")
MOST_ARGUMENTS = 3


class PadCommands:
    """Does commands for those who hold a pad, of the few that it has buttons for."""

    def __init__(self, dispatcher: "Dispatcher") -> None:
        self._dispatcher = dispatcher
        self._told, self._count = "", 0

    def do(self, said: Any) -> bool:
        """Do ``[command, argument …]`` soon; gives whether that is one. What becomes of it is in ``shown``."""
        if not isinstance(said, list) or not 1 <= len(said) <= 1 + MOST_ARGUMENTS or said[0] not in ALLOWED:
            return False
        if not all(isinstance(one, str | int | float) for one in said[1:]):
            return False

        def answer(address: str, values: list[Any]) -> None:
            self._told = str(values[0]) if address == "/fail" and values else ""
            self._count += 1

        self._dispatcher.ask(said[0], said[1:], answer)
        return True

    def shown(self) -> dict[str, Any]:
        """What the buttons show: whether something can be recorded and is, training, snapshots, what failed."""
        patch, palette = self._dispatcher.session.patch, self._dispatcher.palette
        recorders = palette.names(patch, "takes")
        now = self._dispatcher.training.status
        return {
            "can_record": bool(recorders),
            "is_recording": any(bool(patch.nodes[name].values.get(RECORDING)) for name in recorders),
            "training": round(now.done, 2) if now.is_busy else None,
            "error": now.error,
            "snapshots": list(slots(patch)),
            "told": self._told or now.failed,
            "count": self._count,
        }

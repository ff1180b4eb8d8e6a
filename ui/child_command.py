"""A command of ours beside an engine, in a process of its own: kept, heard and ended as every child is."""

from collections.abc import Callable, Mapping, Sequence

from ..engine.messages import Message, Ready
from ..engine.messages.children import FROM_COMMAND, CommandSaid, RunCommand
from ..engine.processes.policy import Policy
from ..engine.processes.supervisor import SupervisedChild

PROCESS = "latent_terrain.ui.cli.as_child:serve"
# It waits for its engine before it is ready.
POLICY = Policy(start_seconds=60.0)
END_SECONDS = 5.0


class ChildCommand:
    """A command that runs from now on, until ``close``. It comes back at its address, or a sentence does.

    name: what it is called in sentences. words: the command. tell: called with what it says, its address too, on a
    thread of its own. changes: to its environment. Raises OSError.
    """

    def __init__(
        self, name: str, words: Sequence[str], tell: Callable[[str], None], changes: Mapping[str, str] | None = None
    ) -> None:
        self.name, self._words, self._tell = name, tuple(words), tell
        self._found = Ready()

        def child() -> SupervisedChild:
            return SupervisedChild(name, PROCESS, self._order, FROM_COMMAND, self._hear, tell, POLICY, changes=changes)

        self._new_child = child
        self.start()

    def start(self) -> None:
        """Have it run, also after it has ended; then at the port that it had. Raises OSError."""
        self.has_begun = False
        """Whether it has been ready since."""
        self._child = self._new_child()
        self._child.start()

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._child.pid

    @property
    def is_kept(self) -> bool:
        """Whether it runs, or is about to run again."""
        return self._child.is_kept

    @property
    def address(self) -> str:
        """Where it can be reached; "" for nowhere."""
        return self._found.address

    def close(self) -> None:
        """End it as Ctrl-C does."""
        self._child.close(END_SECONDS)

    def _order(self) -> RunCommand:
        port = ("--port", str(self._found.port)) if self._found.port else ()
        return RunCommand(words=[*self._words, *port])

    def _hear(self, message: Message) -> None:
        self.has_begun |= isinstance(message, Ready)
        match message:
            case Ready() if not self._found.port:
                self._found = message
                if message.address:
                    self._tell(message.address)
            case CommandSaid():
                self._tell(message.text)
            case _:
                pass

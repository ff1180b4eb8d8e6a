"""What can be wrong with a patch. Every message says where, what, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where (node, and port, param or setting), what, and what to do.

    details: for whoever wrote the node, where it raised something: the traceback.
    """

    node: str
    port: str
    text: str
    severity: Literal["error", "warning"] = "error"
    details: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        where = f"{self.node}.{self.port}" if self.port else self.node
        return f"{where}: {self.text}" if where else self.text


class PatchError(ValueError):
    """A patch cannot run as it is. ``problems`` holds everything found, errors first; the text is the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.severity != "error"))
        super().__init__(str(self.problems[0]) if self.problems else "the patch can't run")


class DeclarationError(TypeError):
    """A node type is declared in a way that cannot be read; the text says how to write it."""


class SettingError(ValueError):
    """Raised by a node's ``__init__`` when a setting cannot work: which one, why, and what to do."""

    def __init__(self, setting: str, text: str) -> None:
        self.setting = setting
        super().__init__(text)

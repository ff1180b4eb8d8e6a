"""Loops inside code per sample end: what goes round too often for one sample raises, which mutes its node alone.

The trial can't try every input, and a loop that never ended would end all sound. Each call of a function counts the
turns of its loops together. What counts to a number that is written out is left as it is, and as fast.
"""

import ast
from collections.abc import Mapping
from typing import Any

MOST_TURNS = 100_000
"""Of all loops of a function, in one call: well under a millisecond of plain arithmetic."""
SAYS = f"a loop in it went round more than {MOST_TURNS} times for one sample; let it end sooner"


def bound(tree: ast.FunctionDef, known: Mapping[str, Any]) -> None:
    """Have the loops of a function end, and those of functions inside it. known: the values that it uses by name."""
    names = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    names |= {part.arg for part in ast.walk(tree) if isinstance(part, ast.arg)}
    counter = "turns"
    while counter in names:
        counter += "_"
    changing = {part.arg for part in ast.walk(tree) if isinstance(part, ast.arg)}
    changing |= {part.id for part in ast.walk(tree) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    _Bounding(tree, {name: one for name, one in known.items() if name not in changing}, counter).begin()


class _Bounding(ast.NodeTransformer):
    """Of one function; those inside it have a count of their own."""

    def __init__(self, tree: ast.FunctionDef, known: Mapping[str, Any], counter: str) -> None:
        self._tree, self._known, self._counter = tree, known, counter
        self._has_loops = False

    def begin(self) -> None:
        self._tree.body = [self.visit(statement) for statement in self._tree.body]
        if self._has_loops:
            has_text = ast.get_docstring(self._tree) is not None
            self._tree.body.insert(int(has_text), ast.parse(f"{self._counter} = 0").body[0])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        _Bounding(node, self._known, self._counter).begin()
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._counted(node)

    def visit_For(self, node: ast.For) -> ast.AST:
        if self._is_short(node.iter):
            return self.generic_visit(node)
        return self._counted(node)

    def _counted(self, node: ast.While | ast.For) -> ast.AST:
        self._has_loops = True
        self.generic_visit(node)
        name = self._counter
        count = ast.parse(f"{name} += 1\nif {name} > {MOST_TURNS}:\n    raise RuntimeError({SAYS!r})")
        node.body = [*count.body, *node.body]
        return node

    def _is_short(self, counts: ast.expr) -> bool:
        """Whether it is a range between written numbers, or a tuple."""
        if isinstance(counts, ast.Tuple):
            return True
        if not isinstance(counts, ast.Call) or not isinstance(counts.func, ast.Name) or counts.func.id != "range":
            return False
        ends = [self._written(one) for one in counts.args]
        given = [one for one in ends if one is not None]
        if len(given) < len(ends) or not 1 <= len(given) <= 3 or "range" in self._known or given[2:] == [0]:
            return False
        return len(range(*given)) <= MOST_TURNS

    def _written(self, one: ast.expr) -> int | None:
        """A whole number that stands in the file; None for any other."""
        if isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub):
            found = self._written(one.operand)
            return -found if found is not None else None
        value = self._known.get(one.id) if isinstance(one, ast.Name) else getattr(one, "value", None)
        return value if type(value) is int else None

"""The text of functions, with all that they use of their module: numba does not see when another file changes."""

import ast
import builtins
import inspect
import math
import types
from collections.abc import Callable, Iterator, Mapping
from textwrap import dedent
from typing import Any

import numpy as np

from ..problems import DeclarationError
from .bounded import bound

MODULES = {math: "math", np: "numpy"}
RESERVED = {"tick", "prepare", "loop", "njit", "types", "SOUNDS", "LINES", "OUT", "KEPT"}


def function_text(where: str, functions: Mapping[str, Callable[..., Any]]) -> str:
    """A module's text that defines these functions under these names, helpers before them.

    Numbers that they use of their module are written out, ``math`` and ``numpy`` imported, other functions taken along.
    Raises DeclarationError for what can't be: classes, arrays, functions whose text can't be found.
    """
    parts: dict[str, str] = {}
    for name, function in functions.items():
        _take(where, name, function, parts)
    return "\n\n".join(parts.values())


def returned_counts(where: str, function: Callable[..., Any]) -> list[int]:
    """How many values its ``return`` statements give, where these are written out as tuples."""
    found = [part.value for part in _own(_tree(where, function)) if isinstance(part, ast.Return)]
    return [len(one.elts) for one in found if isinstance(one, ast.Tuple) and not _has_star(one)]


def _take(where: str, name: str, function: Callable[..., Any], parts: dict[str, str]) -> None:
    tree = _tree(where, function)
    known = inspect.getclosurevars(function)
    used = {**known.globals, **known.nonlocals}
    parts[name] = ""  # a function may call itself
    for other in sorted(_names(tree)):
        if other in used:
            _take_value(where, other, used[other], parts)
        elif other in known.unbound and not hasattr(builtins, other):
            raise DeclarationError(f"{where}: it uses {other}, which is not defined there; define it above")
    tree.name, tree.decorator_list, tree.returns = name, [], None
    arguments = tree.args
    tree.args = ast.arguments([], [ast.arg(one.arg) for one in _all(arguments)], None, [], [], None, [])
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:] or [ast.Pass()]
    bound(tree, used)
    text = ast.unparse(ast.fix_missing_locations(tree))
    parts.pop(name)
    parts[name] = f"@njit(error_model='numpy')\n{text}"


def _take_value(where: str, name: str, value: Any, parts: dict[str, str]) -> None:
    if name in parts:
        return
    if name in RESERVED:
        raise DeclarationError(f"{where}: call {name} something else; the loop that is made has a name like it")
    if isinstance(value, bool | int | float):
        parts[name] = f"{name} = float({str(value)!r})" if isinstance(value, float) else f"{name} = {value!r}"
    elif isinstance(value, types.ModuleType) and value in MODULES:
        parts[name] = f"import {MODULES[value]} as {name}"
    elif getattr(value, "__module__", "") == "math":
        parts[name] = f"from math import {value.__name__} as {name}"
    elif isinstance(value, types.FunctionType):
        _take(where, name, value, parts)
    elif getattr(builtins, name, None) is not value:
        raise DeclarationError(
            f"{where}: it uses {name}, which is no number, no function and neither math nor numpy; pass it as a param"
        )


def _tree(where: str, function: Callable[..., Any]) -> ast.FunctionDef:
    try:
        tree = ast.parse(dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError) as error:
        raise DeclarationError(f"{where}: its text can't be found ({error}); write it in a file, with def") from error
    first = tree.body[0]
    if not isinstance(first, ast.FunctionDef):
        raise DeclarationError(f"{where}: write it with def")
    return first


def _names(tree: ast.FunctionDef) -> set[str]:
    return {part.id for statement in tree.body for part in ast.walk(statement) if isinstance(part, ast.Name)}


def _all(arguments: ast.arguments) -> Iterator[ast.arg]:
    return iter((*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def _own(tree: ast.AST) -> Iterator[ast.AST]:
    """Its parts, without those of functions inside it."""
    for part in ast.iter_child_nodes(tree):
        if not isinstance(part, ast.FunctionDef | ast.Lambda):
            yield part
            yield from _own(part)


def _has_star(one: ast.Tuple) -> bool:
    return any(isinstance(part, ast.Starred) for part in one.elts)

"""What a message tells to type exists: commands, and options of at least one of them."""

import ast
import asyncio
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import latent_terrain.engine
import latent_terrain.nodes
import latent_terrain.ui
from latent_terrain.ui.cli import _app
from latent_terrain.ui.cli.output import Failure

ROOMS = [Path(room.__path__[0]) for room in (latent_terrain.engine, latent_terrain.nodes, latent_terrain.ui)]
ELSEWHERE = {"--user", "--reinstall", "--python", "--force-reinstall"}
"""Options of other programs that are named too."""
PROSE = {"on"}
"""Words after the program's name that are no commands."""


def texts() -> Iterator[tuple[str, str]]:
    """Where a text stands, and the text, with {} for what is filled in; docstrings are no messages."""
    for room in ROOMS:
        for path in sorted(room.rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr):
                    words = [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values]
                    yield f"{path.name}:{node.lineno}", "".join(words)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                    yield f"{path.name}:{node.lineno}", node.value


def commands() -> dict[str, Any]:
    found: Any = typer.main.get_command(_app())
    return dict(found.commands)


def test_commands_that_are_named_exist() -> None:
    known = commands()
    wrong = []
    for where, text in texts():
        for name, rest in re.findall(r"(?<![\w/'\"-])latent-terrain ([a-z]+)([ ][a-z]+)?", text):
            if name in PROSE:
                continue
            if name not in known:
                wrong.append(f"{where}: latent-terrain {name}")
            elif hasattr(known[name], "commands") and rest.strip() not in known[name].commands:
                wrong.append(f"{where}: latent-terrain {name}{rest}")
    assert not wrong


def test_options_that_are_named_exist() -> None:
    known = set(ELSEWHERE)
    waiting = list(commands().values())
    while waiting:
        command = waiting.pop()
        waiting += list(getattr(command, "commands", {}).values())
        for parameter in command.params:
            known |= {*parameter.opts, *parameter.secondary_opts}
    known |= {"--help", "--version"}
    wrong = [
        f"{where}: {option}"
        for where, text in texts()
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)
        if option not in known
    ]
    assert not wrong


def test_a_usual_port_that_is_taken_is_passed_over_and_an_asked_one_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from latent_terrain.ui.cli.pad import opened_at

    async def start(host: str, port: int) -> int:
        server = await asyncio.start_server(lambda reader, writer: None, host, port)
        found: int = server.sockets[0].getsockname()[1]
        server.close()
        return found

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        assert asyncio.run(opened_at(start, "127.0.0.1", None, port)) != port
        assert f"port {port} is in use" in capsys.readouterr().err
        with pytest.raises(Failure, match=rf"port {port} is in use at 127.0.0.1; choose another"):
            asyncio.run(opened_at(start, "127.0.0.1", port, 1))


def test_no_hint_names_a_package_that_no_index_has() -> None:
    """Nor pip without its Python: which pip that is, nobody knows."""
    wrong = [
        f"{where}: {text}" for where, text in texts() if re.search(r"latent-terrain\[|(?<!-m |uv )pip3? install ", text)
    ]
    assert not wrong

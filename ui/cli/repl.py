"""Repl: a patch that plays, at a Python prompt."""

import code
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .output import FILE, RUN, Failure, say

if TYPE_CHECKING:
    from ..script import Instrument

BANNER = """\
{name} plays. `it` is the patch; its nodes are attributes, and their params too:

  it                          what there is
  it.{node}                   a node with its params
  it.{node}.{param} = {value}
  it.add("sine", "tone", frequency=220).connect("tone.out", "out.audio")
  {commands}

Ctrl-D quits."""


def repl(
    patch: Annotated[str, typer.Argument(metavar="PATCH", help="A patch file or a starter; -: the running engine.")],
    device: Annotated[str | None, typer.Option("--device", help="Output device (part of its name), or none.")] = None,
) -> int:
    """Play a patch and change it at a Python prompt, while it plays.

    The same as in a script: from latent_terrain.ui.script import load, play, attach. With - it joins what plays now
    (run, or the editor), and leaves it playing. Exit code 1 when something failed while it played.
    """
    from ..script import ScriptError, attach, load

    try:
        it = attach() if patch == "-" else load(patch)
    except ScriptError as error:
        raise Failure(str(error), FILE) from None
    try:
        try:
            it.play(device, strict=False)
        except ScriptError as error:
            raise Failure(str(error), RUN) from None
        for problem in dict.fromkeys((*it.problems, *it.faults)):
            say(problem)
        names = {"it": it, "patch": it.patch}
        code.InteractiveConsole(names).interact(_banner(patch, it) if sys.stdin.isatty() else "", exitmsg="")
    finally:
        it.close(strict=False)
    for fault in it.faults:
        say(fault)
    return RUN if it.faults else 0


def _banner(name: str, it: "Instrument") -> str:
    from ...engine.session.command_table import COMMANDS

    found = ("NODE", "PARAM", "VALUE")
    for node, one in it.patch.nodes.items():
        spec = it.palette.get(one.type)
        numbers = [param for param in spec.params.values() if param.kind == "float"] if spec is not None else []
        if numbers:
            found = (node.replace("-", "_"), numbers[0].name, str(numbers[0].default))
            break
    commands = "; ".join(f"it.{one.script}" for one in COMMANDS.values() if one.script)
    return BANNER.format(name=name, node=found[0], param=found[1], value=found[2], commands=commands)

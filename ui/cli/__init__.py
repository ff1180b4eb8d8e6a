"""The command line: open the editor, or play, render, train and look at patches without a window.

Results go to standard output, everything said on the way to standard error. Exit codes: 0 done; 1 it can't run or
something in it failed; 2 asked the wrong way; 3 a file is missing or bad; 4 no such sound device; 5 the sound broke
(``--strict``); 130 stopped by Ctrl-C, after finishing the output. Nothing heavy is imported before a command needs it.
"""

import os
import sys

if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and sys.path[:1] in ([""], [os.getcwd()]):
    del sys.path[0]  # python -m puts the current folder first: a json.py beside a model would run
import functools
import inspect
import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from .codecs import evaluate, reconstruct, train
from .demonstration import demonstrate
from .devices import devices
from .display import has_display
from .doctor import doctor
from .document import check, diff, merge, new, show
from .engines import engines
from .export import export
from .find_sounds import find
from .gui import gui
from .library import add, list_allowed, list_models, mark, remove
from .line_audio import hear
from .lines import lines
from .listen import listen
from .models import encode, model
from .nodes import nodes
from .oscquery import oscquery
from .output import INTERRUPTED, RUN, USAGE, Failure, fail, flush, make_streams_safe, put, say
from .pad import pad
from .render import render
from .repl import repl
from .run import run
from .serve import serve
from .sounds import SeveralWords, sounds
from .status import status
from .tell import WithNegativeNumbers, tell
from .terrain import fit, info, plot
from .tone import tone

NAME = "latent-terrain"
THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
DEBUG = "LATENT_TERRAIN_DEBUG"
_COMMANDS: dict[str, Callable[..., int]] = {
    "gui": gui,
    "demo": demonstrate,
    "render": render,
    "run": run,
    "serve": serve,
    "status": status,
    "tell": tell,
    "pad": pad,
    "oscquery": oscquery,
    "listen": listen,
    "repl": repl,
    "engines": engines,
    "devices": devices,
    "tone": tone,
    "doctor": doctor,
    "check": check,
    "show": show,
    "diff": diff,
    "merge": merge,
    "new": new,
    "nodes": nodes,
    "model": model,
    "encode": encode,
    "sounds": sounds,
    "lines": lines,
    "find": find,
    "export": export,
}
# Commands that read their words in a way of their own.
_PARSED_BY = {"sounds": SeveralWords, "tell": WithNegativeNumbers}
_OF_TERRAINS: dict[str, Callable[..., int]] = {"fit": fit, "info": info, "plot": plot, "listen": hear}
_OF_MODELS: dict[str, Callable[..., int]] = {
    "list": list_models,
    "allowed": list_allowed,
    "add": add,
    "remove": remove,
    "mark": mark,
}
_OF_CODECS: dict[str, Callable[..., int]] = {"train": train, "eval": evaluate, "reconstruct": reconstruct}
Verbose = Annotated[
    int,
    typer.Option("--verbose", "-v", count=True, show_default=False, help="Log to standard error; -vv for everything."),
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; whatever goes wrong is told in a sentence, never a traceback.

    arguments: those of the command line when left out. None open the editor where there is a display. Set
    LATENT_TERRAIN_DEBUG=1 to see where an error arose.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _compute_on_one_thread()
    make_streams_safe()
    try:
        try:
            code = typer.main.get_command(_app()).main(args=given or _unasked(), prog_name=NAME, standalone_mode=False)
        except Failure as failure:
            code = fail(failure, "--json" in given)
        except Exception as error:
            code = fail(_usage(error) or _unexpected(error), "--json" in given)
        _say_damaged()
        flush()
    except Failure as failure:
        code = fail(failure, as_json=False)
    return code if isinstance(code, int) else 0


def _say_damaged() -> None:
    """Say which of the program's own files were damaged and are put aside, where any were read at all."""
    remembered = sys.modules.get("latent_terrain.graphs.remembered")
    if remembered is not None:
        say(*remembered.take_said())


def _unasked() -> list[str]:
    """What to do when nothing was asked."""
    return ["gui"] if has_display() else ["--help"]


@functools.cache
def _compute_on_one_thread() -> None:
    """Tell numpy and torch, before they load, to leave the other cores alone unless the user said otherwise.

    The matrices here are small: on a busy machine a second thread makes them up to ten times slower.
    """
    for name in THREAD_SETTINGS:
        os.environ.setdefault(name, "1")


def _app() -> typer.Typer:
    app = typer.Typer(
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_about)
    for name, command in _COMMANDS.items():
        app.command(name, cls=_PARSED_BY.get(name))(_run(command))
    groups = {
        "terrain": (_OF_TERRAINS, "Train, inspect and plot terrains."),
        "models": (_OF_MODELS, "Your models: folders to search, licences, favourites."),
        "codec": (_OF_CODECS, "Train codecs on your own sounds, evaluate them, listen to their reconstructions."),
    }
    for group, (commands, about) in groups.items():
        inner = typer.Typer(help=about)
        for name, command in commands.items():
            inner.command(name)(_run(command))
        app.add_typer(inner, name=group)
    return app


def _about(
    context: typer.Context,
    verbose: Verbose = 0,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=lambda asked: _say_version(asked), help="Show the version."),
    ] = False,
) -> None:
    """Draw sounds on a plane, let a small network learn the terrain between them, and walk it.

    Results go to standard output, all else to standard error. Exit codes: 0 done, 1 can't run or failed, 2 asked the
    wrong way, 3 missing or bad file, 4 no such sound device, 5 the sound broke (run --strict), 130 stopped by Ctrl-C
    after finishing the output.
    """
    context.obj = verbose


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        put(f"{NAME} {version(NAME)}")
        raise typer.Exit


def _run(command: Callable[..., int]) -> Callable[..., int]:
    """A command that logs as it is asked to, and ends on Ctrl-C where it has nothing to finish."""

    @functools.wraps(command)
    def run_it(context: typer.Context, *args: object, verbose: int, **options: object) -> int:
        from ...engine import logs

        logs.begin(verbose + int(context.obj or 0))
        try:
            return command(*args, **options)
        except KeyboardInterrupt:
            raise Failure("stopped", INTERRUPTED) from None

    own, kind = inspect.signature(command).parameters, inspect.Parameter
    added = [
        kind("context", kind.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *own.values(),
        kind("verbose", kind.KEYWORD_ONLY, annotation=Verbose, default=0),
    ]
    run_it.__annotations__ = {**command.__annotations__, "context": typer.Context, "verbose": Verbose}
    run_it.__signature__ = inspect.Signature(added)  # type: ignore[attr-defined]
    return run_it


def _usage(error: Exception) -> Failure | None:
    """What was asked the wrong way; None when the error is another one.

    Known by what it has, as typer brings its own parser in some versions and needs click's in others.
    """
    words, code = getattr(error, "format_message", None), getattr(error, "exit_code", None)
    if words is None or code is None:
        return None
    path = getattr(getattr(error, "ctx", None), "command_path", NAME)
    return Failure(f"{path}: {words().rstrip('.')}; {path} --help tells how", USAGE)


def _unexpected(error: Exception) -> Failure:
    logging.getLogger(__name__).error("%s", error, exc_info=error, extra={"is_told": True})
    if os.environ.get(DEBUG):
        say(*"".join(traceback.format_exception(error)).rstrip("\n").split("\n"))
    if isinstance(error, ImportError):
        from ...engine.missing_package import what_is_missing

        return Failure(what_is_missing(error), RUN)
    if isinstance(error, OSError) and (said := _of_system(error)):
        return Failure(said, RUN)
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    return Failure(f"internal error ({text}); run with {DEBUG}=1 for details", RUN)


def _of_system(error: OSError) -> str:
    """What the system refused, in words; "" where it does not say what of."""
    if error.errno is None:
        return str(error)
    return f"{os.fsdecode(error.filename)}: {error.strerror}" if isinstance(error.filename, str | bytes) else ""

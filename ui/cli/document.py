"""Patches as documents: find what is wrong, read them as text, compare two, begin a new one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .output import FILE, RUN, USAGE, Failure, finish, problem_json, say
from .patches import (
    AsJson,
    Assignments,
    OneCodec,
    OpenedPatch,
    PatchName,
    codec_rate,
    codecs_of,
    load_types,
    open_patch,
    read_patch,
    save_from,
    with_changes,
)
from .train_patch import Train, trained
from .trust import Trust, allow


def check(
    patch: PatchName,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: AsJson = False,
) -> int:
    """Find everything wrong with a patch, without playing it.

    One problem per line, as FILE: NODE.PORT: what and what to do. Exit code 1 when there are errors. Which files it
    reads, and which it writes when it plays, is told on standard error.
    """
    from ...engine import check_patch
    from ...engine.offline import offline_setup
    from ..patch_files import asked_writes, named_files, places, played_sounds

    palette, opened = load_types(), open_patch(patch)
    named = [*named_files(opened.patch, palette), *played_sounds(opened.patch, palette, opened.folder)]
    asked = [one for one, _ in asked_writes(opened.patch, palette, opened.folder)]
    for one in named:
        what = "wants to write" if one in asked else "writes" if one.writes else "reads"
        say(f"{opened.name}: {what} {one.path} ({one.whose})")
    problems = check_patch(
        opened.patch, palette, offline_setup(opened.patch, opened.folder, codec_rate(opened, palette))
    )
    bad = [problem for problem in problems if strict or problem.severity == "error"]
    lines = [f"{opened.name}: {'warning: ' if problem.severity == 'warning' else ''}{problem}" for problem in problems]
    document = {
        "file": opened.name,
        "is_good": not bad,
        "problems": [problem_json(problem) for problem in problems],
        "complaints": list(palette.complaints),
        "reads": places(one for one in named if not one.writes),
        "writes": places(one for one in named if one.writes),
        "asks_to_write": places(asked),
    }
    if as_json or lines:
        finish(document, lines, as_json)
    return RUN if bad else 0


def show(patch: PatchName, as_json: AsJson = False) -> int:
    """Print a patch as text, one thing per line: for reading, and as a textconv for git."""
    from ...graphs import as_json as patch_json
    from ...graphs import show as patch_text

    opened = open_patch(patch)
    lines = () if as_json else patch_text(opened.patch).rstrip("\n").split("\n")
    finish(patch_json(opened.patch) if as_json else {}, lines, as_json)
    return 0


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A patch file or starter.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another patch file or starter.")],
    as_json: AsJson = False,
) -> int:
    """Tell what changed from one patch to another.

    As with diff, exit code 1 means that something did, 0 that nothing did.
    """
    from ...graphs import diff_text

    text = diff_text(open_patch(before).patch, open_patch(after).patch).rstrip("\n")
    changes = text.split("\n") if text else []
    if as_json or changes:
        finish({"a": before, "b": after, "is_equal": not changes, "changes": changes}, changes, as_json)
    return RUN if changes else 0


def merge(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="The common ancestor; an empty file for none.")],
    ours: Annotated[Path, typer.Argument(metavar="OURS", help="Our version.")],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS", help="Their version.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Output file; may be OURS.")],
    as_json: AsJson = False,
) -> int:
    """Put two people's edits of one patch together, param by param.

    What both changed is named, one a line, and makes the exit code 1: OURS is in the result, and the other's node is
    kept beside it, muted, as NAME-theirs. As git's merge driver:
    git config merge.latent-terrain.driver "latent-terrain merge %O %A %B -o %A", and *.ltp merge=latent-terrain
    in .gitattributes.
    """
    from ...graphs import Patch, PatchFileError, merge_edits, save

    def read(path: Path) -> Patch:
        return Patch() if path.is_file() and not path.stat().st_size else read_patch(path)

    merged = merge_edits(read(base), read_patch(ours), read_patch(theirs))
    try:
        # Git's passing files have no ending, and want no version before beside them.
        save(merged.patch, output, keep_previous=output.suffix == ".ltp", like=ours)
    except PatchFileError as error:
        raise Failure(f"{output}: {error}", FILE) from None
    lines = [str(conflict) for conflict in merged.conflicts]
    if as_json or lines:
        document = {"file": str(output), "is_clean": not lines, "conflicts": lines}
        finish(document, lines, as_json)
    return RUN if lines else 0


def new(
    starter: Annotated[str | None, typer.Argument(metavar="[STARTER]", help="Default: an empty patch.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The patch file to create.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the starters.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    assignments: Assignments = None,
    codec: OneCodec = None,
    train: Train = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Begin a patch from a starter, or from nothing.

    With --codec it is for a sound model of yours, and with --train it learns the starter's sounds by that.
    """
    from ...engine.offline import offline_setup
    from ...graphs import Patch
    from ...graphs.starters import STARTERS

    if list_:
        lines = [f"{one.name:<14} {one.summary}" for one in STARTERS.values()]
        summaries = [{"name": one.name, "summary": one.summary} for one in STARTERS.values()]
        finish({"starters": summaries}, lines, as_json)
        return 0
    if starter is not None and starter not in STARTERS:
        raise Failure(f"{starter}: no such starter; available: {', '.join(STARTERS)}", USAGE)
    if output is None:
        raise Failure("new: give an output file, for example -o mine.ltp", USAGE)
    if output.exists() and not output.is_dir() and not force:
        raise Failure(f"{output}: the file exists; choose another name, or overwrite it with --force", FILE)
    patch = Patch()
    if starter is not None:
        one = STARTERS[starter]
        patch = read_patch(one.file) if one.file.exists() else one.build()
    palette = load_types()
    opened = with_changes(OpenedPatch(patch, starter or "new", Path.cwd()), palette, assignments, None, codec)
    if trust:
        allow(codecs_of(opened, palette), opened.folder)
    left: list[str] = []
    if train:
        opened, left = trained(opened, palette, offline_setup(opened.patch, opened.folder))
    save_from(opened, palette, output)
    document: dict[str, Any] = {"file": str(output), "starter": starter, "nodes": len(opened.patch.nodes)}
    finish({**document, "not_learned": left}, str(output), as_json)
    return RUN if left else 0

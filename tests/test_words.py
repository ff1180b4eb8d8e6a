"""The words of controls, messages, names and docstrings: those of docs/glossary.md, and none of a language of our own.

Metaphor is welcome where prose is read for pleasure (README, the welcome page, starters' sentences); see CONTRIBUTING.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_terrain.engine.labels import choice_label, label_of, title_of
from latent_terrain.engine.palette import load_palette

ROOT = Path(__file__).parent.parent
ROOMS = ("graphs", "engine", "nodes", "ui")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))

COINED = {
    "land": "terrain, or terrain image",
    "lands": "terrains",
    "living": "node instance",
    "bequest": "handover",
    "bequeath": "handover",
    "heir": "successor",
    "succession": "handover",
    "teach": "train",
    "teaches": "trains",
    "teaching": "training",
    "teacher": "trainer",
    "taught": "trained",
    "lesson": "training job",
    "lessons": "training jobs",
    "pupil": "trainer",
    "breathe": "check_stop",
    "breathes": "check_stop",
    "dice": "random generator, randomize",
    "stranger": "untrusted",
    "strangers": "untrusted",
    "ears": "analysis filterbank",
    "guest": "client, connection",
    "guests": "clients",
    "hurry": "priority",
    "downhill": "gradient",
    "slopes": "gradients, prelu weights",
    "unheard": "without audio output",
}
"""Words that were ours alone, and the field's."""

COINED_PHRASES = (
    "gives way",
    "give way",
    "nobody hears",
    "brought to life",
    "by ear",
    "hand to ear",
)

EXCEPTIONS = {
    ("engine/teach.py", "teach"): "the import path before 0.2, kept for a release",
    ("ui/script/instrument.py", "teach"): "the method's name before 0.2, kept for a release",
    ("ui/cli/train_patch.py", "teach"): "the option's name before 0.2, kept as an alias",
    ("ui/cli/terrain_map.py", "land"): "the key of the JSON answer before 0.2, kept for a release",
    ("nodes/terrain/node.py", "land"): "an other name, by which the search finds it",
    ("nodes/codec/recipe/sounds.py", "breathe"): "a sentence that is spoken to train the codec",
    ("graphs/starters/__init__.py", "land"): "sentences of the welcome page",
    ("graphs/starters/choir.py", "land"): "the sentence of the starter",
    ("graphs/starters/orbit.py", "land"): "the sentence of the starter",
    ("graphs/starters/two_players.py", "land"): "the sentence of the starter",
}
"""(file, word): why it may stay."""

REPLACED = (
    "nobody hears it",
    "plays unheard",
    "it hears silence",
    "has not learned yet",
    "nothing to learn from",
    "no coordinates to learn from",
    "empty on one side",
    "a frame came late",
    "of the time there is",
    "from hand to ear",
    "hear with",
    "shorter is nearer",
    "the system's own",
    "Look again",
    "Write what is heard",
    "turn while it plays",
    "made anew when changed",
    "at first {",
    "may stay free",
    "heard in",
    "Throw the dice",
    "by chance",
    "flow goes on",
    "Go back to the saved",
    "Pack with its files",
    "as it was opened",
    "taken back",
    "edited elsewhere",
    "opened lately",
    "files that are not there",
    "show all",
    "what shall it do",
    "Enter adds",
    "Nothing of that name",
    "what is chosen",
    "Load of each node",
    "Lock for playing",
    "locked for playing",
    "Keys play notes",
    "that come later",
    "surfaces build themselves",
    "Store how it is now",
    "seconds to glide",
    "Store again",
    "Learn a controller",
    "what is new",
    "Stop, keep the best",
    "Keep places as pads",
    "Wipe the ink",
    "Walk it",
    "from the land",
    "Give it to another sound",
    "goes to take the mean",
    "said by",
    "one latent size",
    "nobody has allowed",
    "Look at it, and allow",
    "what a sound model does",
    "Throw it away",
    "the pad plays",
    "size of everything",
    "copies kept aside",
    "All as they were",
    "plays on unheard",
    "slowly and again",
    "Give noise",
    "Give one value",
    "Give a sound back",
    "sample by sample",
    "two thirds",
    "can do no harm",
)
"""Parts of what windows, dialogs and messages said before."""

REPLACED_LABELS = ("all alike", "hear with", "inside", "length", "Listen to", "Looks", "play on", "Question", "snap")
"""Whole labels that were replaced; as parts of other texts they are ordinary words."""

LABELS = ("label", "title")
"""Arguments by which widgets get what they show."""


def strings(tree: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """(line, text, whether it is a docstring) of all strings; of f-strings, ``{`` stands for what is put in."""
    inside: set[int] = set()
    bare = {id(part.value) for part in ast.walk(tree) if isinstance(part, ast.Expr)}
    for part in ast.walk(tree):
        if isinstance(part, ast.JoinedStr):
            inside |= {id(value) for value in part.values}
            pieces = (str(one.value) if isinstance(one, ast.Constant) else "{" for one in part.values)
            yield part.lineno, "".join(pieces), False
    for part in ast.walk(tree):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in inside:
            yield part.lineno, part.value, id(part) in bare


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of all that is named."""
    for part in ast.walk(tree):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield part.lineno, name
            case ast.arg(arg=name):
                yield part.lineno, name
            case ast.alias(name=name, asname=other):
                yield part.lineno, other or name


def words_of_name(name: str) -> Iterator[str]:
    """``ImageOfLand`` and ``image_of_land`` in words."""
    return (one.lower() for one in re.findall(r"[A-Z]?[a-z]+", name))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_docstring_or_message_has_a_word_of_our_own(path: Path) -> None:
    where, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    found = {(line, word) for line, name in names(tree) for word in words_of_name(name) if word in COINED}
    for line, said, _ in strings(tree):
        found |= {(line, word) for word in re.findall(r"[a-z]+", said.lower()) if word in COINED}
        found |= {(line, phrase) for phrase in COINED_PHRASES if phrase in said.lower()}
    for number, line_ in enumerate(text.splitlines(), 1):
        comment = line_.partition("  # ")[2] or (line_.strip()[2:] if line_.strip().startswith("# ") else "")
        found |= {(number, word) for word in re.findall(r"[a-z]+", comment.lower()) if word in COINED}
    wrong = [f"line {line}: {word!r}: say {COINED.get(word, 'it by the glossary')}" for line, word in sorted(found)
             if (where, word) not in EXCEPTIONS]  # fmt: skip
    assert not wrong


def test_every_exception_is_still_needed() -> None:
    for (where, word), why in EXCEPTIONS.items():
        assert re.search(rf"\b{word}\b", (ROOT / where).read_text(encoding="utf-8").lower()), f"{where}: {why}"


def test_no_sentence_that_was_replaced_comes_back() -> None:
    told = [
        (path.relative_to(ROOT).as_posix(), line, text.lower())
        for path in FILES
        for line, text, is_docstring in strings(ast.parse(path.read_text(encoding="utf-8")))
        if not is_docstring
    ]
    wrong = [(where, line, one) for one in REPLACED for where, line, text in told if one.lower() in text]
    assert not wrong


def test_no_label_that_was_replaced_comes_back() -> None:
    wrong = []
    for path in FILES:
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(part, ast.keyword) and part.arg in LABELS and isinstance(part.value, ast.Constant):
                wrong += [(str(path), part.value.lineno)] if part.value.value in REPLACED_LABELS else []
    assert not wrong


@pytest.mark.parametrize("page", ["docs/editor.md", "docs/map.md", "docs/outside.md", "docs/models.md", "README.md"])
def test_docs_name_controls_as_they_are_called(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    gone = ("Learn a controller", "Codec of the patch", "a letter, can take", "pull the canvas", "behind a wall")
    assert not [one for one in (*gone, "File, Pack", "all alike", "nobody's leave") if one in text]


def test_labels_are_shown_and_names_are_kept() -> None:
    palette = load_palette()
    map_, terrain = palette["gui"], palette["terrain"]
    assert (map_.type, title_of(map_)) == ("gui", "Map")
    assert (title_of(palette["audio_out"]), label_of(map_.params["loop_start"])) == ("audio out", "loop start")
    assert [label_of(map_.params[one]) for one in ("hand_x", "spring", "line_step")] == [
        "touch x",
        "return time",
        "line offset",
    ]
    assert label_of(map_.inputs["outside"]) == choice_label(map_.params["mode"], "outside") == "external XY"
    assert [choice_label(terrain.settings["method"], one) for one in terrain.settings["method"].choices] == [
        "fast",
        "nn.terrain",
    ]
    assert [label_of(terrain.settings[one]) for one in ("gauss", "variant")] == ["roughness", "seed"]

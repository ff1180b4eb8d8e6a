"""What a formula may be, what it means, and what is said of everything else."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from latent_terrain.nodes.expr.code import description
from latent_terrain.nodes.expr.functions import CONSTANTS, FUNCTIONS, WITH_MEMORY
from latent_terrain.nodes.expr.grammar import LONGEST, read
from latent_terrain.nodes.expr.tree import Binary, Formula, FormulaError, FunctionCall, Name, Number, Part, Past, Unary

from .reference import RATE, SIGNS, Reference, written

SAMPLES = 24
SOUND = np.random.default_rng(1).uniform(-1, 1, SAMPLES).astype(np.float32).astype(np.float64)
INPUTS = {"in1": SOUND, "in2": SOUND[::-1]}
PARAMS = {"p1": 0.25, "p8": -3.0}

numbers = st.floats(0, 8, allow_nan=False, width=16).map(lambda value: Number(float(value)))
leaves = numbers | st.sampled_from([Name(name) for name in (*INPUTS, *PARAMS, "sr")])


def larger(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    calls = [
        st.builds(FunctionCall, st.just(name), st.lists(parts, min_size=about.least, max_size=about.least).map(tuple))
        for name, about in FUNCTIONS.items()
    ]
    limited = st.builds(
        FunctionCall, st.sampled_from(["clip", "wrap", "fold"]), st.lists(parts, min_size=3, max_size=3).map(tuple)
    )
    signs = st.sampled_from([*SIGNS, "/", "%", "and", "or"])
    steps = st.integers(1, 20).map(lambda late: Unary("-", Number(float(late))))
    return st.one_of(
        *calls,
        limited,
        st.builds(Binary, signs, parts, parts),
        st.builds(Unary, st.sampled_from(["-", "not"]), parts),
        st.builds(Past, st.sampled_from(["in1", "in2", "y"]), steps),
        st.builds(Past, st.sampled_from(["in1", "y"]), st.builds(Binary, st.just("*"), parts, parts)),
        st.builds(FunctionCall, st.just("phasor"), st.tuples(parts)),
    )


trees = st.recursive(leaves, larger, max_leaves=12)


class Floats:
    """``math`` as numba has it: what is too large is infinite, and raises nothing."""

    sin, cos, tan, tanh, sinh, cosh, exp = np.sin, np.cos, np.tan, np.tanh, np.sinh, np.cosh, np.exp
    atan, atan2 = np.arctan, np.arctan2


def played(formula: Formula, samples: int) -> list[float]:
    """A formula by the code that is made of it, run by Python as it stands."""
    kind = description(formula)
    space: dict[str, Any] = {"njit": lambda **words: lambda function: function, "float": np.float64, "math": Floats}
    exec(kind.source.replace("import math\n", ""), space)
    rings = {name: np.zeros(length) for name, length in kind.rings}
    state = {name: np.float64(start) for name, start in kind.state}
    heard: list[float] = []
    for now in range(samples):
        for name, ring in rings.items():
            if name != "y":
                ring[now % len(ring)] = INPUTS[name][now]
        numbers = {"rate": RATE, **PARAMS}  # as numba has them: what is too large is infinite
        given = {name: np.float64(one) for name, one in numbers.items()}
        given |= {"now": now, **{name: sound[now] for name, sound in INPUTS.items()}, **state}
        found = space["tick"](*[rings[name] if role == "ring" else given[name] for name, role in kind.takes])
        sound, *following = found if isinstance(found, tuple) else (found,)
        state = dict(zip(state, following, strict=True))
        heard.append(float(sound))
        if "y" in rings:
            rings["y"][now % len(rings["y"])] = sound
    return heard


@settings(max_examples=300)
@given(trees)
def test_a_formula_that_is_written_out_is_read_as_it_was(part: Part) -> None:
    assert read(written(part)) == Formula((), part)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("1 + 2 * in1", "1 + (2 * in1)"),
        ("-in1 ** 2", "-(in1 ** 2)"),
        ("2 ** 3 ** in1", "2 ** (3 ** in1)"),
        ("2 ** -in1", "2 ** (-in1)"),
        ("1 - 2 - in1", "(1 - 2) - in1"),
        ("in1 < 2 and in2 > 1 or not in3", "((in1 < 2) and (in2 > 1)) or (not in3)"),
        ("in1 < 2 && in2 > 1 || !in3", "in1 < 2 and in2 > 1 or not in3"),
        ("in1 ? 1 : in2 ? 2 : 3", "if(in1, 1, if(in2, 2, 3))"),
        ("in1 > 0 ? 1 : 2", "if(in1 > 0, 1, 2)"),
        ("x + x2 + b + d", "in1 + in2 + in2 + in4"),
        ("0.5*a + 0.5*y[-1]", "0.5*in1 + 0.5*y1[-1]"),
        ("twopi", str(math.tau)),
        ("1e3 + .5 + 2.", "1000 + 0.5 + 2"),
        ("+in1", "in1"),
        ("sin(\n in1\n)", "sin(in1)"),
    ],
)
def test_signs_bind_as_everywhere(text: str, same: str) -> None:
    assert read(text) == read(same)


def test_parts_have_names() -> None:
    formula = read("w = phasor(220)\nv = w * 2; \n w + v;\n")
    assert [name for name, _ in formula.named] == ["w", "v"]
    assert formula.sound == Binary("+", Name("w"), Name("v"))


BAD = [
    ("", "it is empty; write one, such as in1 * p1, at 1"),
    ("  \n", "it is empty"),
    ("0.5*in1 + sin(", "it ends too soon; a number, a name or '(' is missing, at 15"),
    ("0.5*in1 + sin(in1", "after 'sin(' a ')' is missing, at 18"),
    ("(in1 + 1", "after '(' a ')' is missing, at 9"),
    ("(in1]", "after '(' a ')' is missing, at 5"),
    ("in1[-1", "after 'in1[' a ']' is missing, at 7"),
    ("in1)", "an operator or the end was expected, not ')', at 4"),
    ("in1 in2", "an operator or the end was expected, not 'in2', at 5"),
    ("in1 *", "it ends too soon; a number, a name or '(' is missing, at 6"),
    ("* in1", "a number, a name or '(' was expected, not '*', at 1"),
    ("in1 ^ 2", "'^' means nothing here; for a power write **, at 5"),
    ("in1 × 2", "'×' means nothing here; write *, at 5"),
    ("π", "'π' means nothing here, at 1"),
    ("sine(in1)", "there is no function sine; did you mean 'sin'?, at 1"),
    ("in9", "in9 is not known"),
    ("p1[-1]", "p1 has no past; only inputs and y have one, at 3"),
    ("y", "y is the output itself; its past is y[-1], at 1"),
    ("y[0]", "the past reaches from y[-1] to y[-8192]; 0 is outside, at 3"),
    ("y[1]", "the past reaches from y[-1] to y[-8192]; 1 is outside, at 3"),
    ("in1[-8193]", "the past reaches from in1[0] to in1[-8192]; -8193 is outside, at 5"),
    ("sin()", "sin takes 1 argument, not 0, at 1"),
    ("sin(1, 2)", "sin takes 1 argument, not 2, at 1"),
    ("noise(1)", "noise takes 0 arguments, not 1, at 1"),
    ("sin", "after sin a '(' is missing, at 4"),
    ("in1 ? 1", "it ends too soon; a ':' and what is given otherwise is missing, at 8"),
    ("w = 1", "it ends too soon"),
    ("w = 1; w = 2; w", "w has a meaning already; choose another name, at 8"),
    ("sin = 1; sin", "sin has a meaning already"),
    ("in1 = 1", "in1 has a meaning already"),
    ("1 = in1", "only a name may stand before '='; to compare write ==, at 3"),
    ("w = 1 w", "was expected, not 'w'"),
    ("1e999", "1e999 is too large, at 1"),
    ("9" * 400, "is too large, at 1"),
    ("(" * 60 + "1" + ")" * 60, "nested more than 40 deep"),
    ("-" * 60 + "1", "more than 40 signs stand in a row"),
    ("2**" * 60 + "1", "nested more than 40 deep"),
    ("+".join(["1"] * 400), "more than 400 parts; use several expr nodes"),
    ("1" * 1_000_000, f"it has 1000000 characters and may have {LONGEST}, at {LONGEST + 1}"),
    ("__import__('os').system('true')", "means nothing here"),
    ("in1.real", "'.' means nothing here"),
    ("lambda: 1", "lambda is not known"),
    ("in1; in2", "an operator or the end was expected, not 'in2', at 6"),
    ("\x00", "means nothing here"),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=[text[:24] for text, _ in BAD])
def test_what_is_no_formula_is_a_sentence_that_says_where(text: str, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read(text)
    assert words in str(caught.value)


@settings(max_examples=500)
@given(st.text(st.sampled_from("in1 p2y[-]()sin,;=+*/<?:.5e_\n"), max_size=40) | st.text(max_size=40))
def test_any_text_is_a_formula_or_a_sentence(text: str) -> None:
    try:
        formula = read(text)
    except FormulaError as error:
        place = error.place
    else:
        place = 1
        compile(description(formula).source, "formula", "exec")
    assert 1 <= place <= len(text) + 1


@settings(max_examples=300)
@given(trees)
def test_a_formula_means_what_it_says(part: Part) -> None:
    formula = Formula((("half", part),), Binary("*", Name("half"), Number(0.5)))
    expected = Reference(formula, INPUTS, PARAMS).play(SAMPLES)
    with np.errstate(all="ignore"):
        try:
            found = played(formula, SAMPLES)
        except OverflowError:  # of two numbers of the formula, which numba makes infinite and Python does not
            reject()
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_the_page_names_every_word_and_its_formulas_are_ones() -> None:
    page = (Path(__file__).parents[3] / "docs" / "formulas.md").read_text(encoding="utf-8")
    words = set(re.findall(r"`(\w+)", page))
    missing = {*FUNCTIONS, *WITH_MEMORY, *CONSTANTS, "sr"} - words
    assert not missing
    for shown in re.findall(r"```\n(.*?)```", page, re.DOTALL):
        read(shown)

"""The grammar of formulas, read into a tree: nothing of a formula is ever run as it is written.

``formula = {name "=" choice (";" | newline)} choice``; then from loose to tight ``? :``, ``or``, ``and``, comparisons,
``+ -``, ``* / %``, unary ``-`` and ``not``, ``**``, and numbers, names, ``name[offset]``, ``function(…)``, brackets.
"""

import re
from typing import NamedTuple

from ...engine.names import did_you_mean
from .functions import ALIASES, CONSTANTS, INPUTS, KEPT, MOST_HISTORY, PARAMS, arity, known_names
from .tree import Binary, Formula, FormulaError, FunctionCall, Name, Number, Part, Past, Unary

LONGEST, MOST_PARTS, DEEPEST = 2000, 400, 40
_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|&&|\|\||[-+*/%<>!?:=()\[\],;\n])",
    re.ASCII,
)
_WORDS = {"&&": "and", "||": "or", "!": "not"}
_LEVELS = (
    {"or"},
    {"and"},
    {"<", "<=", ">", ">=", "==", "!="},
    {"+", "-"},
    {"*", "/", "%"},
)
_INSTEAD = {"^": "for a power write **", "×": "write *", "÷": "write /", "−": "write -", "'": "", '"': "", "$": ""}
_CLOSED = {"(": ")", "[": "]"}


class Token(NamedTuple):
    """A piece of a formula. place: of its first character, from 1."""

    kind: str
    text: str
    place: int


def read(text: str) -> Formula:
    """A formula's tree. Raises FormulaError, which says where."""
    if not text.strip():
        raise FormulaError("it is empty; write one, such as in1 * p1", 1)
    if len(text) > LONGEST:
        raise FormulaError(f"it has {len(text)} characters and may have {LONGEST}", LONGEST + 1)
    return _FormulaReader(_tokens(text)).formula()


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place = opened = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            hint = _INSTEAD.get(text[place], "")
            raise FormulaError(f"{text[place]!r} means nothing here{f'; {hint}' if hint else ''}", place + 1)
        kind = str(match.lastgroup)
        opened += (match.group() in "([") - (match.group() in ")]")
        if kind != "space" and not (match.group() == "\n" and opened > 0):
            word = _WORDS.get(match.group(), match.group())
            is_sign = kind == "sign" or word in ("and", "or", "not")
            found.append(Token("sign" if is_sign else kind, ";" if word == "\n" else word, place + 1))
        place = match.end()
    return [*found, Token("end", "", len(text) + 1)]


class _FormulaReader:
    """Takes token by token."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at, self._count, self._depth = tokens, 0, 0, 0
        self._given: set[str] = set()

    def formula(self) -> Formula:
        named: list[tuple[str, Part]] = []
        while True:
            while self._takes(";"):
                pass
            first, second = self._now, self._tokens[min(self._at + 1, len(self._tokens) - 1)]
            if first.kind != "name" or second.text != "=":
                break
            self._at += 2
            named.append((self._new_name(first), self._choice()))
            self._given.add(first.text)
            if not self._is(";"):
                raise self._unexpected(f"after {first.text} = … a ';' and the formula that is heard")
        sound = self._choice()
        while self._takes(";"):
            pass
        if self._now.kind != "end":
            if self._now.text == "=":
                raise FormulaError("only a name may stand before '='; to compare write ==", self._now.place)
            raise self._unexpected("an operator or the end")
        return Formula(tuple(named), sound)

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _is(self, text: str) -> bool:
        return self._now.kind == "sign" and self._now.text == text

    def _takes(self, text: str) -> bool:
        if self._is(text):
            self._at += 1
            return True
        return False

    def _choice(self) -> Part:
        begin = self._now.place
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaError(f"it is nested more than {DEEPEST} deep; name parts of it: a part = …; …", begin)
        condition = self._binary(0)
        if self._takes("?"):
            one = self._choice()
            if not self._takes(":"):
                raise self._unexpected("a ':' and what is given otherwise")
            condition = self._made(FunctionCall("if", (condition, one, self._choice())), begin)
        self._depth -= 1
        return condition

    def _binary(self, level: int) -> Part:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._now.kind == "sign" and self._now.text in _LEVELS[level]:
            token = self._now
            self._at += 1
            left = self._made(Binary(token.text, left, self._binary(level + 1)), token.place)
        return left

    def _unary(self) -> Part:
        token, count = self._now, 0
        signs: list[str] = []
        while self._now.kind == "sign" and self._now.text in ("-", "+", "not"):
            count += 1
            if count > DEEPEST:
                raise FormulaError(f"more than {DEEPEST} signs stand in a row", token.place)
            if self._now.text != "+":
                signs.append(self._now.text)
            self._at += 1
        part = self._power()
        for sign in reversed(signs):
            part = self._made(Unary(sign, part), token.place)
        return part

    def _power(self) -> Part:
        base = self._atom()
        token = self._now
        if not self._takes("**"):
            return base
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaError(f"it is nested more than {DEEPEST} deep", token.place)
        found = self._made(FunctionCall("pow", (base, self._unary())), token.place)
        self._depth -= 1
        return found

    def _atom(self) -> Part:
        token = self._now
        if token.kind == "number":
            self._at += 1
            if float(token.text) == float("inf"):
                raise FormulaError(f"{token.text[:20]} is too large", token.place)
            return self._made(Number(float(token.text)), token.place)
        if token.kind == "name":
            self._at += 1
            return self._named(token)
        if self._takes("("):
            found = self._choice()
            self._close("(", "'('", token)
            return found
        raise self._unexpected("a number, a name or '('")

    def _named(self, token: Token) -> Part:
        if self._is("("):
            return self._call(token)
        name = ALIASES.get(token.text, token.text) if token.text not in self._given else token.text
        if self._is("["):
            return self._past(token, name)
        if name in CONSTANTS and name not in self._given:
            return self._made(Number(CONSTANTS[name]), token.place)
        if name == "y" and name not in self._given:
            raise FormulaError(f"{token.text} is the output itself; its past is {token.text}[-1]", token.place)
        if name in self._given or name in (*INPUTS, *PARAMS, "sr"):
            return self._made(Name(name), token.place)
        if arity(name) is not None:
            raise FormulaError(f"after {token.text} a '(' is missing", self._now.place)
        hint = did_you_mean(token.text, known_names(), "inputs are in1 to in8, params p1 to p8")
        raise FormulaError(f"{token.text[:40]} is not known; {hint}", token.place)

    def _past(self, token: Token, name: str) -> Part:
        bracket = self._now
        if name not in KEPT or name in self._given:
            raise FormulaError(f"{token.text[:40]} has no past; only inputs and y have one", bracket.place)
        self._at += 1
        offset = self._choice()
        self._close("[", f"'{token.text}['", bracket)
        known = constant(offset)
        if known is not None:
            latest = -1 if name == "y" else 0
            if not -MOST_HISTORY <= known <= latest:
                span = f"{token.text}[{latest}] to {token.text}[-{MOST_HISTORY}]"
                raise FormulaError(f"the past reaches from {span}; {known:g} is outside", bracket.place + 1)
        return self._made(Past(name, offset), token.place)

    def _call(self, token: Token) -> Part:
        counts = arity(token.text)
        if counts is None:
            hint = did_you_mean(token.text, known_names(), "see the node's help")
            raise FormulaError(f"there is no function {token.text[:40]}; {hint}", token.place)
        bracket = self._now
        self._at += 1
        parts: list[Part] = []
        if not self._is(")"):
            parts.append(self._choice())
            while self._takes(","):
                parts.append(self._choice())
        self._close("(", f"'{token.text}('", bracket)
        least, most = counts
        if not least <= len(parts) <= most:
            span = f"{least}" if least == most else f"{least} to {most}"
            noun = "argument" if most == 1 else "arguments"
            raise FormulaError(f"{token.text} takes {span} {noun}, not {len(parts)}", token.place)
        return self._made(FunctionCall(token.text, tuple(parts)), token.place)

    def _close(self, opened: str, shown: str, token: Token) -> None:
        if not self._takes(_CLOSED[opened]):
            if self._now.kind == "end" or self._now.text in (";", ")", "]"):
                raise FormulaError(f"after {shown} a '{_CLOSED[opened]}' is missing", self._now.place)
            raise self._unexpected(f"an operator or '{_CLOSED[opened]}' to close {shown} from {token.place}")

    def _new_name(self, token: Token) -> str:
        if token.text in known_names() or token.text in self._given:
            raise FormulaError(f"{token.text[:40]} has a meaning already; choose another name", token.place)
        return token.text

    def _made(self, part: Part, place: int) -> Part:
        self._count += 1
        if self._count > MOST_PARTS:
            raise FormulaError(f"it has more than {MOST_PARTS} parts; use several expr nodes", place)
        return part

    def _unexpected(self, wanted: str) -> FormulaError:
        if self._now.kind == "end":
            return FormulaError(f"it ends too soon; {wanted} is missing", self._now.place)
        shown = "a new line" if self._now.text == ";" else f"{self._now.text[:40]!r}"
        return FormulaError(f"{wanted} was expected, not {shown}", self._now.place)


def constant(part: Part) -> float | None:
    """The number that a part is, where it is one with signs; None else."""
    if isinstance(part, Number):
        return part.value
    if isinstance(part, Unary) and part.sign == "-":
        known = constant(part.part)
        return None if known is None else -known
    return None

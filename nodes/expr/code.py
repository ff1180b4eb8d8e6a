"""A formula's tree as a per-sample description: text that is made of the tree's own kinds, and of nothing else."""

from ...engine import PerSample
from ...engine.loops.description import Role
from .functions import DIVIDE, FUNCTIONS, INPUTS, MOST_HISTORY, NOISE, PARAMS, PAST
from .grammar import constant
from .tree import Binary, Formula, FunctionCall, Name, Number, Part, Past, Unary

ALWAYS = "@njit(error_model='numpy')\n"
_RELATIONS = {"<", "<=", ">", ">=", "==", "!="}
SHORT = 4
SEED = "seed"
"""The state that holds what the noise of a channel begins with."""


def description(formula: Formula) -> PerSample:
    """What one sample of a formula is made of."""
    return _Writer(formula).description()


class _Writer:
    """Writes a statement for each part: all are computed in every sample, chosen or not, so that phases go on."""

    def __init__(self, formula: Formula) -> None:
        self._formula = formula
        self._lines: list[str] = []
        self._helpers: dict[str, str] = {}
        self._states: dict[str, float] = {}
        self._used: set[str] = set()
        self._rings: dict[str, int] = {}
        self._count = 0
        self._short = _short_pasts(formula)

    def description(self) -> PerSample:
        for name, part in self._formula.named:
            self._lines.append(f"n_{name} = {self._text(part)}")
        self._lines.append(f"sound = float({self._text(self._formula.sound)})")
        for name, late in self._short.items():
            for step in range(late, 0, -1):
                now = f"s_{name}_{step - 1}" if step > 1 else "sound" if name == "y" else f"v_{name}"
                self._lines.append(f"s_{name}_{step} = {now}")
        rings = tuple(sorted(self._rings.items()))
        roles: dict[str, Role] = {name: "input" for name in INPUTS if name in self._used}
        roles |= {name: "param" for name in PARAMS if name in self._used}
        roles |= dict.fromkeys(self._states, "state")
        takes: list[tuple[str, Role]] = list(roles.items())
        if "sr" in self._used:
            takes.append(("rate", "rate"))
        if rings:
            takes.append(("now", "now"))
        for name, _ in rings:
            takes.append((name, "ring"))
        arguments = ", ".join(_argument(name, role) for name, role in takes)
        result = ", ".join(["sound", *(f"s_{name}" for name in self._states)])
        lines = [f"def tick({arguments}):", *(f"    {line}" for line in self._lines), f"    return {result}"]
        parts = ["import math", "import numpy as np", *(ALWAYS + one for one in self._helpers.values())]
        source = "\n\n".join([*parts, ALWAYS + "\n".join(lines)])
        return PerSample(source, tuple(takes), tuple(self._states.items()), rings=rings)

    def _text(self, part: Part) -> str:
        match part:
            case Number():
                return repr(part.value)
            case Name():
                return self._name(part.name)
            case Past():
                return self._past(part)
            case Unary(sign="-"):
                return self._held(f"-{self._text(part.part)}")
            case Unary():
                return self._held(f"1.0 if {self._text(part.part)} == 0.0 else 0.0")
            case Binary():
                return self._held(self._binary(part.sign, self._text(part.left), self._text(part.right)))
            case FunctionCall(function="noise"):
                return self._noise()
            case FunctionCall(function="phasor"):
                return self._phasor(self._text(part.parts[0]))
            case FunctionCall():
                return self._call(part)

    def _name(self, name: str) -> str:
        if name in INPUTS or name in PARAMS or name == "sr":
            self._used.add(name)
            return "rate" if name == "sr" else f"v_{name}"
        return f"n_{name}"

    def _binary(self, sign: str, left: str, right: str) -> str:
        if sign in _RELATIONS:
            return f"1.0 if {left} {sign} {right} else 0.0"
        if sign in ("and", "or"):
            return f"1.0 if {left} != 0.0 {sign} {right} != 0.0 else 0.0"
        if sign == "/":
            self._helpers["divide"] = DIVIDE
            return f"f_divide({left}, {right})"
        if sign == "%":
            self._helpers["mod"] = FUNCTIONS["mod"].definition
            return f"f_mod({left}, {right})"
        return f"{left} {sign} {right}"

    def _call(self, part: FunctionCall) -> str:
        about = FUNCTIONS[part.function]
        if about.definition:
            self._helpers[part.function] = about.definition
        texts = [self._text(one) for one in part.parts]
        return self._held(about.text.format(*texts, all=", ".join(texts)))

    def _past(self, part: Past) -> str:
        offset = constant(part.offset)
        if part.name != "y":
            self._used.add(part.name)
        if offset is not None and offset == int(offset):
            late = -int(offset)
            if late == 0:
                return f"v_{part.name}"
            if part.name in self._short:
                for step in range(1, self._short[part.name] + 1):
                    self._states.setdefault(f"{part.name}_{step}", 0.0)
                return f"s_{part.name}_{late}"
            self._keep(part.name, late + 1)
            # its length is asked for, as what comes later in the formula may need a longer one
            return self._held(f"r_{part.name}[(now - {late}) & (len(r_{part.name}) - 1)]")
        self._helpers["past"] = PAST
        late = MOST_HISTORY if offset is None else int(-offset) + 1
        self._keep(part.name, late + 2)
        least = "1.0" if part.name == "y" else "0.0"
        offset_text = self._text(part.offset)
        return self._held(f"f_past(r_{part.name}, now, {offset_text}, {least}, len(r_{part.name}) - 1)")

    def _keep(self, name: str, samples: int) -> None:
        length = 1 << max(samples - 1, 1).bit_length()
        self._rings[name] = max(self._rings.get(name, 0), length)

    def _noise(self) -> str:
        self._helpers["noise"] = NOISE
        self._states.setdefault(SEED, 0.0)
        # each noise of a formula counts from a place of its own
        state = self._state("count", float(self._count) * 2.0**40)
        held = self._held(f"f_noise(s_{SEED}, s_{state})")
        self._lines.append(f"s_{state} = s_{state} + 1.0")
        return held

    def _phasor(self, hertz: str) -> str:
        self._used.add("sr")
        state = self._state("phase", 0.0)
        held = self._held(f"s_{state}")
        self._lines.append(f"s_{state} = s_{state} + {hertz} / rate")
        self._lines.append(f"s_{state} = s_{state} - float(np.floor(s_{state}))")
        return held

    def _state(self, kind: str, start: float) -> str:
        self._count += 1
        name = f"{kind}_{self._count}"
        self._states[name] = start
        return name

    def _held(self, text: str) -> str:
        """A name for what this gives now."""
        self._count += 1
        self._lines.append(f"t_{self._count} = {text}")
        return f"t_{self._count}"


def _short_pasts(formula: Formula) -> dict[str, int]:
    """How far back each signal is asked for, for those of a few whole samples: these are states, which are fastest."""
    found: dict[str, int] = {}
    parts = [*(part for _, part in formula.named), formula.sound]
    while parts:
        part = parts.pop()
        match part:
            case Past():
                offset = constant(part.offset)
                late = -int(offset) if offset is not None and offset == int(offset) else MOST_HISTORY
                found[part.name] = max(found.get(part.name, 0), late)
                parts.append(part.offset)
            case Unary():
                parts.append(part.part)
            case Binary():
                parts += [part.left, part.right]
            case FunctionCall():
                parts += part.parts
            case _:
                pass
    return {name: late for name, late in found.items() if 1 <= late <= SHORT}


def _argument(name: str, role: Role) -> str:
    return {"state": f"s_{name}", "ring": f"r_{name}", "rate": name, "now": name}.get(role, f"v_{name}")

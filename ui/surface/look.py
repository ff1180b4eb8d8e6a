"""How it all looks: named colours of two themes, and about how wide letters are.

The hues of what flows are those of Okabe and Ito (2008), which people with any colour sight can tell apart.
"""

from dataclasses import dataclass

from .shapes import Colour

WIDTHS = {"title": 0.56, "text": 0.53, "small": 0.53, "mono": 0.6}
NARROW, WIDE = frozenset("iljtfr.,:;'|!()[] "), frozenset("mwMWQO@%")


@dataclass(frozen=True)
class Look:
    """A theme. All colours with their opacity."""

    name: str
    ground: Colour
    grid: Colour
    card: Colour
    title: Colour
    edge: Colour
    chosen: Colour
    text: Colour
    quiet: Colour
    well: Colour
    fill: Colour
    error: Colour
    warning: Colour
    good: Colour
    shade: Colour
    knife: Colour
    signal: Colour
    latent: Colour
    trajectories: Colour
    event: Colour

    def kind(self, kind: str) -> Colour:
        """The colour of what flows: signal, latent, trajectories or event."""
        found: Colour = getattr(self, kind)
        return found


def rgb(code: str, opacity: int = 255) -> Colour:
    """A colour from ``rrggbb``."""
    red, green, blue = bytes.fromhex(code)
    return red, green, blue, opacity


def faded(colour: Colour, share: float) -> Colour:
    """A colour with less opacity, 0 … 1 of what it had."""
    return (*colour[:3], round(colour[3] * share))


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """From one (0) to the other (1)."""
    red, green, blue, opacity = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue, opacity


DARK = Look(
    "dark",
    ground=rgb("14161b"),
    grid=rgb("1d2027"),
    card=rgb("23272f"),
    title=rgb("2c323d"),
    edge=rgb("3a414d"),
    chosen=rgb("e8c468"),
    text=rgb("e6e9ef"),
    quiet=rgb("9aa3b2"),
    well=rgb("191c22"),
    fill=rgb("3d5a80"),
    error=rgb("ff6b5e"),
    warning=rgb("f2b134"),
    good=rgb("57c785"),
    shade=rgb("000000", 90),
    knife=rgb("ff6b5e"),
    signal=rgb("56b4e9"),
    latent=rgb("e69f00"),
    trajectories=rgb("cc79a7"),
    event=rgb("f0e442"),
)
LIGHT = Look(
    "light",
    ground=rgb("f1f2f4"),
    grid=rgb("e3e5e9"),
    card=rgb("ffffff"),
    title=rgb("e8ebf0"),
    edge=rgb("c3c9d3"),
    chosen=rgb("a86f00"),
    text=rgb("1d222b"),
    quiet=rgb("59626f"),
    well=rgb("eef0f3"),
    fill=rgb("a9c6e6"),
    error=rgb("b3261e"),
    warning=rgb("8a5a00"),
    good=rgb("1f7a45"),
    shade=rgb("39404d", 50),
    knife=rgb("b3261e"),
    signal=rgb("0072b2"),
    latent=rgb("b25e00"),
    trajectories=rgb("a3477c"),
    event=rgb("6b6400"),
)
THEMES = {"dark": DARK, "light": LIGHT}


def measure(text: str, size: float, face: str = "text") -> float:
    """About how wide a text is, in the units of its size; the same on every machine, so that layouts are too."""
    unit = WIDTHS.get(face, 0.53)
    return size * sum(
        unit * (0.58 if letter in NARROW else 1.5 if letter in WIDE else 1.18 if letter.isupper() else 1.0)
        for letter in text
    )


def wrapped(text: str, size: float, room: float, face: str = "text") -> list[str]:
    """A text in lines that fit; words too long for one stay whole."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and measure(longer, size, face) > room:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def elided(text: str, size: float, room: float, face: str = "text") -> str:
    """The text, or as much of it as there is room for, with an ellipsis."""
    if measure(text, size, face) <= room:
        return text
    while text and measure(text + "…", size, face) > room:
        text = text[:-1]
    return text.rstrip() + "…"

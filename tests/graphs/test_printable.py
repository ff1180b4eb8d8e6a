"""Text from files is shown, never obeyed."""

from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.graphs.printable import printable


def test_what_steers_a_terminal_or_turns_a_line_round_is_an_escape() -> None:
    assert printable("a\x1b]0;x\x07\nb\r") == r"a\x1b]0;x\x07\nb\r"
    assert printable("\u202egnp.exe\u2066\u200f") == r"\u202egnp.exe\u2066\u200f"
    assert printable("\x9b31m\x85\u2028\ud800") == r"\x9b31m\x85\u2028\ud800"
    assert printable("\U000e0041") == r"\U000e0041"


def test_words_of_all_languages_stay_as_they_are() -> None:
    for text in ("Gärtner", "音の地形", "צליל", "می\u200cخواهم", "👩\u200d🎤", "été\u00a0?", ""):
        assert printable(text) == text


@given(st.text())
def test_whatever_it_is_it_stays_on_its_line(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown

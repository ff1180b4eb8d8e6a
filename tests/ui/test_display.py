"""Where no window can be opened, a sentence says why and what to do."""

import pytest

from latent_terrain.ui.cli import display
from latent_terrain.ui.cli.display import has_display, window_trouble


def loads(monkeypatch: pytest.MonkeyPatch, error: ImportError | None) -> None:
    def load(name: str) -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(display, "import_module", load)


def test_only_linux_can_be_without_a_display() -> None:
    assert [has_display("linux", {}), has_display("linux", {"DISPLAY": ":0"})] == [False, True]
    assert has_display("darwin", {})
    assert has_display("win32", {})


@pytest.mark.parametrize(
    ("environment", "mend"), [({}, "ssh -X"), ({"WAYLAND_DISPLAY": "wayland-0"}, "install xwayland")]
)
def test_without_a_display_it_says_what_can_be_done_instead(environment: dict[str, str], mend: str) -> None:
    text = window_trouble("linux", environment)
    assert mend in text
    assert "latent-terrain run" in text


def test_a_display_that_is_not_there_is_asked_and_named() -> None:
    text = window_trouble("linux", {"DISPLAY": ":9876"})
    assert ":9876" in text or "libx11-6" in text
    assert "latent-terrain run" in text


@pytest.mark.parametrize(
    ("platform", "error", "mend"),
    [
        ("darwin", ModuleNotFoundError("No module named 'dearpygui'"), "-m pip install dearpygui"),
        ("linux", ImportError("libGL.so.1: cannot open shared object file"), "sudo apt-get install libgl1"),
        ("linux", ImportError("libX11.so.6: cannot open shared object file"), "sudo apt-get install libx11-6"),
        ("win32", ImportError("DLL load failed"), "--force-reinstall dearpygui"),
    ],
)
def test_a_library_that_is_missing_is_named_with_the_command_that_brings_it(
    platform: str, error: ImportError, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(monkeypatch, error)
    monkeypatch.setattr(display, "_x_trouble", lambda environment: "")
    assert mend in window_trouble(platform, {"DISPLAY": ":0"})


def test_where_all_is_there_it_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    loads(monkeypatch, None)
    assert window_trouble("darwin", {}) == ""

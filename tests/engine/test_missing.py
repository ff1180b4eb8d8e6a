"""A package that is missing is named, with a command for the Python that runs."""

import sys
from importlib import metadata
from pathlib import Path

import pytest

from latent_terrain.engine import missing_package as missing
from latent_terrain.engine.missing_package import (
    MissingError,
    extra_command,
    install_command,
    need,
    packages_of,
    what_is_missing,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_what_is_there_is_given() -> None:
    assert need("json", "a test").dumps(1) == "1"


def test_what_is_not_there_is_named_with_a_command() -> None:
    with pytest.raises(MissingError, match=r"song\.ts needs nowhere_at_all, which is not installed; run: ") as caught:
        need("nowhere_at_all", "song.ts")
    assert str(caught.value).endswith(install_command("nowhere_at_all"))
    assert sys.executable in str(caught.value)


def test_what_a_package_misses_itself_is_named(folder: Path) -> None:
    (folder / "halfway.py").write_text("import nowhere_at_all\n")
    with pytest.raises(MissingError, match=r"needs nowhere_at_all, which is not installed; run: .* nowhere_at_all$"):
        need("halfway", "song.ts")


def test_what_does_not_load_says_why(folder: Path) -> None:
    (folder / "damaged.py").write_text("raise OSError('libgone.so: no such file')\n")
    with pytest.raises(
        MissingError, match=r"damaged, which does not load \(libgone\.so: no such file\); run: .*reinstall"
    ):
        need("damaged", "song.ts")


def test_commands_are_for_any_shell_and_without_pip_for_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my env/bin/python")
    assert '"aiohttp>=3.11"' in install_command("aiohttp>=3.11")
    assert '"/my env/bin/python"' in install_command("torch")
    monkeypatch.setattr(missing, "find_spec", lambda name: None)
    assert install_command("--force-reinstall", "torch").startswith("uv pip install --python")
    assert "--reinstall torch" in install_command("--force-reinstall", "torch")


def test_the_packages_of_an_extra_are_named_one_by_one_since_no_index_has_this_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared = ["numpy>=1.26", "aiohttp>=3.11; extra == 'pad'", 'segno>=1.6 ; extra == "pad"', 'scipy; extra == "x"']
    monkeypatch.setattr(metadata, "requires", lambda name: declared)
    assert packages_of("pad", "aiohttp") == ("aiohttp>=3.11", "segno>=1.6")
    assert extra_command("pad", "aiohttp") == install_command("aiohttp>=3.11", "segno>=1.6")
    with pytest.raises(MissingError) as caught:
        need("nowhere_at_all", "the pad", "pad")
    assert str(caught.value).endswith(install_command("nowhere_at_all"))


def test_an_extra_that_is_not_declared_falls_back_on_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    assert extra_command("no such extra", "aiohttp") == install_command("aiohttp")
    monkeypatch.setattr(metadata, "requires", gone)
    assert extra_command("pad", "aiohttp") == install_command("aiohttp")


def imported(name: str) -> ImportError:
    try:
        __import__(name)
    except ImportError as error:
        return error
    raise AssertionError("it loads")


def test_an_import_that_nobody_foresaw_is_told_as_what_it_is(folder: Path) -> None:
    (folder / "broken_torch.py").write_text("raise ImportError('libcudart.so.12: cannot open')\n")
    (folder / "halfway_there.py").write_text("import nowhere_at_all\n")
    assert what_is_missing(imported("broken_torch")).startswith(
        "this needs broken_torch, which does not load (libcudart.so.12: cannot open); run: "
    )
    for name in ("halfway_there", "nowhere_at_all"):
        assert "this needs nowhere_at_all, which is not installed; run: " in what_is_missing(imported(name))

"""tell and status: commands of a shell for what plays, on a real server."""

import json
from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory

import pytest

from latent_terrain.ui.cli import main
from latent_terrain.ui.script import Instrument, load

from ..waiting import eventually

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def playing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Instrument]:
    """The only engine that there is, whatever other tests play."""
    with TemporaryDirectory(prefix="lt-") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        it = load("walk").play("none")
        yield it
        it.close(strict=False)


def test_commands_are_done_and_what_cannot_be_is_a_sentence(playing: Instrument, call: Call) -> None:
    name = "walk"
    assert call("tell", "/snapshot/store", "3", "--engine", name)[0] == 0
    eventually(lambda: "3" in playing.patch.view.get("snapshots", ()))  # type: ignore[operator]
    code, out, _ = call("tell", "/get", "/node/map/rate", "--engine", name, "--json")
    assert code == 0
    assert json.loads(out) == {"answer": "/node/map/rate", "values": [playing.map.rate]}
    code, _, err = call("tell", "/snapshot/recall", "nowhere", "--engine", name)
    assert code == 1
    assert "nowhere" in err
    assert call("tell", "/nothing", "--engine", name)[0] == 2
    assert call("tell", "/undo", "--engine", "no such engine")[0] == 1


def test_the_status_tells_whether_all_is_well(playing: Instrument, call: Call) -> None:
    code, out, _ = call("status", "walk", "--json")
    health = json.loads(out)
    assert "is_well" in health, (code, out, playing.status())
    assert code == (0 if health["is_well"] else 1)
    assert health["engine"].startswith("walk")
    assert health["versions"]["latent-terrain"]
    code, out, _ = call("status", "walk")
    assert out.splitlines()[1] in ("well", "NOT WELL")
    assert call("status", "no such engine")[0] == 2


def test_params_and_a_panic_are_told_as_by_osc_negative_numbers_too(playing: Instrument, call: Call) -> None:
    assert call("tell", "/node/map/rate", "-0.5")[0] == 0
    eventually(lambda: playing.map.rate == -0.5)  # another client hears of it a moment later
    assert call("tell", "/panic")[0] == 0
    for words, text in (
        (("/node/map/rate", "nan"), "nan"),
        (("/node/map/rate", "9e9"), "/node/map/rate: "),
        (("/node/map/rate",), "takes one value"),
        (("/node/map/nothing", "1"), "no such param"),
        (("/status",), "latent-terrain status tells it"),
    ):
        code, _, err = call("tell", *words)
        assert code == 1, words
        assert text in err
    assert call("tell", "--nonsense", "/panic")[0] == 2

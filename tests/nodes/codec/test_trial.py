"""A model is a program: what it may do here before anybody allowed it, which is nothing."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.loader import load_codec
from latent_terrain.nodes.codec.trust import UntrustedError, digest_of, distrust, is_trusted, store, trust, trusted

pytest.importorskip("torch", reason="model files need torch")

from latent_terrain.engine.processes.confinement import Limits
from latent_terrain.nodes.codec import trial
from latent_terrain.nodes.codec.trial import examine

from . import harmful, models

pytestmark = pytest.mark.slow

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process give up writing files")
SHORT = Limits(memory=1 << 30, cpu_seconds=3)


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has allowed nothing."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_a_model_that_nobody_allowed_is_not_loaded_and_the_way_is_said(fresh: Path) -> None:
    path = models.save(models.Streaming(), fresh / "new.ts", allowed=False)
    with pytest.raises(UntrustedError, match=r"latent-terrain model .*new\.ts --trust"):
        load_codec("new.ts", fresh)
    trust(digest_of(path.read_bytes()), "new.ts")
    assert load_codec("new.ts", fresh).facts.latent_dim == models.LATENT


def test_what_is_allowed_is_a_content_wherever_it_lies_and_not_a_name(fresh: Path) -> None:
    path = models.save(models.Streaming(), fresh / "one.ts")
    path.rename(fresh / "other.ts")
    assert load_codec("other.ts", fresh).facts.ratio == models.RATIO
    models.save(models.Late(32), fresh / "other.ts", allowed=False)
    with pytest.raises(UntrustedError):
        load_codec("other.ts", fresh)


def test_what_was_allowed_can_be_taken_back(fresh: Path) -> None:
    digest = digest_of(b"a model")
    trust(digest, "/somewhere/a.ts")
    assert trusted()[digest]["name"] == "a.ts"
    distrust(digest)
    assert not is_trusted(digest)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"models": 3}', '{"models": {"short": {}}}', '{"models": {"%s": 1}}'])
def test_a_damaged_list_allows_nothing(text: str, fresh: Path) -> None:
    store().parent.mkdir(parents=True)
    store().write_text(text.replace("%s", "a" * 64))
    assert trusted() == {}
    trust("b" * 64, "b.ts")
    assert list(json.loads(store().read_text())["models"]) == ["b" * 64]


def test_an_unknown_model_is_described_by_a_process_that_can_do_no_harm(fresh: Path) -> None:
    path = models.save(models.Streaming(), fresh / "new.ts", allowed=False)
    found = examine(path, "new.ts")
    assert found.description["is_codec"]
    assert found.description["sha256"] == digest_of(path.read_bytes())
    assert {"memory", "time"} <= set(found.confined)
    assert not is_trusted(found.description["sha256"])


@linux
def test_a_file_cannot_be_written_while_loading_even_if_the_scan_is_blind(fresh: Path) -> None:
    aim = fresh / "planted"
    path = models.save(harmful.Planting(str(aim)), fresh / "harm.ts", allowed=False)
    with pytest.raises(CodecError, match="runs code while it is being loaded"):
        examine(path)
    with pytest.raises(CodecError, match=f"tried to write {aim}, which no audio model needs and was blocked"):
        examine(path, scan=False)
    assert not aim.exists()


@linux
def test_a_file_cannot_be_overwritten_through_a_mapped_tensor(fresh: Path) -> None:
    precious = fresh / "precious"
    precious.write_bytes(b"x" * 64)
    path = models.save(harmful.Overwriting(str(precious)), fresh / "harm.ts", allowed=False)
    with pytest.raises(CodecError, match="from_file"):
        examine(path)
    with pytest.raises(CodecError, match=f"tried to write {precious}"):
        examine(path, scan=False)
    assert precious.read_bytes() == b"x" * 64


@linux
def test_a_file_of_the_users_cannot_be_read_and_that_it_was_tried_is_told(fresh: Path) -> None:
    precious = fresh / "precious"
    precious.write_bytes(b"x" * 64)
    path = models.save(harmful.Peeping(str(precious)), fresh / "harm.ts", allowed=False)
    with pytest.raises(CodecError, match=f"tried to read {precious}"):
        examine(path, scan=False)


def test_what_was_looked_at_is_what_is_allowed_whatever_the_file_is_by_now(fresh: Path) -> None:
    path = models.save(models.Streaming(), fresh / "m.ts", allowed=False)
    looked_at = digest_of(path.read_bytes())
    other = models.save(models.Late(32), fresh / "other.ts", allowed=False)

    def swap(method: str) -> None:
        if other.exists():
            other.replace(path)

    found = examine(path, progress=swap)
    assert found.description["sha256"] == looked_at
    assert digest_of(path.read_bytes()) != looked_at


def test_what_a_confined_process_says_is_not_believed() -> None:
    method = {"name": "decode", "latency": 0}
    whole = {"size": 1, "methods": [method], "notes": [], "is_codec": True, "is_usable": True, "no_codec": ""}
    assert trial._is_whole(whole)
    for wrong in ({"size": "1"}, {"methods": [1]}, {"methods": [{"name": 3, "latency": 0}]}, {"is_codec": 1}):
        assert not trial._is_whole({**whole, **wrong})
    assert not trial._is_whole({})


def test_the_harmful_models_would_do_harm_where_nothing_holds_them(fresh: Path) -> None:
    """The two tests above mean something only if this one shows what they prevent."""
    import torch

    precious = fresh / "precious"
    precious.write_bytes(b"x" * 64)
    module = torch.jit.script(harmful.Overwriting(str(precious)))
    module.decode(torch.zeros(1, models.LATENT, 1))
    assert precious.read_bytes()[:16] == np.full(4, 7.0, np.float32).tobytes()
    aim = fresh / "planted"
    models.save(harmful.Planting(str(aim)), fresh / "harm.ts", allowed=False)
    with pytest.raises(RuntimeError):
        torch.jit.load(str(fresh / "harm.ts")).missing()
    assert aim.exists()


def test_an_endless_loop_is_ended(fresh: Path) -> None:
    path = models.save(harmful.Endless(), fresh / "loop.ts", allowed=False)
    with pytest.raises(CodecError, match=r"loop\.ts was stopped during the test: it used"):
        examine(path, "loop.ts", SHORT)


def test_a_model_that_answers_nothing_hangs_and_is_ended_soon(fresh: Path) -> None:
    for kind in (harmful.Endless, harmful.HangingAtOnce):
        path = models.save(kind(), fresh / "loop.ts", allowed=False)
        with pytest.raises(CodecError, match=r"it hangs \(no answer for 3 s while it"):
            examine(path, "loop.ts", step_seconds=3.0)


def test_a_model_that_takes_too_long_is_ended_whatever_it_does(fresh: Path) -> None:
    path = models.save(harmful.Endless(), fresh / "loop.ts", allowed=False)
    with pytest.raises(CodecError, match="more than 4 seconds"):
        examine(path, "loop.ts", seconds=4.0)


@pytest.mark.parametrize("kind", [harmful.Huge, harmful.Greedy])
def test_memory_without_end_is_refused(kind: type, fresh: Path) -> None:
    path = models.save(kind(), fresh / "greedy.ts", allowed=False)
    try:
        notes = examine(path, "greedy.ts", SHORT).description["notes"]
    except CodecError as error:
        notes = [str(error)]
    assert any("decode fails" in note or "memory" in note for note in notes)


def test_what_is_no_number_is_told_of_no_harm(fresh: Path) -> None:
    path = models.save(harmful.Empty(), fresh / "empty.ts")
    found = examine(path).description
    assert found["is_codec"]
    assert any("decode sometimes outputs NaN" in note for note in found["notes"])
    codec = load_codec("empty.ts", fresh)
    assert np.isfinite(codec.decode(np.zeros((1, models.LATENT, 4), np.float32))).all()


def test_a_sudden_change_of_size_is_a_sentence(fresh: Path) -> None:
    path = models.save(harmful.Growing(), fresh / "growing.ts")
    assert path.exists()

    def play() -> None:
        codec = load_codec("growing.ts", fresh)
        for _ in range(8):
            codec.decode(np.zeros((1, models.LATENT, 1), np.float32))

    with pytest.raises(CodecError, match=r"declared|fails"):
        play()


def test_what_is_no_model_is_refused(fresh: Path) -> None:
    (fresh / "text.ts").write_text("hello")
    with pytest.raises(CodecError, match="not a TorchScript model"):
        examine(fresh / "text.ts")

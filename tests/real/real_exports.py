"""What RAVE's own exporter writes, played here: not part of the test set, as those programs are not ours to keep.

Run: ``.ci/real-exports``, or pytest on this file with REAL_EXPORTS=FOLDER after ``make_exports.py FOLDER``.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.codec.interface import Codec, CodecError
from latent_terrain.nodes.codec.loader import load_codec
from latent_terrain.nodes.codec.torchscript import TorchCodec
from latent_terrain.nodes.codec.trial import examine
from latent_terrain.nodes.codec.trust import digest_of, trust

FOLDER = Path(os.environ["REAL_EXPORTS"])
EXPORTS = sorted(FOLDER.glob("*.ts"))
RATIOS = {"v2_small_streaming": 512, "v2_88k_streaming": 4096}
RATES = {"v2_88k_streaming": 88_200, "v2_48k_streaming": 48_000}


def allowed(path: Path) -> Path:
    trust(digest_of(path.read_bytes()), path.name)
    return path


def opened(path: Path) -> Codec:
    return load_codec(str(allowed(path)))


def latents(codec: Codec, frames: int) -> np.ndarray:
    return np.random.default_rng(7).standard_normal((1, codec.facts.latent_dim, frames)).astype(np.float32)


CODECS = [path for path in EXPORTS if "discrete" not in path.stem]


def test_they_are_there() -> None:
    assert len(CODECS) >= 12


@pytest.mark.parametrize("path", EXPORTS, ids=lambda one: one.stem)
def test_it_is_tried_in_confinement_and_understood(path: Path) -> None:
    found = examine(path).description
    assert {"encode", "decode", "forward"} <= {one["name"] for one in found["methods"]}
    assert found["sample_rate"] == RATES.get(path.stem, 44_100)


@pytest.mark.parametrize("path", CODECS, ids=lambda one: one.stem)
def test_it_is_a_codec_and_the_split_of_its_stream_changes_nothing(path: Path) -> None:
    codec = opened(path).new_instance(seed=3)
    facts = codec.facts
    assert facts.ratio == RATIOS.get(path.stem, facts.ratio)
    assert facts.channels == (2 if "stereo" in path.stem else 1)
    given = latents(codec, 24)
    whole = codec.decode(given)
    assert whole.shape == (1, facts.channels, 24 * facts.ratio)
    assert np.isfinite(whole).all()
    assert np.abs(whole).max() > 0
    codec.reset()
    pieces = np.concatenate([codec.decode(given[..., a:b]) for a, b in ((0, 1), (1, 8), (8, 24))], 2)
    assert np.abs(pieces - whole).max() <= 1e-5 + 1e-4 * np.abs(whole).max()
    codec.reset()
    np.testing.assert_array_equal(codec.decode(given), whole)


@pytest.mark.parametrize("path", CODECS, ids=lambda one: one.stem)
def test_instances_are_independent_and_lanes_are_streams_of_their_own(path: Path) -> None:
    codec = opened(path)
    one, other = codec.new_instance(seed=1), codec.new_instance(seed=1)
    given = latents(codec, 6)
    first = one.decode(given)
    one.decode(given)
    np.testing.assert_array_equal(other.decode(given), first)
    if codec.facts.is_stochastic:
        return
    pair = codec.new_instance(2)
    both = pair.decode(np.concatenate([given * np.float32(0.5), given]))
    assert np.abs(both[1] - first[0]).max() <= 1e-4 * max(np.abs(first).max(), 1e-3)


@pytest.mark.parametrize("path", CODECS, ids=lambda one: one.stem)
def test_bad_latents_are_survived(path: Path) -> None:
    codec = opened(path).new_instance()
    bad = latents(codec, 4)
    bad[..., 1] = np.nan
    bad[..., 2] = np.inf
    assert np.isfinite(codec.decode(bad)).all()
    assert np.isfinite(codec.decode(latents(codec, 8))).all()


@pytest.mark.parametrize("path", CODECS, ids=lambda one: one.stem)
def test_it_encodes(path: Path) -> None:
    codec = opened(path).new_instance()
    facts = codec.facts
    sound = np.random.default_rng(1).standard_normal((1, facts.input_channels, 8 * facts.ratio)).astype(np.float32)
    found = codec.encode(sound * np.float32(0.1))
    assert found.shape == (1, facts.latent_dim, 8)
    assert np.isfinite(found).all()


def test_kinds_are_told_apart() -> None:
    by_name = {path.stem: path for path in EXPORTS}
    offline = opened(by_name["v2_offline"])
    assert isinstance(offline, TorchCodec)
    assert not offline.model.decode.is_streaming
    assert offline.facts.latency > 0, "it looks ahead, so it is late"
    streaming = opened(by_name["v2_streaming"])
    assert isinstance(streaming, TorchCodec)
    assert streaming.model.decode.is_streaming
    assert streaming.model.decode.width > streaming.facts.latent_dim, "the latents left out are fed with zeros"


def test_table_entries_are_refused_with_the_reason() -> None:
    (path,) = [one for one in EXPORTS if "discrete" in one.stem]
    with pytest.raises(CodecError, match="discrete latents"):
        opened(path)

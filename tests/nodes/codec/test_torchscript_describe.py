"""What a model file says of itself, and how it behaves when tried."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.nodes.codec.describe import describe
from latent_terrain.nodes.codec.interface import CodecError

pytest.importorskip("torch", reason="TorchScript models need torch")
from . import effects, models


def saved(model: Any, folder: Path) -> Path:
    return models.save(model, folder / "m.ts")


def test_f46_methods_labels_and_attributes_of_every_type_are_found(tmp_path: Path) -> None:
    about = describe(saved(effects.Effect(), tmp_path))
    (forward,) = about.methods
    assert (forward.facts.input_labels, forward.facts.output_labels) == (("in",), ("left", "right"))
    assert (forward.facts.input_channels, forward.facts.output_channels) == (1, 2)
    assert {one.name: (one.types, one.values) for one in about.attributes} == {
        "gain": (("float",), (0.5,)),
        "steps": (("int",), (3,)),
        "is_on": (("bool",), (True,)),
        "mode": (("str",), ("soft",)),
        "curve": (("tensor",), (0.0, 1.0)),
        "pair": (("float", "int"), (0.25, 7)),
    }
    assert not about.is_codec
    assert about.sample_rate is None
    assert about.rate_source == ""


def test_how_a_model_streams_is_measured_not_believed(tmp_path: Path) -> None:
    for model, is_streaming, is_stochastic in (
        (models.Codec(), True, False),
        (models.Streaming(), True, False),
        (models.Symmetric(), False, False),
        (models.Dicing(), True, True),
        (models.Counting(), False, False),
    ):
        about = describe(saved(model, tmp_path))
        decode = next(one for one in about.methods if one.facts.name == "decode")
        assert about.is_codec
        assert (about.is_streaming, decode.is_stochastic) == (is_streaming, is_stochastic)


def test_the_context_of_a_model_without_streaming_is_told(tmp_path: Path) -> None:
    about = describe(saved(models.Symmetric(), tmp_path))
    assert {one.facts.name: one.context for one in about.methods} == {"encode": (3, 3), "decode": (3, 3)}


def test_f46_the_first_exports_are_understood(tmp_path: Path) -> None:
    about = describe(saved(models.Early(), tmp_path))
    assert (about.layout, about.sample_rate, about.rate_source) == ("early", 48_000, "sampling_rate")
    assert [one.facts.name for one in about.methods] == ["decode"]


def test_f52_the_rate_is_looked_for_in_the_order_of_the_hosts(tmp_path: Path) -> None:
    about = describe(saved(models.Codec(rate=-1, other_rate=32_000), tmp_path))
    assert (about.rate_source, about.sample_rate) == ("sr", 32_000)
    about = describe(saved(models.Codec(rate=22_050, other_rate=32_000), tmp_path))
    assert (about.rate_source, about.sample_rate) == ("get_sample_rate", 22_050)


def test_the_description_is_plain_json(tmp_path: Path) -> None:
    for model in (effects.Effect(), models.Adjustable(), models.Early(), models.Lying()):
        about = describe(saved(model, tmp_path)).as_json()
        assert json.loads(json.dumps(about, allow_nan=False)) == about
        assert {"name", "methods", "attributes", "sample_rate", "is_codec", "is_streaming", "notes"} <= set(about)


def test_a_method_that_fails_is_noted_and_the_rest_described(tmp_path: Path) -> None:
    about = describe(saved(models.Lying(), tmp_path))
    assert about.methods[0].is_streaming is None
    assert any("decode fails" in note for note in about.notes)


def test_nothing_is_said_about_the_future_of_torchscript(tmp_path: Path) -> None:
    path = saved(models.Streaming(), tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        describe(path)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodecError, match="no model file"):
        describe(tmp_path / "gone.ts")

"""What every node of the palette must do, present and future, ours and other people's."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.engine import Engine, NodeSpec, Palette, Param, SettingError, Signal, node, spec_of
from latent_terrain.engine.compile.resolve import make, wrong_param, wrong_setting
from latent_terrain.engine.declare import ParamSpec
from latent_terrain.graphs import dump, load

from . import battery
from .battery import EXEMPT, Heard, palette, patch_for, play, setup_for

SPECS = list(palette().specs.values())
every_node = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.type)
every_node_that_runs = pytest.mark.parametrize(
    "spec", [spec for spec in SPECS if spec.has_process], ids=lambda spec: spec.type
)


@pytest.fixture(autouse=True)
def exempt(request: pytest.FixtureRequest) -> None:
    if "spec" in request.fixturenames:
        name = request.node.originalname.removeprefix("test_")
        key = f"{name}/{request.getfixturevalue('spec').type}"
        param = f"{key}/{request.getfixturevalue('param')}" if "param" in request.fixturenames else key
        reason = EXEMPT.get(key) or EXEMPT.get(param)
        if reason:
            pytest.skip(reason)


def test_the_whole_palette_loads() -> None:
    assert palette().complaints == ()
    assert SPECS


def test_exemptions_are_for_nodes_that_exist_and_say_why() -> None:
    for key, reason in EXEMPT.items():
        test, type_ = key.split("/")[:2]
        assert f"test_{test}" in globals()
        assert type_ in palette()
        assert len(reason.split()) > 3


@every_node
def test_lives_in_a_file_or_folder_of_its_name(spec: NodeSpec) -> None:
    assert spec.type in spec.build.__module__.split(".")


@every_node
def test_says_in_one_sentence_what_it_does(spec: NodeSpec) -> None:
    assert spec.summary.endswith("."), spec.summary
    assert spec.summary[0].isupper()
    assert len(spec.summary) <= 120


@every_node
def test_declares_itself_in_plain_data(spec: NodeSpec) -> None:
    declared = {
        "type": spec.type,
        "about": spec.about,
        "ports": [asdict(port) for port in (*spec.inputs.values(), *spec.outputs.values())],
        "params": [asdict(param) for param in spec.params.values()],
        "settings": [asdict(setting) for setting in spec.settings.values()],
    }
    assert json.loads(json.dumps(declared))["type"] == spec.type


@every_node
def test_explains_its_params_and_settings(spec: NodeSpec) -> None:
    for param in spec.params.values():
        assert param.help or param.unit or param.choices, f"{param.name} says nothing of itself"
        assert param.low < param.high or param.kind in ("bool", "choice")
        assert param.curve == "linear" or param.low > 0, f"{param.name}: a log curve needs a range above 0"
    for setting in spec.settings.values():
        assert setting.about.help or setting.about.unit or setting.choices, f"{setting.name} says nothing of itself"


@every_node
def test_defaults_are_legal(spec: NodeSpec) -> None:
    for param in spec.params.values():
        assert not wrong_param(param, param.default)
    for setting in spec.settings.values():
        assert not wrong_setting(setting, setting.default)
    _close(make(spec, {name: one.default for name, one in spec.settings.items()}, {}, setup_for(256)))


@every_node
def test_settings_at_their_ends_work_or_are_refused_in_a_sentence(spec: NodeSpec) -> None:
    for name, one in spec.settings.items():
        ends = [one.about.low, one.about.high] if not one.choices else list(one.choices)
        for value in ends:
            if value is None:
                continue
            defaults = {key: other.default for key, other in spec.settings.items()}
            defaults[name] = type(one.default)(value)
            refusal = _refusal(spec, defaults)
            assert refusal is None or (refusal.setting in spec.settings and len(str(refusal)) > 10)


@every_node
def test_saving_keeps_everything(spec: NodeSpec) -> None:
    values = {name: _other(param, param.low) for name, param in spec.params.items()}
    values |= {
        name: list(one.default) if isinstance(one.default, tuple) else one.default
        for name, one in spec.settings.items()
    }
    patch = patch_for(spec) if spec.has_process else battery.Patch(nodes={"it": battery.Node(spec.type)})
    node_ = battery.Node(spec.type, values)
    patch = battery.Patch(nodes={**patch.nodes, "it": node_}, cords=patch.cords)
    again = load(dump(patch))
    assert again == patch
    assert dict(again.nodes["it"].values) == values
    assert dump(again) == dump(patch)


@every_node_that_runs
def test_runs_with_nothing_connected(spec: NodeSpec) -> None:
    heard = play(patch_for(spec, connected=False), 1024)
    assert not heard.faults
    _assert_finite(heard)


@every_node_that_runs
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_runs_with_any_number_of_channels(spec: NodeSpec, channels: int) -> None:
    heard = play(patch_for(spec, channels=channels), 1024)
    assert not heard.faults
    _assert_finite(heard)


@every_node_that_runs
def test_repeats_to_the_last_bit(spec: NodeSpec) -> None:
    patch = patch_for(spec, channels=2)
    first, second = play(patch, 4096).arrays(), play(patch, 4096).arrays()
    for port, array in first.items():
        assert array.tobytes() == second[port].tobytes(), port


@every_node_that_runs
def test_repeats_after_a_reset(spec: NodeSpec) -> None:
    runs = battery.play_again(spec, 4096)
    if runs is None:
        pytest.skip("it has nothing to reset")
    first, second = (heard.arrays() for heard in runs)
    for port, array in first.items():
        assert array.tobytes() == second[port].tobytes(), port


@every_node_that_runs
@pytest.mark.parametrize("is_modulated", [False, True], ids=["steady", "modulated"])
def test_block_size_does_not_change_the_sound(spec: NodeSpec, is_modulated: bool) -> None:
    gliding = tuple(name for name, param in spec.params.items() if param.ramp)
    if is_modulated and not gliding:
        pytest.skip("none of its params takes a cord")
    patch = patch_for(spec, channels=2, modulated=gliding if is_modulated else ())
    samples = 5000
    expected = play(patch, samples, block=256)

    @settings(max_examples=4)
    @given(st.sampled_from((64, 1000, 2048)) | st.integers(16, 2500))
    def same(block: int) -> None:
        _assert_close(expected, play(patch, samples, block))

    same()


@pytest.mark.parametrize(
    ("spec", "setting", "value"),
    [
        (spec, name, value)
        for spec in SPECS
        if spec.has_process
        for name, one in spec.settings.items()
        for value in (one.choices or ((not one.default,) if isinstance(one.default, bool) else ()))
        if value != one.default
    ],
    ids=lambda value: value.type if isinstance(value, NodeSpec) else str(value),
)
def test_block_size_does_not_change_the_sound_of_any_choice(spec: NodeSpec, setting: str, value: Any) -> None:
    patch = patch_for(spec, {setting: value}, channels=2)
    expected = play(patch, 5000)
    _assert_finite(expected)
    for block in (64, 1000, 2048):
        _assert_close(expected, play(patch, 5000, block))


@every_node_that_runs
def test_takes_no_memory_to_speak_of_while_playing(spec: NodeSpec) -> None:
    gliding = tuple(name for name, param in spec.params.items() if param.ramp)
    for modulated in ((), gliding):
        patch = patch_for(spec, channels=2, modulated=modulated, heard=False)
        assert battery.largest_allocation(patch) < 64 * 1024


@every_node_that_runs
def test_stays_finite_with_every_param_at_its_ends(spec: NodeSpec) -> None:
    ends: list[dict[str, Any]] = [{}]
    for pick in ("low", "high"):
        ends.append({name: _other(param, getattr(param, pick)) for name, param in spec.params.items()})
        ends += [{name: _other(param, getattr(param, pick))} for name, param in spec.params.items()]
    for values in ends:
        heard = play(patch_for(spec, values, channels=2), 512)
        assert not heard.faults, values
        _assert_finite(heard)


@every_node_that_runs
def test_broken_numbers_never_reach_the_device_and_leave_no_trace(spec: NodeSpec) -> None:
    patch = patch_for(spec, channels=2, source="broken", to_device=True)
    heard = play(patch, 20_480)
    assert np.isfinite(heard.device).all()
    for port, signal in heard.signals.items():
        assert np.isfinite(signal[:, -4096:]).all(), f"{port} never recovers"
    for port, frames in heard.latents.items():
        assert all(np.isfinite(frame).all() for _, frame in frames[-4:]), f"{port} never recovers"


@every_node_that_runs
def test_is_silent_when_muted(spec: NodeSpec) -> None:
    heard = play(patch_for(spec, channels=2, muted=True, to_device=True), 1024)
    for port, array in heard.arrays().items():
        if not port.endswith(" due"):
            assert not array.any(), port


@pytest.mark.parametrize(
    ("spec", "param"),
    [(spec, param) for spec in SPECS for param in spec.params],
    ids=lambda value: value if isinstance(value, str) else value.type,
)
def test_turning_a_param_does_not_click(spec: NodeSpec, param: str) -> None:
    assert_no_click(spec, param, _turned(spec.params[param]))


@node
def battery_clicker(audio: Signal, level: battery.Annotated[float, Param(0, 1, ramp=False)] = 1.0) -> Signal:
    """Jump."""
    return audio * level


def test_the_click_test_hears_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(battery_clicker)
    wider = Palette({**battery.wider_palette().specs, spec.type: spec})
    monkeypatch.setattr(battery, "wider_palette", lambda: wider)
    with pytest.raises(AssertionError, match="clicks"):
        assert_no_click(spec, "level", 0.0)


def assert_no_click(spec: NodeSpec, name: str, value: Any) -> None:
    """Turn a param while a tone plays: no bend sharper than before, after, or a small part of the whole."""
    heard = play(
        patch_for(spec, channels=2, source="tone", to_device=True), 12_288, 64, {4096 + 37 * 64: (name, value)}
    )
    assert not heard.faults, (name, value)
    turn = 4096 + 37 * 64
    for port, signal in (heard.signals or {"device": heard.device}).items():
        bends = np.abs(np.diff(signal.astype(np.float64), 2, axis=1))
        steady = max(bends[:, turn - 4096 : turn - 2].max(), bends[:, -2048:].max())
        size = np.abs(signal[:, turn - 4096 :]).max()
        assert bends[:, turn - 2 :].max() <= 3.0 * steady + 0.15 * size + 1e-9, f"{name} clicks at {port}"


def _turned(param: ParamSpec) -> Any:
    """Another place of a param: halfway to its end, or half as far away as it is large where ranges are vast."""
    if param.kind == "bool":
        return not param.default
    if param.kind == "choice":
        return param.choices[-1] if param.default != param.choices[-1] else param.choices[0]
    default = float(param.default)
    goal = param.high if param.high != default else param.low
    reach = max(1.0, abs(default)) / 2
    middle = (default * goal) ** 0.5 if param.curve == "log" else (default + goal) / 2
    if param.curve == "linear":
        middle = default + min(max(middle - default, -reach), reach)
    return round(default) + 1 if param.kind == "int" and default < param.high else middle


def _other(param: ParamSpec, end: float) -> Any:
    if param.kind == "bool":
        return end == param.high
    if param.kind == "choice":
        return param.choices[-1 if end == param.high else 0]
    return int(end) if param.kind == "int" else float(end)


def _assert_finite(heard: Heard) -> None:
    for port, array in heard.arrays().items():
        assert np.isfinite(array).all(), port


def _assert_close(expected: Heard, heard: Heard) -> None:
    assert not heard.faults
    others = heard.arrays()
    for port, array in expected.arrays().items():
        size = max(1.0, float(np.abs(array).max(initial=0.0)))
        assert array.shape == others[port].shape, port
        np.testing.assert_allclose(others[port], array, rtol=0, atol=1e-5 * size, err_msg=port)


def _refusal(spec: NodeSpec, values: dict[str, Any]) -> SettingError | None:
    try:
        _close(make(spec, values, {}, setup_for(64)))
    except SettingError as error:
        return error
    return None


def _close(instance: Any) -> None:
    if hasattr(instance, "close"):
        instance.close()


def test_the_engine_plays_a_patch_of_the_battery() -> None:
    spec = palette()["gain"]
    engine = Engine(patch_for(spec), battery.wider_palette(), setup_for(64))
    assert engine.process().shape == (2, 64)
    engine.close()

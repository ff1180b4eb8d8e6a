"""What every node must do, ours and other people's: the tests themselves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np
import pytest

from latent_terrain.engine import NodeSpec, SettingError, spec_of
from latent_terrain.engine.compile.resolve import make, wrong_param, wrong_setting
from latent_terrain.engine.declare import ParamSpec
from latent_terrain.engine.palette import nodes_in
from latent_terrain.graphs import Node, Patch, dump, load

from .harness import TESTED, Heard, given, given_together, largest_allocation, patch_for, play, play_again, setup_for

BLOCKS = (17, 64, 1000, 4096)
"""Against 256: fewer than a frame of latents, a divisor, no divisor, and several frames."""
TOGETHER = 5
"""Copies of a node that play in one call."""


def battery(*nodes: Callable[..., Any] | str, exempt: Mapping[str, str] | None = None) -> type["Battery"]:
    """The tests of these nodes as a class for pytest to collect; its name there must begin with ``Test``.

    nodes: what ``@node`` marks, or the name of a module or package that holds nodes. exempt: ``test/type`` or
    ``test/type/param``, each with the reason why that need not pass (``turning_a_param_does_not_click/metro/tempo``).
    Raises ValueError for a module that can't be loaded, and for an exemption of what is not tested or without a reason.
    """
    found: list[NodeSpec] = []
    for one in nodes:
        if isinstance(one, str):
            specs, complaints = nodes_in(one)
            if complaints or not specs:
                raise ValueError("; ".join(complaints) or f"{one} holds no nodes; mark a function or class with @node")
            found += specs
        else:
            found.append(spec_of(one))
    for key, reason in (exempt or {}).items():
        test, type_ = key.split("/")[:2]
        if not hasattr(Battery, f"test_{test}") or type_ not in {spec.type for spec in found} or not reason:
            raise ValueError(f"exempt {key!r}: write TEST/TYPE or TEST/TYPE/PARAM of what is tested here, and a reason")
    TESTED.update({spec.type: spec for spec in found})
    return type("TestNodes", (Battery,), {"specs": tuple(found), "exempt": dict(exempt or {})})


def _of_declarations(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test of what is declared, which nodes without ``process`` must pass too."""
    test.of_declarations = True  # type: ignore[attr-defined]
    return test


class Battery:
    """The tests, each once for every node (or setting, or param) of ``specs``. Make one with ``battery``."""

    specs: ClassVar[tuple[NodeSpec, ...]] = ()
    exempt: ClassVar[Mapping[str, str]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Hand out the cases (a hook of pytest)."""
        wants = set(metafunc.fixturenames)
        every = hasattr(metafunc.function, "of_declarations")
        specs = [spec for spec in self.specs if every or spec.has_process]
        if "setting" in wants:
            cases = [(spec, *choice) for spec in specs for choice in _choices(spec)]
            metafunc.parametrize(("spec", "setting", "value"), cases, ids=_name)
        elif "param" in wants:
            metafunc.parametrize(("spec", "param"), [(spec, name) for spec in specs for name in spec.params], ids=_name)
        elif "spec" in wants:
            metafunc.parametrize("spec", specs, ids=_name)

    @pytest.fixture(autouse=True)
    def _spare_the_exempt(self, request: pytest.FixtureRequest) -> None:
        case = request.node.callspec.params
        key = f"{request.node.originalname.removeprefix('test_')}/{case['spec'].type}"
        reason = self.exempt.get(key) or self.exempt.get(f"{key}/{case.get('param')}")
        if reason:
            pytest.skip(reason)

    @_of_declarations
    def test_says_in_one_sentence_what_it_does(self, spec: NodeSpec) -> None:
        assert spec.summary.endswith("."), spec.summary
        assert spec.summary[0].isupper()
        assert len(spec.summary) <= 120

    @_of_declarations
    def test_declares_itself_in_plain_data(self, spec: NodeSpec) -> None:
        declared = {
            "type": spec.type,
            "about": spec.about,
            "ports": [asdict(port) for port in (*spec.inputs.values(), *spec.outputs.values())],
            "params": [asdict(param) for param in spec.params.values()],
            "settings": [asdict(setting) for setting in spec.settings.values()],
        }
        assert json.loads(json.dumps(declared))["type"] == spec.type

    @_of_declarations
    def test_explains_its_params_and_settings(self, spec: NodeSpec) -> None:
        for param in spec.params.values():
            assert param.help or param.unit or param.choices, f"{param.name} says nothing of itself"
            assert param.low < param.high or param.kind in ("bool", "choice")
            assert param.curve != "log" or param.low > 0, f"{param.name}: a log curve needs a range above 0"
        for setting in spec.settings.values():
            assert setting.about.help or setting.about.unit or setting.choices, f"{setting.name} says nothing of itself"

    @_of_declarations
    def test_defaults_are_legal(self, spec: NodeSpec) -> None:
        for param in spec.params.values():
            assert not wrong_param(param, param.default)
        for setting in spec.settings.values():
            assert not wrong_setting(setting, setting.default)
        _close(make(spec, {name: one.default for name, one in spec.settings.items()}, {}, setup_for(256)))

    @_of_declarations
    def test_settings_at_their_ends_work_or_are_refused_in_a_sentence(self, spec: NodeSpec) -> None:
        for name, one in spec.settings.items():
            ends = [one.about.low, one.about.high] if not one.choices else list(one.choices)
            for value in ends:
                if value is None:
                    continue
                defaults = {key: other.default for key, other in spec.settings.items()}
                defaults[name] = type(one.default)(value)
                refusal = _refusal(spec, defaults)
                assert refusal is None or (refusal.setting in spec.settings and len(str(refusal)) > 10)

    @_of_declarations
    def test_saving_keeps_everything(self, spec: NodeSpec) -> None:
        values = {name: _other(param, param.low) for name, param in spec.params.items()}
        values |= {
            name: list(one.default) if isinstance(one.default, tuple) else one.default
            for name, one in spec.settings.items()
        }
        patch = patch_for(spec) if spec.has_process else Patch(nodes={"it": Node(spec.type)})
        node_ = Node(spec.type, values)
        patch = Patch(nodes={**patch.nodes, "it": node_}, cords=patch.cords)
        again = load(dump(patch))
        assert again == patch
        assert dict(again.nodes["it"].values) == values
        assert dump(again) == dump(patch)

    def test_runs_with_nothing_connected(self, spec: NodeSpec) -> None:
        heard = play(patch_for(spec, connected=False), 1024)
        assert not heard.faults
        _assert_finite(heard)

    @pytest.mark.parametrize("channels", [1, 2, 3])
    def test_runs_with_any_number_of_channels(self, spec: NodeSpec, channels: int) -> None:
        heard = play(patch_for(spec, channels=channels), 1024)
        assert not heard.faults
        _assert_finite(heard)

    def test_repeats_to_the_last_bit(self, spec: NodeSpec) -> None:
        patch = patch_for(spec, channels=2)
        first, second = play(patch, 4096).arrays(), play(patch, 4096).arrays()
        for port, array in first.items():
            assert array.tobytes() == second[port].tobytes(), port

    def test_repeats_after_a_reset(self, spec: NodeSpec) -> None:
        runs = play_again(spec, 4096)
        if runs is None:
            pytest.skip("it has nothing to reset")
        first, second = (heard.arrays() for heard in runs)
        for port, array in first.items():
            assert array.tobytes() == second[port].tobytes(), port

    @pytest.mark.parametrize("is_modulated", [False, True], ids=["steady", "modulated"])
    def test_block_size_does_not_change_the_sound(self, spec: NodeSpec, is_modulated: bool) -> None:
        gliding = tuple(name for name, param in spec.params.items() if param.ramp)
        if is_modulated and not gliding:
            pytest.skip("none of its params takes a cord")
        patch = patch_for(spec, channels=2, modulated=gliding if is_modulated else ())
        expected = play(patch, 5000)
        for block in (1, *BLOCKS):
            _assert_close(expected, play(patch, 5000, block))

    @pytest.mark.parametrize("is_modulated", [False, True], ids=["steady", "modulated"])
    def test_many_in_one_call_play_as_each_alone(self, spec: NodeSpec, is_modulated: bool) -> None:
        if spec.together is None:
            pytest.skip("it does not play together with others")
        modulated = tuple(name for name, param in spec.params.items() if param.ramp) if is_modulated else ()
        numbers = {name: param for name, param in spec.params.items() if param.kind == "float"}
        near: list[dict[str, Any]] = [
            {name: _near(param, place) for name, param in numbers.items()} for place in range(1, TOGETHER + 1)
        ]
        for channels in (1, 2):
            for given_values in (near, [dict[str, Any]()] * TOGETHER):
                some = [
                    patch_for(spec, one, channels=channels, modulated=modulated, heard=False) for one in given_values
                ]
                for alone, together in zip(map(given, some), given_together(some), strict=True):
                    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6 * max(1.0, np.abs(alone).max()))

    def test_block_size_does_not_change_the_sound_of_any_choice(self, spec: NodeSpec, setting: str, value: Any) -> None:
        patch = patch_for(spec, {setting: value}, channels=2)
        expected = play(patch, 5000)
        _assert_finite(expected)
        for block in BLOCKS:
            _assert_close(expected, play(patch, 5000, block))

    def test_takes_no_memory_to_speak_of_while_playing(self, spec: NodeSpec) -> None:
        gliding = tuple(name for name, param in spec.params.items() if param.ramp)
        for modulated in ((), gliding):
            patch = patch_for(spec, channels=2, modulated=modulated, heard=False)
            assert largest_allocation(patch) < 64 * 1024

    def test_stays_finite_with_every_param_at_its_ends(self, spec: NodeSpec) -> None:
        ends: list[dict[str, Any]] = [{}]
        for pick in ("low", "high"):
            ends.append({name: _other(param, getattr(param, pick)) for name, param in spec.params.items()})
            ends += [{name: _other(param, getattr(param, pick))} for name, param in spec.params.items()]
        for values in ends:
            heard = play(patch_for(spec, values, channels=2), 512)
            assert not heard.faults, values
            _assert_finite(heard)

    def test_broken_numbers_never_reach_the_device_and_leave_no_trace(self, spec: NodeSpec) -> None:
        patch = patch_for(spec, channels=2, source="broken", to_device=True)
        heard = play(patch, 20_480)
        assert np.isfinite(heard.device).all()
        for port, signal in heard.signals.items():
            assert np.isfinite(signal[:, -4096:]).all(), f"{port} never recovers"
        for port, frames in heard.latents.items():
            assert all(np.isfinite(frame).all() for _, frame in frames[-4:]), f"{port} never recovers"

    def test_is_silent_when_muted(self, spec: NodeSpec) -> None:
        heard = play(patch_for(spec, channels=2, muted=True, to_device=True), 1024)
        for port, array in heard.arrays().items():
            if not port.endswith(" due"):
                assert not array.any(), port

    def test_turning_a_param_does_not_click(self, spec: NodeSpec, param: str) -> None:
        assert_no_click(spec, param, _turned(spec.params[param]))


def _choices(spec: NodeSpec) -> list[tuple[str, Any]]:
    """Every other word of a setting, or the other way of a switch."""
    return [
        (name, value)
        for name, one in spec.settings.items()
        for value in (one.choices or ((not one.default,) if isinstance(one.default, bool) else ()))
        if value != one.default
    ]


def _name(value: Any) -> str:
    return value.type if isinstance(value, NodeSpec) else str(value)


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
    if param.curve != "log":
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


def _near(param: ParamSpec, place: int) -> float:
    """A little away from the default, further with every place."""
    low, high = param.span
    default = float(param.default)
    return default + 0.02 * place * ((high if default < high else low) - default)

"""Stems: every sound by itself, as it is in the mix; their 24-bit samples add up to the mix's, whatever mixes them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node, connect, save, set_bypassed, set_muted, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.script import Instrument
from latent_terrain.ui.stems import with_stems

PALETTE = load_palette()


def drawn(nodes: dict[str, tuple], *cords: str) -> Patch:
    patch = Patch()
    for name, (type_, *values) in nodes.items():
        patch = add_node(patch, type_, name, values=values[0] if values else {})
    for cord in cords:
        patch = connect(patch, *cord.split(" > "))
    return patch


def mixed() -> Patch:
    """Noise, a tone and an echo of both, panned and levelled, one level moved by an LFO."""
    return drawn(
        {
            "tone": ("sine", {"frequency": 220.0}),
            "hiss": ("noise",),
            "lfo": ("lfo", {"rate": 3.0, "low": -30.0, "high": -6.0}),
            "pan": ("pan", {"place": 0.3}),
            "quiet": ("gain", {"level": -13.0}),
            "mix": ("mix", {"level_1": -7.3, "level_2": -12.0, "level_3": -4.0}),
            "echo": ("delay", {"time": 90.0}),
            "out": ("audio_out", {"level": -5.1}),
        },
        "tone.out > pan.audio",
        "pan.out > mix.audio_1",
        "hiss.out > quiet.audio",
        "lfo.out > mix.level_2",
        "quiet.out > mix.audio_2",
        "mix.out > echo.audio",
        "echo.out > mix.audio_3",
        "mix.out > out.audio",
    )


def render(call, patch: Patch, folder: Path, channels: int = 2, *words: object) -> tuple[np.ndarray, dict, dict]:
    """The mix and the stems as whole numbers of 24 bits, and what was told."""
    save(patch, folder / "p.ltp")
    arguments = ("render", folder / "p.ltp", "-o", folder / "mix.wav", "--seconds", 0.7, "--channels", channels)
    plain = call(*arguments, *words)
    before = (folder / "mix.wav").read_bytes()
    answer = call(*arguments, *words, "--stems", folder / "stems", "--json")
    assert plain.code == answer.code == 0
    assert (folder / "mix.wav").read_bytes() == before, "the mix is the same with stems"
    files = {one["node"]: Path(one["file"]) for one in answer.document["stems"]}
    assert {one.stem for one in (folder / "stems").iterdir()} == set(files)
    return samples(folder / "mix.wav"), {name: samples(file) for name, file in files.items()}, answer.document


def samples(file: Path) -> np.ndarray:
    return np.asarray(soundfile.read(file, dtype="int32", always_2d=True)[0].astype(np.int64) >> 8)


@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("block", [(), ("--block", 777)])
def test_stems_of_a_mix_with_an_echo_add_up_to_it_at_any_width(call, tmp_path, channels, block):
    mix, stems, _ = render(call, mixed(), tmp_path, channels, *block)
    assert set(stems) == {"tone", "hiss", "echo"}, "an echo that leads back is a sound of its own"
    assert mix.shape[1] == channels
    assert all(np.abs(one).max() > 1000 for one in stems.values())
    np.testing.assert_array_equal(sum(stems.values()), mix)


def test_a_stem_is_what_is_heard_when_all_others_are_silent(call, tmp_path):
    patch = drawn(
        {name: ("sine", {"frequency": hertz}) for name, hertz in (("a", 100.0), ("b", 1000.0))}
        | {"mix": ("mix", {"level_1": -9.0, "level_2": -15.0}), "late": ("delay", {"time": 33.0})}
        | {"out": ("audio_out",), "wide": ("spread",), "both": ("join",)},
        "a.out > mix.audio_1",
        "b.out > mix.audio_2",
        "mix.out > late.audio",
        "a.out > both.a",
        "late.out > both.b",
        "both.out > wide.audio",
        "wide.out > out.audio",
    )
    mix, stems, _ = render(call, patch, tmp_path)
    np.testing.assert_array_equal(sum(stems.values()), mix)
    (tmp_path / "solo").mkdir()
    solo, _, _ = render(call, set_muted(patch, "b", True), tmp_path / "solo")
    assert np.abs(solo - stems["a"]).max() <= 1


def test_eight_channels_each_of_another_sound(call, tmp_path):
    nodes: dict[str, tuple] = {f"s{n}": ("sine", {"frequency": 100.0 + 50 * n}) for n in range(8)}
    cords = [f"s{n}.out > {'ab'[n // 4]}.{'abcd'[n % 4]}" for n in range(8)]
    patch = drawn(
        {**nodes, "a": ("join",), "b": ("join",), "all": ("join",), "out": ("audio_out", {"level": -12.0})},
        *cords,
        "a.out > all.a",
        "b.out > all.b",
        "all.out > out.audio",
    )
    mix, stems, _ = render(call, patch, tmp_path, 8)
    np.testing.assert_array_equal(sum(stems.values()), mix)
    for n in range(8):
        assert np.flatnonzero(np.abs(stems[f"s{n}"]).max(axis=0) > 1).tolist() == [n]


def test_stems_of_sounds_that_rotate_go_to_the_outputs_that_are_listed(call, tmp_path):
    patch = drawn(
        {"a": ("sine",), "b": ("noise",), "mix": ("mix", {"level_1": -9.0}), "slow": ("lfo", {"shape": "saw"})}
        | {
            "ring": ("rotate",),
            "still": ("rotate", {"place": 0.25}),
            "out": ("audio_out", {"channels": "5-8", "level": -12.0}),
        }
        | {"c": ("sine", {"frequency": 99.0}), "more": ("audio_out", {"channels": "2, 5, 3, 4", "level": -9.0})},
        "a.out > mix.audio_1",
        "b.out > mix.audio_2",
        "mix.out > ring.audio",
        "slow.out > ring.place",
        "ring.out > out.audio",
        "c.out > still.audio",
        "still.out > more.audio",
    )
    mix, stems, _ = render(call, patch, tmp_path, 8)
    assert {name: np.flatnonzero(np.abs(one).max(axis=0) > 1).tolist() for name, one in stems.items()} == {
        "a": [4, 5, 6, 7],
        "b": [4, 5, 6, 7],
        "c": [4],
    }
    np.testing.assert_array_equal(sum(stems.values()), mix)


def test_sounds_that_meet_in_another_node_are_one_stem_and_that_is_said(call, tmp_path):
    patch = drawn(
        {"a": ("sine",), "b": ("noise",), "ring": ("multiply",), "c": ("sine", {"frequency": 50.0})}
        | {"mix": ("mix", {"level_1": -6.0, "level_2": -9.0}), "out": ("audio_out",), "two": ("audio_out",)},
        "a.out > ring.a",
        "b.out > ring.b",
        "ring.out > mix.audio_1",
        "c.out > mix.audio_2",
        "mix.out > out.audio",
        "c.out > two.audio",
    )
    patch = set_value(patch, "two", "level", -20.0)
    mix, stems, told = render(call, patch, tmp_path)
    assert set(stems) == {"ring", "c"}
    assert {one["node"]: one["together"] for one in told["stems"]} == {"ring": ["a", "b"], "c": []}
    np.testing.assert_array_equal(sum(stems.values()), mix)


def test_where_the_mix_clips_stems_add_up_to_what_it_was_before(call, tmp_path):
    patch = drawn(
        {
            "a": ("sine", {"frequency": 100.0}),
            "b": ("sine", {"frequency": 100.0}),
            "mix": ("mix",),
            "out": ("audio_out",),
        },
        "a.out > mix.audio_1",
        "b.out > mix.audio_2",
        "mix.out > out.audio",
    )
    patch = set_value(set_value(patch, "mix", "level_1", -4.0), "mix", "level_2", -4.0)
    mix, stems, _ = render(call, patch, tmp_path)
    whole = np.sum(list(stems.values()), axis=0)
    clipped = np.abs(mix) >= (1 << 23) - 1
    assert clipped.any()
    np.testing.assert_array_equal(whole[~clipped], mix[~clipped])
    assert (np.abs(whole[clipped]) >= (1 << 23) - 1).all()
    assert np.abs(whole).max() > (1 << 23)


def test_the_decoder_of_a_map_is_a_stem_with_its_seed(call, tmp_path):
    mix, stems, _ = render(call, STARTERS["walk"].build(), tmp_path, 2, "--seed", 5, "--train")
    assert len(stems) == 1
    np.testing.assert_array_equal(sum(stems.values()), mix)


def test_what_is_muted_or_bypassed_on_the_way_is_no_reason_for_a_difference(call, tmp_path):
    patch = set_bypassed(set_muted(mixed(), "tone", True), "mix", True)
    mix, stems, _ = render(call, patch, tmp_path)
    np.testing.assert_array_equal(sum(stems.values()), mix)


def test_without_a_sound_there_are_no_stems_and_a_stem_never_replaces_the_mix(call, tmp_path):
    save(add_node(Patch(), "audio_out", "out"), tmp_path / "none.ltp")
    more = ("--seconds", 0.1, "--stems", tmp_path)
    answer = call("render", tmp_path / "none.ltp", "-o", tmp_path / "a.wav", *more)
    assert (answer.code, "no stems" in answer.err) == (1, True)
    assert not (tmp_path / "a.wav").exists()
    save(mixed(), tmp_path / "p.ltp")
    answer = call("render", tmp_path / "p.ltp", "-o", tmp_path / "tone.wav", *more)
    assert (answer.code, "write the mix elsewhere" in answer.err) == (2, True)


def test_a_patch_with_stems_says_nothing_new_is_wrong_with_it() -> None:
    from latent_terrain.engine import check_patch
    from latent_terrain.engine.offline import offline_setup

    made, palette, stems = with_stems(mixed(), PALETTE)
    assert [one.name for one in stems] == ["tone", "hiss", "echo"]
    assert not check_patch(made, palette, offline_setup(made, Path()))


def test_a_script_renders_any_number_of_channels() -> None:
    it = Instrument(mixed())
    assert it.render(0.1, channels=8).shape == (8, 4800)
    np.testing.assert_array_equal(it.render(0.1, channels=8)[:2], it.render(0.1))
    it.close()


def test_where_stems_cannot_be_written_nothing_is(call, tmp_path):
    save(mixed(), tmp_path / "p.ltp")
    (tmp_path / "file").touch()
    (tmp_path / "stems" / "hiss.wav").mkdir(parents=True)
    for folder in (tmp_path / "file", tmp_path / "stems"):
        answer = call("render", tmp_path / "p.ltp", "-o", tmp_path / "a.wav", "--seconds", 0.1, "--stems", folder)
        assert answer.code == 3, answer.err
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "hiss.wav", "p.ltp", "stems"]

"""Lands come in and go out whole; what is not a land is refused, and nothing in a file is ever run."""

import io
import pickle
import struct
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.terrain import checkpoint, tensor_index
from latent_terrain.nodes.terrain.checkpoint import read, read_npz, read_pt, write_npz, write_pt
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, evaluate, shape_of

SHAPES = [{"gauss": 0.12, "width": 8, "features": 16}, {"gauss": 0, "width": 8}]


def same_bits(one, other) -> bool:
    return set(one) == set(other) and all(
        np.array_equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in one
    )


@pytest.mark.parametrize("more", SHAPES)
@pytest.mark.parametrize(("write", "suffix"), [(write_pt, ".pt"), (write_npz, ".npz")])
def test_f05_what_is_written_is_read_back_to_the_bit(land, tmp_path, more, write, suffix):
    weights = land(control_dim=3, **more)
    path = write(weights, tmp_path / "my land")
    assert path.name == f"my land{suffix}"
    assert same_bits(read(path), weights)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_f09_g07_a_written_file_has_the_references_names_shapes_types_and_strides(land, tmp_path):
    import torch

    module = torch.jit.load(str(write_pt(land(gauss=0.12), tmp_path / "land.pt")))
    entries = {name: value for pairs in (module.named_parameters(), module.named_buffers()) for name, value in pairs}
    weights = {name for name in land() if name != "m_gauss_scale"}
    dimensions = {"m_in_dim": 2, "m_out_dim": 4, "m_cmax": 128, "m_mapping_size": 256}
    assert set(entries) == weights | set(dimensions) | {"m_gauss_scale"}
    for name, number in dimensions.items():
        assert (entries[name].dtype, entries[name].shape, int(entries[name])) == (torch.int64, (), number)
        assert not entries[name].requires_grad
    assert float(entries["m_gauss_scale"]) == pytest.approx(0.12)
    assert entries["B_T"].stride() == (1, 2)
    assert entries["fc_in_gau.weight"].requires_grad


def test_f08_the_references_own_file_is_read_and_written_without_loss(reference_file, tmp_path):
    import torch

    path = reference_file("percussion-terrain-demo.pt")
    weights = read_pt(path)
    assert shape_of(weights) == TerrainShape(2, 4, 0.12, 128, 256)
    theirs = torch.jit.load(str(path)).state_dict()
    assert all(np.array_equal(theirs[name].numpy(), weights[name]) for name in weights if name in theirs)
    again = torch.jit.load(str(write_pt(weights, tmp_path / "again.pt")))
    for name, value in torch.jit.load(str(path)).named_parameters():
        other = dict(again.named_parameters())[name]
        assert (other.shape, other.dtype, other.requires_grad) == (value.shape, value.dtype, value.requires_grad)
        assert torch.equal(other, value)


def test_reading_needs_no_torch(land, tmp_path, monkeypatch):
    path = write_pt(land(**SHAPES[0]), tmp_path / "land.pt")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    assert same_bits(read_pt(path), land(**SHAPES[0]))


def packed(index: bytes, storages: dict[str, bytes] | None = None, order: bytes = b"little") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x/data.pkl", index)
        archive.writestr("x/byteorder", order)
        for name, data in (storages or {}).items():
            archive.writestr(f"x/data/{name}", data)
    return file.getvalue()


class Evil:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def test_f08_a_malicious_pickle_is_refused_and_not_run(tmp_path):
    import os

    victim = tmp_path / "victim"
    for evil in (Evil(os.system, f"touch {victim}"), Evil(eval, "1/0"), Evil(open, str(victim), "w")):
        for protocol in (0, 2, 4):
            path = tmp_path / "evil.pt"
            path.write_bytes(packed(pickle.dumps(evil, protocol)))
            with pytest.raises(TerrainError, match=r"evil\.pt.*nothing in it was run"):
                read_pt(path)
    assert not victim.exists()


TENSOR = (
    b"\x80\x02c__torch__\nM\n)\x81}(X\x03\x00\x00\x00B_Tctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage"
    b"ctorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ%b(%bt(%bt\x89Ntu%bb."
)


def tensor(offset: bytes, size: bytes, stride: bytes, after: bytes = b"") -> bytes:
    built = TENSOR % (offset, size, stride, b"")
    return built.replace(b"tub.", b"tRub.") if not after else built.replace(b"tub.", b"tR" + after + b"ub.")


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


@pytest.mark.parametrize(
    "index",
    [
        tensor(number(-1), number(4), number(1)),
        tensor(number(0), number(4), number(-1)),
        tensor(number(0), number(2**31 - 1), number(0)),
        tensor(number(0), number(5), number(1)),
        tensor(number(2), number(4), number(1)),
        tensor(number(0), number(2) + number(2), number(1)),
        tensor(number(0), number(2) + number(2) + number(1), number(1) * 3),
        tensor(number(0), number(0), number(1)),
        tensor(number(0), number(4), number(1), b"}X\x04\x00\x00\x00sizeK\x09sb"),
    ],
)
def test_a_tensor_that_reaches_outside_its_storage_is_refused(tmp_path, index):
    path = tmp_path / "reach.pt"
    path.write_bytes(packed(index, {"0": bytes(16)}))
    with pytest.raises(TerrainError, match="damaged"):
        read_pt(path)


def test_a_well_formed_tensor_is_described_by_the_same_bytes():
    index = tensor_index.read_index(tensor(number(0), number(2) + number(2), number(1) + number(2)))
    assert index == {"B_T": tensor_index.StoredTensor("0", "<f4", 0, (2, 2), (1, 2))}


def test_deep_nesting_and_endless_indices_are_refused():
    for index in (b"\x80\x02" + b"(" * 4000 + b"t" * 4000 + b".", b"\x80\x02" + b"N" * 20_000, b"", b"\x80\x02\x95"):
        try:
            found = tensor_index.read_index(index)
        except pickle.UnpicklingError:
            continue
        assert found == {}


@pytest.fixture(scope="module")
def good_file(tmp_path_factory) -> bytes:
    from latent_terrain.nodes.terrain.network import initial_weights

    path = write_pt(initial_weights(TerrainShape(2, 2, 0.1, 4, 16), 1), tmp_path_factory.mktemp("land") / "x.pt")
    return path.read_bytes()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch") / "damaged.pt"


@given(at=st.floats(0, 0.999), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_file_is_read_or_refused_with_a_sentence(good_file, scratch, at, byte, cut):
    place = int(at * len(good_file))
    scratch.write_bytes(good_file[:place] if cut else good_file[:place] + bytes([byte]) + good_file[place + 1 :])
    try:
        weights = read_pt(scratch)
    except TerrainError:
        return
    assert np.isfinite(evaluate(weights, np.zeros((1, 2), np.float32))).all()


@given(data=st.binary(max_size=400))
def test_any_index_is_read_or_refused(data):
    for index in (data, b"\x80\x02" + data, TENSOR[:40] + data):
        try:
            tensor_index.read_index(index)
        except pickle.UnpicklingError:
            continue


def test_foreign_missing_and_oversized_files_are_named_as_such(tmp_path, monkeypatch):
    (tmp_path / "song.wav").write_bytes(b"RIFF" + bytes(100))
    (tmp_path / "empty.pt").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("holiday.jpg", b"x")
    for name, said in (
        ("song.wav", "not a terrain file"),
        ("empty.pt", "not a terrain file"),
        ("photos.zip", "zip file without a terrain"),
        ("nowhere.pt", "no such file"),
        (".", "cannot be read"),
        ("a\0b.pt", "not a terrain file"),
    ):
        with pytest.raises(TerrainError, match=said):
            read_pt(tmp_path / name)
    monkeypatch.setattr(checkpoint, "LARGEST_FILE", 50)
    with pytest.raises(TerrainError, match="larger than 50 bytes"):
        read_pt(tmp_path / "song.wav")


def test_a_zip_that_unpacks_to_far_more_than_a_terrain_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", bytes(checkpoint.LARGEST_FILE + 1))
    with pytest.raises(TerrainError, match="far more"):
        read_pt(tmp_path / "bomb.pt")


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    import torch

    module = torch.jit.script(torch.nn.Sequential(torch.nn.Linear(3, 2)))
    module.save(str(tmp_path / "other.pt"))
    torch.save({"fc2.weight": torch.zeros(2)}, tmp_path / "state.pt")
    for name in ("other.pt", "state.pt"):
        with pytest.raises(TerrainError, match=name):
            read_pt(tmp_path / name)


def test_a_file_whose_scalars_contradict_its_layers_is_refused(land, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "DIMENSIONS", ("m_out_dim", "m_in_dim", "m_cmax", "m_mapping_size"))
    path = write_pt(land(**SHAPES[0]), tmp_path / "land.pt")
    monkeypatch.undo()
    with pytest.raises(TerrainError, match="m_in_dim"):
        read_pt(path)


def test_an_npz_with_objects_lies_or_missing_layers_is_refused(land, tmp_path):
    weights = land(**SHAPES[0])
    fewer: dict[str, Any] = {name: array for name, array in weights.items() if name != "fc2.bias"}
    np.savez(tmp_path / "missing.npz", **fewer)
    fewer["fc2.bias"] = np.array([{}, []], object)
    np.savez(tmp_path / "objects.npz", **fewer)
    lying = io.BytesIO()
    np.lib.format.write_array_header_1_0(lying, {"descr": "<f4", "fortran_order": False, "shape": (2**40,)})
    with zipfile.ZipFile(tmp_path / "lying.npz", "w") as archive:
        archive.writestr("fc2.bias.npy", lying.getvalue() + bytes(16))
    for name in ("objects.npz", "missing.npz", "lying.npz"):
        with pytest.raises(TerrainError, match=name):
            read_npz(tmp_path / name)


def test_numpy_reads_an_npz_and_equal_lands_are_equal_bytes(land, tmp_path):
    weights = land(**SHAPES[0])
    one, other = write_npz(weights, tmp_path / "one"), write_npz(weights, tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()
    with np.load(one, allow_pickle=False) as held:
        assert same_bits(dict(held), weights)


def test_f11_b16_a_failed_save_leaves_the_old_file_alone(land, tmp_path):
    path = write_npz(land(**SHAPES[0]), tmp_path / "land.npz")
    before = path.read_bytes()
    broken = land(**SHAPES[0])
    broken["fc2.weight"][0, 0] = np.nan
    for write in (write_npz, write_pt):
        with pytest.raises(TerrainError, match="fc2"):
            write(broken, path)
        with pytest.raises(TerrainError, match="can't be saved"):
            write(land(**SHAPES[0]), tmp_path / "nowhere" / "land")
    assert path.read_bytes() == before

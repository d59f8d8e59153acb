"""Network files: what is written comes back, and nothing else is accepted."""

import contextlib
import io
import json
import zipfile
from dataclasses import fields

import numpy as np
import pytest
from example_networks import random_network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network import BitCoding, Network
from spinpim.network.quantise import CODING_NAMES
from spinpim.network.storage import SHIPPED


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.npz"
    random_network(1).save(path)
    return path


def write(path, arrays):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array), (1, 0))
            archive.writestr(f"{name}.npy", content.getvalue())


def arrays_of(path):
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def with_header(path, change):
    arrays = arrays_of(path)
    header = json.loads(arrays["header"].tobytes())
    change(header)
    write(path, arrays | {"header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)})


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CODING_NAMES), st.integers(1, 8), st.integers(0, 2**32))
def test_a_saved_network_comes_back_the_same(tmp_path, name, bits, seed):
    network = random_network(seed, weight_coding=BitCoding(name, bits))
    network.save(tmp_path / "net.npz")
    back = Network.load(tmp_path / "net.npz")
    for part in fields(Network):
        if part.name != "layers":
            assert getattr(back, part.name) == getattr(network, part.name)
    for layer, original in zip(back.layers, network.layers, strict=True):
        for part in fields(original):
            assert np.array_equal(getattr(layer, part.name), getattr(original, part.name))


def test_the_same_network_gives_the_same_bytes(tmp_path):
    for name in ("a.npz", "b.npz"):
        random_network(1).save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_saving_replaces_the_file_and_leaves_nothing_beside_it(saved):
    random_network(2).save(saved)
    assert [path.name for path in saved.parent.iterdir()] == ["net.npz"]
    assert Network.load(str(saved)).training["seed"] == 2


def test_a_record_that_json_cannot_hold_leaves_the_old_file(saved):
    before = saved.read_bytes()
    for record in ({"loss": float("nan")}, {"path": saved}):
        with pytest.raises(InputError, match="training record is not plain JSON"):
            random_network(1, training=record).save(saved)
    assert saved.read_bytes() == before


def test_a_network_is_written_only_to_an_npz_file_in_a_folder_that_is_there(tmp_path):
    with pytest.raises(InputError, match=r"ends in \.npz"):
        random_network(1).save(tmp_path / "net.zip")
    with pytest.raises(InputError, match="cannot be written"):
        random_network(1).save(tmp_path / "absent" / "net.npz")


def test_an_unknown_name_lists_the_networks_there_are():
    with pytest.raises(InputError, match=r"'digits_w1a5'; available: .*Did you mean 'digits_w1a4'\?"):
        Network.load("digits_w1a5")


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.npz: there is no such file"):
        Network.load(tmp_path / "absent.npz")


@pytest.mark.parametrize("missing", ["header", "layer0.planes", "layer1.scale", "layer2.offset"])
def test_a_missing_array_is_named(saved, missing):
    arrays = arrays_of(saved)
    del arrays[missing]
    write(saved, arrays)
    with pytest.raises(InputError, match=rf"net\.npz: .*{missing}.*Network\.save"):
        Network.load(saved)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        (
            "layer0.planes",
            np.zeros((1, 3, 2), dtype=np.uint8),
            r"layer0\.planes must be uint8 of shape \(1, 3, 3\)",
        ),
        ("layer0.planes", np.zeros((1, 3, 3)), r"layer0\.planes must be uint8"),
        ("layer0.scale", np.zeros(4), "scale must be float64 of shape"),
        ("layer0.scale", np.zeros(3, dtype=np.float32), "scale must be float64"),
        ("layer1.offset", np.full(4, np.inf), "offset must be finite"),
        ("layer7.scale", np.zeros(3), "does not belong"),
        ("header", np.zeros(3), "no header of bytes"),
        ("header", np.frombuffer(b"{oops", dtype=np.uint8), "not JSON"),
        ("header", np.frombuffer(b"\xff\xfe", dtype=np.uint8), "not JSON"),
        ("header", np.frombuffer(b"[" * 100_000, dtype=np.uint8), "not JSON"),
        ("header", np.frombuffer(b"[1]", dtype=np.uint8), "header"),
        (
            "header",
            np.frombuffer(b'{"schema": "spinpim-network/9"}', dtype=np.uint8),
            "reads 'spinpim-network/1'",
        ),
    ],
)
def test_a_wrong_array_is_refused_with_file_and_remedy(saved, name, array, message):
    write(saved, arrays_of(saved) | {name: array})
    with pytest.raises(InputError, match=rf"net\.npz: .*{message}.*Network\.save"):
        Network.load(saved)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda header: header.pop("layers"), "header layers: Field required"),
        (lambda header: header.update(layers=[]), "header layers"),
        (lambda header: header.update(extra=1), "header extra"),
        (lambda header: header.update(input_bits="4"), "header input_bits"),
        (lambda header: header.update(input_shape=[9, 8]), "header input_shape"),
        (lambda header: header.update(input_bits=0), "coding bits"),
        (lambda header: header["training"].update(loss=float("nan")), "not JSON"),
        (lambda header: header["layers"][1].update(out_channels=10**9), r"header layers\.1\.out_channels"),
        (lambda header: header["layers"][1].update(out_channels=5), r"layer1\.planes must be uint8 of shape"),
        (
            lambda header: header["layers"][1]["weight_coding"].update(name="odd"),
            "coding name must be one of",
        ),
        (lambda header: header["layers"][0].update(stride=0), "stride must be"),
        (lambda header: header["layers"][0].update(pool=1), "channels, but"),
    ],
)
def test_a_wrong_header_is_refused_with_the_key(saved, change, message):
    with_header(saved, change)
    with pytest.raises(InputError, match=rf"net\.npz: .*{message}"):
        Network.load(saved)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_in_a_sentence_or_reads_as_before(saved, data):
    """Any cut, and any changed byte: never another exception."""
    whole = bytearray(saved.read_bytes())
    if data.draw(st.booleans()):
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
        damaged = whole
    copy = saved.parent / "damaged.npz"
    copy.write_bytes(damaged)
    with contextlib.suppress(InputError):
        Network.load(copy)


def test_shipped_networks_are_small_binary_and_say_how_they_were_trained():
    for name in ("digits_w1a4", "mnist_w1a4"):
        network = Network.load(name)
        assert (SHIPPED / f"{name}.npz").stat().st_size < 200_000
        assert (network.weight_bits, network.activation_bits, network.classes) == (1, 4, 10)
        record = network.training
        assert record["command"].startswith("python -m spinpim.network.train")
        assert len(record["curve"]) == record["epochs"] >= record["chosen_epoch"]
        assert {"torch", "numpy"} <= set(record["versions"])
        assert {"seed", "optimiser", "augmentation", "date", "attribution", "accuracy"} <= set(record)

"""Network files: what is written comes back, and nothing else is accepted."""

import contextlib
import io
import json
import zipfile
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from example_networks import random_images, random_network, residual_network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network import Affine, BitCoding, Network, Thresholds, class_scores
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


def assert_same(one, other):
    """Two values of any depth are alike, arrays with their types."""
    if isinstance(other, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(other, tuple):
        for pair in zip(one, other, strict=True):
            assert_same(*pair)
    elif is_dataclass(other):
        assert type(one) is type(other)
        for part in fields(other):
            assert_same(getattr(one, part.name), getattr(other, part.name))
    else:
        assert one == other


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CODING_NAMES), st.integers(1, 8), st.integers(0, 2**32))
def test_a_saved_network_comes_back_the_same(tmp_path, name, bits, seed):
    network = random_network(seed, weight_coding=BitCoding(name, bits))
    network.save(tmp_path / "net.npz")
    assert_same(Network.load(tmp_path / "net.npz"), network)


@pytest.mark.parametrize("signed", [False, True])
def test_every_kind_of_node_comes_back_the_same(tmp_path, signed):
    first, *others = residual_network(3, signed=signed).nodes
    coding = first.quantiser.coding
    steps = np.sort(np.random.default_rng(1).integers(-99, 99, (4, 6)), axis=1)
    stepped = replace(
        first,
        quantiser=Thresholds(steps, np.array([1, -1, 1, -1]), coding, -3 if signed else 2),
    )
    real = others[0].quantiser
    clipped = replace(others[0], quantiser=Affine(real.scale, real.offset, None, -2.0, 3.5))
    network = replace(residual_network(3, signed=signed), nodes=(stepped, clipped, *others[1:]))
    network.save(tmp_path / "net.npz")
    back = Network.load(tmp_path / "net.npz")
    assert_same(back.nodes, network.nodes)
    images = random_images(network, 3, 1)
    assert np.array_equal(class_scores(back, images), class_scores(network, images))


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


@pytest.mark.parametrize("missing", ["header", "node0.planes", "node2.scale", "node3.offset"])
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
            "node0.planes",
            np.zeros((1, 3, 2), dtype=np.uint8),
            r"node0\.planes must be uint8 of shape \(1, 3, 3\)",
        ),
        ("node0.planes", np.zeros((1, 3, 3)), r"node0\.planes must be uint8"),
        ("node0.scale", np.zeros(4), "scale and offset must be as many"),
        ("node0.scale", np.zeros(3, dtype=np.float32), "scale and offset must be float64"),
        ("node2.offset", np.full(4, np.inf), "scale and offset must be finite"),
        ("node7.scale", np.zeros(3), "does not belong"),
        ("header", np.zeros(3), "no header of bytes"),
        ("header", np.frombuffer(b"{oops", dtype=np.uint8), "not JSON"),
        ("header", np.frombuffer(b"\xff\xfe", dtype=np.uint8), "not JSON"),
        ("header", np.frombuffer(b"[" * 100_000, dtype=np.uint8), "not JSON"),
        ("header", np.frombuffer(b"[1]", dtype=np.uint8), "header"),
        (
            "header",
            np.frombuffer(b'{"schema": "spinpim-network/9"}', dtype=np.uint8),
            "reads 'spinpim-network/2'",
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
        (lambda header: header.pop("nodes"), "header nodes: Field required"),
        (lambda header: header.update(nodes=[]), "header nodes"),
        (lambda header: header.update(nodes=header["nodes"] * 300), "header nodes"),
        (lambda header: header.update(extra=1), "header extra"),
        (lambda header: header["input_coding"].update(bits="4"), r"header input_coding\.bits"),
        (lambda header: header.update(input_shape=[9, 8]), "header input_shape"),
        (lambda header: header["input_coding"].update(bits=0), "coding bits"),
        (lambda header: header["training"].update(loss=float("nan")), "not JSON"),
        (lambda header: header["nodes"][1].update(type="copy"), r"header nodes\.1"),
        (lambda header: header["nodes"][1].pop("type"), r"header nodes\.1"),
        (lambda header: header["nodes"][1].update(kind="median"), "kind must be"),
        (
            lambda header: header["nodes"][1].update(inputs=["absent"]),
            "takes 'absent', which no earlier node",
        ),
        (
            lambda header: header["nodes"][2].update(out_channels=10**9),
            r"header nodes\.2\.layer\.out_channels",
        ),
        (lambda header: header["nodes"][2].update(out_channels=5), r"node2\.planes must be uint8 of shape"),
        (lambda header: header["nodes"][2].update(groups=0), r"header nodes\.2\.layer\.groups"),
        (lambda header: header["nodes"][2].update(groups=9), r"node2\.planes must be uint8 of shape"),
        (
            lambda header: header["nodes"][2]["weight_coding"].update(name="odd"),
            "coding name must be one of",
        ),
        (lambda header: header["nodes"][0]["window"].update(stride=[0, 1]), "stride of a window must be"),
        (lambda header: header["nodes"][0]["window"].update(stride=[1]), r"header nodes\.0\.layer\.window"),
        (lambda header: header["nodes"][1]["window"].update(stride=[1, 1]), "channels, but"),
        (lambda header: header["nodes"][0]["quantiser"].update(lowest=-1.0), "must rise and lie within"),
        (lambda header: header["nodes"][0]["quantiser"].update(kind="steps"), r"header nodes\.0\.layer"),
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
        network, original = Network.load(copy), Network.load(saved)
        assert np.array_equal(network.input_table, original.input_table)
        for layer, twin in zip(network.layers, original.layers, strict=True):
            assert np.array_equal(layer.weight_codes, twin.weight_codes)
            assert np.array_equal(layer.quantiser.scale, twin.quantiser.scale)
            assert np.array_equal(layer.quantiser.offset, twin.quantiser.offset)


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

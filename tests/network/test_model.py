"""A network: counts, coding of images, refusals."""

import pickle
import sys

import numpy as np
import pytest
from example_networks import random_images, random_layer, random_network, residual_network

from spinpim.errors import InputError
from spinpim.network import Add, Affine, BitCoding, Network, Pool, Window, class_scores, pixel_table


def test_operations_are_counted_as_by_hand():
    network = random_network(1)
    macs = [72 * 18 * 3, 3 * 2 * 18 * 4, 24 * 5]
    assert network.positions == (72, 6, 1)
    assert network.layer_input_shapes == ((9, 8, 2), (4, 4, 3), (3, 2, 4))
    assert network.macs_per_image == sum(macs)
    assert network.and_operations_per_image == 4 * macs[0] + 3 * macs[1] + 4 * macs[2]
    assert network.correction_bits_per_image == 72 * 18 * 4 + 6 * 18 * 3 + 24 * 4


def test_weights_without_a_constant_need_no_correction():
    network = random_network(1, weight_coding=BitCoding("signed", 3))
    assert network.correction_bits_per_image == 0
    assert network.and_operations_per_image == 3 * random_network(1).and_operations_per_image
    assert (network.weight_bits, network.activation_bits, network.classes) == (3, 4, 5)


@pytest.mark.parametrize(("maximum", "bits"), [(16, 4), (255, 4), (255, 8), (16, 2), (1, 1)])
def test_a_pixel_gets_the_nearest_code_and_ties_the_even_one(maximum, bits):
    table = pixel_table(bits, maximum, 2)
    assert np.array_equal(table[:, 0], table[:, 1])
    for value, code in enumerate(table[:, 0].tolist()):
        below, rest = divmod(value * (2**bits - 1), maximum)
        up = 2 * rest > maximum or (2 * rest == maximum and below % 2 == 1)
        assert code == below + up


def test_each_channel_of_a_pixel_is_coded_by_its_own_column_of_the_table():
    table = np.array([[0, 9], [3, 15], [7, 2]], dtype=np.uint8)
    network = random_network(1, input_table=table)
    assert network.input_maximum == 2
    images = random_images(network, 4, 1)
    codes = network.encode_input(images)
    for index in np.ndindex(images.shape):
        assert codes[index] == table[images[index], index[-1]]


def test_the_channel_axis_may_be_left_out_when_there_is_one():
    layer = random_layer(1, kind="dense", window=Window(), in_channels=4, out_channels=2, output_bits=None)
    network = Network("one", "one", (2, 2, 1), pixel_table(4, 16, 1), BitCoding("unsigned", 4), (layer,))
    images = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    assert np.array_equal(network.encode_input(images), network.encode_input(images[..., None]))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((1, 9, 8, 2)), "must be whole numbers 0..16"),
        (np.zeros((1, 8, 9, 2), dtype=np.uint8), "must have shape"),
        (np.zeros((9, 8, 2), dtype=np.uint8), "must have shape"),
        (np.full((1, 9, 8, 2), 17, dtype=np.uint8), "span 17..17"),
        (np.full((1, 9, 8, 2), -1), "span -1..-1"),
    ],
)
def test_images_of_another_kind_are_refused(images, message):
    with pytest.raises(InputError, match=f"images for network 'random'.*{message}"):
        random_network(1).encode_input(images)


def test_no_images_have_no_codes():
    network = random_network(1)
    assert network.encode_input(random_images(network, 0, 1)).shape == (0, 9, 8, 2)


@pytest.mark.parametrize("make", [random_network, residual_network])
def test_a_network_can_be_sent_to_another_process(make):
    network = make(3)
    received = pickle.loads(pickle.dumps(network))
    images = random_images(network, 3, 1)
    assert np.array_equal(class_scores(received, images), class_scores(network, images))
    assert received.training == network.training


NODES = random_network(1).nodes
LINE = Affine(np.ones(3), np.zeros(3), BitCoding("unsigned", 3))
REAL = Affine(np.ones(5), np.zeros(5))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nodes": ()}, "has no layers"),
        ({"nodes": (Pool("max", "pool", Window((9, 8))),)}, "has no layers"),
        ({"input_shape": (9, 8)}, r"not \(height, width, channels\)"),
        ({"input_shape": (9, 0, 2)}, "input_shape width must be a whole number"),
        ({"input_shape": (9, 8, 3), "input_table": pixel_table(4, 16, 3)}, "takes 2 channels, but 3 arrive"),
        ({"input_shape": (5, 8, 2)}, "node 'dense1' takes 24 channels, but 16 arrive"),
        ({"input_shape": (1, 8, 2)}, "node 'pool1': its window is larger than its input"),
        ({"input_table": np.zeros((257, 2), dtype=np.uint8)}, "with 2 to 256 values"),
        ({"input_table": np.zeros((1, 2), dtype=np.uint8)}, "with 2 to 256 values"),
        (
            {"input_table": np.zeros((17, 3), dtype=np.uint8)},
            r"of shape \(values of a pixel, 2\)",
        ),
        ({"input_table": np.zeros((17, 2))}, "must be uint8"),
        ({"input_table": np.full((17, 2), 16, dtype=np.uint8)}, "codes beyond 4 bits"),
        (
            {"input_coding": BitCoding("unsigned", 5)},
            "node 'conv1' takes 4 bit unsigned activations, but 5 bit unsigned activations arrive",
        ),
        ({"input_coding": BitCoding("signed", 4)}, "but 4 bit signed activations arrive"),
        ({"nodes": NODES[:3]}, r"must give one real score per class; it gives codes of shape \(3, 2, 4\)"),
        ({"nodes": (*NODES, NODES[3])}, "node 'dense1': the name is used twice"),
        ({"nodes": (random_layer(1, name="image"), *NODES[1:])}, "none is 'image'"),
        (
            {"nodes": (random_layer(1, inputs=("conv2",)), *NODES[1:])},
            "'conv1' takes 'conv2', which no earlier",
        ),
        (
            {"nodes": (random_layer(1, inputs=("conv1",)), *NODES[1:])},
            "'conv1' takes 'conv1', which no earlier",
        ),
        ({"nodes": (random_layer(1, inputs=("image", "image")), *NODES[1:])}, "'conv1' takes one input"),
        (
            {"nodes": (*NODES, random_layer(1, name="late", in_channels=5))},
            "node 'late' takes 4 bit unsigned activations, but real numbers arrive",
        ),
        (
            {"nodes": (*NODES[:2], Add("sum", ("conv1", "pool1"), (1.0, 1.0), LINE), *NODES[2:])},
            r"node 'sum' adds branches of the shapes \(9, 8, 3\) and \(4, 4, 3\)",
        ),
        (
            {"nodes": (*NODES, Add("sum", ("dense1", "dense1"), (1.0, 1.0), LINE))},
            "node 'sum': its quantiser has 3 channels instead of 5",
        ),
        (
            {"nodes": (NODES[0], Pool("average", "mean", Window(), REAL), *NODES[1:])},
            "node 'mean': its quantiser has 5 channels instead of 3",
        ),
    ],
)
def test_nodes_that_do_not_follow_each_other_are_refused(changes, message):
    with pytest.raises(InputError, match=f"network 'random'.*{message}"):
        random_network(1, **changes)


def test_the_last_node_must_end_in_single_scores():
    layer = random_layer(1, output_bits=None)
    with pytest.raises(InputError, match=r"one real score per class; it gives numbers of shape \(9, 8, 3\)"):
        random_network(1, nodes=(layer,))


def test_the_last_node_may_be_any_that_gives_real_numbers():
    total = Add("sum", ("dense1", "dense1"), (1.0, 2.0), REAL)
    network = random_network(1, nodes=(*NODES, total, Pool("max", "pool", Window())))
    images = random_images(network, 3, 1)
    once = class_scores(random_network(1), images)
    assert np.array_equal(class_scores(network, images), once + 2.0 * once)


def test_signals_are_shape_and_coding_of_what_each_node_hands_on():
    network = residual_network(1)
    assert {name: signal.shape for name, signal in network.signals.items()} == {
        "image": (9, 8, 2),
        "conv1": (9, 8, 4),
        "branch": (9, 8, 4),
        "sum": (9, 8, 4),
        "largest": (5, 4, 4),
        "mean": (2, 2, 4),
        "dense1": (1, 1, 5),
    }
    assert network.signals["branch"].coding is network.signals["dense1"].coding is None
    assert network.signals["largest"].coding == BitCoding("unsigned", 4)
    assert [network.inputs_of(number) for number in range(4)] == [
        ("image",),
        ("conv1",),
        ("branch", "conv1"),
        ("sum",),
    ]


def test_operations_of_groups_are_counted_as_by_hand():
    network = residual_network(1)
    macs = [72 * 18 * 4, 72 * (9 * 2) * 4, 16 * 5]
    assert network.macs_per_image == sum(macs)
    assert network.and_operations_per_image == 3 * 8 * macs[0] + 2 * 4 * macs[1] + 2 * 4 * macs[2]
    # Only the affine weights of the branch have a constant; each of its two groups counts its own digits.
    assert network.correction_bits_per_image == 72 * (9 * 2) * 2 * 4


def test_without_onnx_the_sentence_names_the_extra(tmp_path, monkeypatch):
    (tmp_path / "net.onnx").write_bytes(b"anything")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r"spinpim\[onnx\]"):
        Network.from_onnx(tmp_path / "net.onnx")

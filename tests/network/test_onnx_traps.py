"""What real exporters do to ONNX files, each read as what it means."""

import sys

import numpy as np
import pytest

from spinpim.cli import main
from spinpim.network import Network, Thresholds, class_scores

pytest.importorskip("onnx", reason="the extra onnx is not installed")

from onnx import TensorProto, helper, numpy_helper
from onnx_files import QONNX, F, Maker, assert_same_codes, by_onnxruntime, float_images

IMAGES = np.random.default_rng(8).integers(0, 256, (12, 5, 6, 2), dtype=np.uint8)


def read(tmp_path, model, name="net.onnx", **how):
    (tmp_path / name).write_bytes(model.SerializeToString())
    return Network.from_onnx(tmp_path / name, **how)


def random_weights(maker, *shape, seed=1, scale=0.25, **how):
    floats = np.random.default_rng(seed).normal(size=shape).astype(F)
    return maker.quantised(maker.constant(floats), np.asarray(scale, F), 4, signed=True, **how)


def two_layers(dialect="qonnx", *, middle=None, dense=None, **how):
    """A convolution, what ``middle`` adds to its codes, and what ``dense`` makes of them."""
    maker = Maker((2, 5, 6), dialect=dialect, **how)
    x = maker.quantised("image", F(2**-8), 8)
    x = maker.add("Conv", x, random_weights(maker, 3, 2, 3, 3, seed=2), name="conv")
    x = maker.quantised(x, F(0.5), 4)
    x = middle(maker, x) if middle else maker.add("Flatten", x)
    if dense is None:
        maker.add("Gemm", x, random_weights(maker, 4, 36), transB=1, name="dense")
    else:
        dense(maker, x)
    return maker, maker.model(output_shape=[1, 4])


def same_as(tmp_path, model, other):
    """Both files give the same scores."""
    scores = [class_scores(read(tmp_path, one), IMAGES) for one in (model, other)]
    np.testing.assert_array_equal(*scores)


def agrees(tmp_path, maker, model, images=IMAGES, **pixels):
    """Codes and scores are those of the engine; gives the network."""
    pytest.importorskip("onnxruntime", reason="onnxruntime, the engine to compare with, is not installed")
    network = read(tmp_path, model, **{f"pixel_{name}": value for name, value in pixels.items()})
    tensors = by_onnxruntime(model, float_images(images, **pixels))
    assert_same_codes(network, images, tensors, maker.scales)
    theirs = tensors[model.graph.output[0].name].reshape(len(images), -1)
    np.testing.assert_array_equal(class_scores(network, images), theirs)
    return network


def test_constants_may_be_listed_among_the_inputs(tmp_path):
    maker, model = two_layers()
    same_as(tmp_path, maker.model(output_shape=[1, 4], listed=True), model)


def test_the_domain_of_the_quantisers_may_come_first(tmp_path):
    maker, model = two_layers()
    turned = [helper.make_opsetid(QONNX, 2), helper.make_opsetid("ai.onnx", 13)]
    same_as(tmp_path, maker.model(output_shape=[1, 4], opsets=turned), model)


def test_the_batch_may_have_a_name(tmp_path):
    maker, model = two_layers()
    same_as(tmp_path, maker.model(output_shape=[1, 4], batch="batch"), model)


def test_operators_may_come_in_any_order(tmp_path):
    _, model = two_layers()
    turned = helper.make_model(model.graph, opset_imports=model.opset_import)
    nodes = list(turned.graph.node)[::-1]
    del turned.graph.node[:]
    turned.graph.node.extend(nodes)
    same_as(tmp_path, turned, model)


def test_what_the_output_does_not_need_is_left_alone(tmp_path):
    _, model = two_layers()
    _, with_more = two_layers()
    with_more.graph.node.append(helper.make_node("Sigmoid", ["image"], ["unused"]))
    same_as(tmp_path, with_more, model)


def test_constants_may_be_operators(tmp_path):
    _, model = two_layers()
    _, turned = two_layers()
    for tensor in turned.graph.initializer:
        array = numpy_helper.from_array(numpy_helper.to_array(tensor))
        turned.graph.node.insert(0, helper.make_node("Constant", [], [tensor.name], value=array))
    del turned.graph.initializer[:]
    same_as(tmp_path, turned, model)


def turned_and_added(maker, x):
    weights = maker.add("Transpose", random_weights(maker, 4, 36), perm=[1, 0])
    maker.add("MatMul", x, weights)


def computed_shape(maker, x):
    """The batch out of the shape of the tensor, as exporters write it."""
    batch = maker.add("Gather", maker.add("Shape", x), np.array(0), axis=0)
    batch = maker.add("Unsqueeze", batch, np.array([0]))
    return maker.add("Reshape", x, maker.add("Concat", batch, np.array([-1]), axis=0))


def one_by_one(maker, x):
    return maker.add("Reshape", maker.add("Identity", maker.add("Dropout", x)), np.array([0, 36]))


def back_and_forth(maker, x):
    x = maker.add("Reshape", maker.add("Flatten", x), np.array([1, 3, 3, 4]))
    return maker.add("Flatten", x, axis=-3)


@pytest.mark.parametrize("middle", [computed_shape, one_by_one, back_and_forth])
def test_an_image_is_made_a_list_in_many_ways(tmp_path, middle):
    same_as(tmp_path, two_layers(middle=middle)[1], two_layers()[1])


def test_a_turned_matrix_is_the_same_dense_layer(tmp_path):
    same_as(tmp_path, two_layers(dense=turned_and_added)[1], two_layers()[1])


def test_a_list_of_features_counts_channels_first_and_ours_last(tmp_path):
    """The one weight that is not zero takes one pixel of one channel."""
    maker = Maker((2, 5, 6))
    weights = np.zeros((1, 2, 5, 6), F)
    weights[0, 1, 3, 2] = 1
    x = maker.add("Flatten", maker.quantised("image", F(1), 8))
    weights = maker.quantised(maker.constant(weights.reshape(1, -1)), F(1), 2, signed=True)
    maker.add("Gemm", x, weights, transB=1)
    network = read(tmp_path, maker.model(output_shape=[1, 1]), pixel_scale=1)
    np.testing.assert_array_equal(class_scores(network, IMAGES)[:, 0], IMAGES[:, 3, 2, 1])


@pytest.mark.parametrize("first", ["Quant", "QuantizeLinear"])
@pytest.mark.parametrize("zero", [0, 1])
def test_ties_are_even_before_or_after_the_zero_point(tmp_path, first, zero):
    """Quant adds an odd zero point to a half before it rounds, QuantizeLinear after."""
    maker = Maker((1, 1, 1), dialect="qonnx" if first == "Quant" else "qdq")
    maker.add("Conv", maker.quantised("image", F(2), 8, zero=zero), random_weights(maker, 1, 1, 1, 1))
    model = maker.model(output_shape=[1, 1, 1, 1])
    raw = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1, 1)
    network = agrees(tmp_path, maker, model, raw, scale=1)
    halves = np.arange(256) / 2
    expected = np.rint(halves + zero) if first == "Quant" else np.rint(halves) + zero
    np.testing.assert_array_equal(network.input_table[:, 0], np.minimum(expected, 255))


@pytest.mark.parametrize(
    ("signed", "narrow", "low", "high"),
    [(True, False, -8, 7), (True, True, -7, 7), (False, False, 0, 15), (False, True, 0, 14)],
)
@pytest.mark.parametrize("dialect", ["qonnx", "qcdq"])
def test_ranges_are_narrow_and_signed_as_the_file_says(tmp_path, dialect, signed, narrow, low, high):
    maker = Maker((1, 1, 1), dialect=dialect)
    x = maker.quantised("image", F(1), 4, signed=signed, narrow=narrow)
    maker.add("Conv", x, random_weights(maker, 1, 1, 1, 1))
    raw = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1, 1)
    pixels = {"scale": 1, "offset": -100}
    network = agrees(tmp_path, maker, maker.model(output_shape=[1, 1, 1, 1]), raw, **pixels)
    values = network.input_coding.decode(network.input_table)
    assert (values.min(), values.max(), network.input_coding.bits) == (low, high, 4)


@pytest.mark.parametrize("of_type", ["int4", "uint4"])
def test_weights_may_be_of_a_type_of_four_bits(tmp_path, of_type):
    maker = Maker((2, 5, 6), dialect="qdq", opset=21)
    x = maker.quantised("image", F(2**-8), 8)
    kind = TensorProto.INT4 if of_type == "int4" else TensorProto.UINT4
    low, high = (-8, 8) if of_type == "int4" else (0, 16)
    codes = np.random.default_rng(4).integers(low, high, 3 * 2 * 5 * 6)
    weights = maker.add("DequantizeLinear", "codes", np.array(0.25, F), "zero")
    maker.add("Conv", x, weights)
    model = maker.model(output_shape=[1, 3, 1, 1])
    model.ir_version = 10
    model.graph.initializer.append(helper.make_tensor("codes", kind, [3, 2, 5, 6], codes.tolist()))
    model.graph.initializer.append(helper.make_tensor("zero", kind, [], [3]))
    network = agrees(tmp_path, maker, model)
    whole = codes.reshape(3, 2, 5, 6).transpose(0, 2, 3, 1).reshape(3, -1) - 3
    np.testing.assert_array_equal(network.layers[0].weight_values, whole)


def test_a_bias_may_be_quantised_to_32_bits(tmp_path):
    maker = Maker((2, 5, 6), dialect="qdq")
    x = maker.quantised("image", F(2**-8), 8)
    weights = random_weights(maker, 3, 2, 5, 6, scale=[0.5, 0.25, 0.125])
    scale = F(2**-8) * np.array([0.5, 0.25, 0.125], F)
    bias = np.array([100_000, -7, 3], np.int32)
    maker.add("Conv", x, weights, maker.add("DequantizeLinear", bias, scale, np.zeros(3, np.int32), axis=0))
    agrees(tmp_path, maker, maker.model(output_shape=[1, 3, 1, 1]))


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("strides", [[1, 1], [2, 3]])
def test_margins_may_be_left_to_the_operator(tmp_path, auto_pad, strides):
    maker = Maker((2, 5, 6))
    x = maker.quantised("image", F(2**-8), 8)
    x = maker.add("Conv", x, random_weights(maker, 3, 2, 2, 4), auto_pad=auto_pad, strides=strides)
    x = maker.quantised(x, F(0.25), 4)
    maker.add("GlobalAveragePool", maker.add("MaxPool", x, kernel_shape=[2, 1], auto_pad="SAME_UPPER"))
    agrees(tmp_path, maker, maker.model(output_shape=[1, 3, 1, 1]))


def test_windows_that_are_not_whole_count_where_the_file_says_so(tmp_path):
    maker = Maker((2, 5, 6))
    x = maker.quantised("image", F(2**-8), 8)
    x = maker.add("MaxPool", x, kernel_shape=[2, 3], strides=[2, 2], ceil_mode=1, pads=[0, 1, 0, 1])
    maker.add("Gemm", maker.add("Flatten", x), random_weights(maker, 4, 3 * 4 * 2), transB=1)
    network = agrees(tmp_path, maker, maker.model(output_shape=[1, 4]))
    assert network.signals["maxpool_4"].shape == (3, 4, 2)


def test_windows_that_begin_beyond_the_image_are_left_out(tmp_path):
    maker = Maker((2, 3, 3))
    x = maker.quantised("image", F(2**-8), 8)
    x = maker.add("MaxPool", x, kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1, pads=[0, 0, 1, 1])
    maker.add(
        "Conv",
        maker.quantised(maker.add("GlobalAveragePool", x), F(2**-8), 8),
        random_weights(maker, 1, 2, 1, 1),
    )
    agrees(tmp_path, maker, maker.model(output_shape=[1, 1, 1, 1]), IMAGES[:, :3, :3])


def test_a_dense_layer_scales_its_sum_and_its_bias(tmp_path):
    maker = Maker((2, 5, 6))
    x = maker.add("Flatten", maker.quantised("image", F(2**-8), 8))
    bias = np.array([[0.5, -1.25, 3.0]], F)
    maker.add("Gemm", x, random_weights(maker, 60, 3), bias, alpha=0.5, beta=3.0)
    agrees(tmp_path, maker, maker.model(output_shape=[1, 3]))


def test_limits_of_older_files_are_attributes(tmp_path):
    maker = Maker((2, 5, 6), opset=10)
    x = maker.quantised("image", F(2**-8), 8)
    x = maker.add("Clip", maker.add("Conv", x, random_weights(maker, 3, 2, 5, 6)), min=-0.5, max=0.5)
    network = read(tmp_path, maker.model(output_shape=[1, 3, 1, 1]))
    scores = class_scores(network, IMAGES)
    assert (scores.min(), scores.max()) == (-0.5, 0.5)


def test_one_signed_bit_is_minus_one_or_one(tmp_path):
    maker = Maker((2, 5, 6))
    x = maker.quantised("image", F(2**-8), 8)
    floats = maker.constant(np.random.default_rng(1).normal(size=(3, 2, 5, 6)).astype(F))
    maker.add("Conv", x, maker.quantised(floats, F(0.5), 1, signed=True))
    layer = read(tmp_path, maker.model(output_shape=[1, 3, 1, 1])).layers[0]
    assert layer.weight_coding.name == "bipolar"
    signs = np.where(maker.tensors[floats] >= 0, 1, -1).transpose(0, 2, 3, 1).reshape(3, -1)
    np.testing.assert_array_equal(layer.weight_values, signs)


def test_activations_of_one_bit_follow_the_sign(tmp_path):
    maker = Maker((2, 5, 6))
    x = maker.quantised("image", F(2**-8), 8)
    x = maker.bipolar(maker.add("Conv", x, random_weights(maker, 3, 2, 3, 3)), F(0.5))
    maker.add("Gemm", maker.add("Flatten", x), random_weights(maker, 4, 36), transB=1)
    network = agrees(tmp_path, maker, maker.model(output_shape=[1, 4]))
    assert isinstance(network.nodes[0].quantiser, Thresholds)
    assert network.layers[1].input_coding.name == "bipolar"


@pytest.mark.parametrize("opset", [10, 13, 17, 21])
def test_files_of_many_opsets_are_read(tmp_path, opset):
    maker, model = two_layers("qdq" if opset > 10 else "qonnx", opset=opset)
    network = agrees(tmp_path, maker, model) if opset > 10 else read(tmp_path, model)
    assert network.training["opset"] == opset


def test_scores_may_be_quantised_too(tmp_path):
    maker, _ = two_layers("qcdq")
    maker.quantised(maker.last, F(0.5), 6, signed=True, zero=3)
    agrees(tmp_path, maker, maker.model(output_shape=[1, 4]))


def test_a_quantiser_of_what_is_quantised_alike_makes_no_node(tmp_path):
    twice, model = two_layers(middle=lambda m, x: m.add("Flatten", m.quantised(x, F(0.5), 4)))
    network = agrees(tmp_path, twice, model)
    assert len(network.nodes) == 2
    _, finer = two_layers(middle=lambda m, x: m.add("Flatten", m.quantised(x, F(0.25), 4)))
    assert len(read(tmp_path, finer).nodes) == 3


def test_codes_may_be_scaled_before_a_product(tmp_path):
    maker, model = two_layers(middle=lambda m, x: m.add("Flatten", m.add("Mul", x, np.array(0.5, F))))
    network = agrees(tmp_path, maker, model)
    assert len(network.nodes) == 2


def test_the_brightness_of_pixels_is_what_the_input_says(tmp_path):
    """By channel, and by default a byte over 255 as float32 divides it."""
    maker, model = two_layers()
    offsets, scales = np.array([-0.5, 0.25]), np.array([2**-8, 2**-9])
    agrees(tmp_path, maker, model, scale=scales, offset=offsets)
    assert np.array_equal((np.arange(256) * (1 / 255)).astype(F), np.arange(256, dtype=F) / F(255))


def test_nodes_bear_the_names_of_operators(tmp_path):
    _, model = two_layers()
    assert [node.name for node in read(tmp_path, model).nodes] == ["conv", "dense"]
    for node in model.graph.node:
        node.name = ""
    names = [node.name for node in read(tmp_path, model).nodes]
    assert names == [node.output[0] for node in model.graph.node if node.op_type in ("Conv", "Gemm")]


def test_names_that_are_taken_or_long_are_changed(tmp_path):
    _, model = two_layers()
    for node in model.graph.node:
        node.name = "image" if node.op_type == "Conv" else "n" * 500
    names = [node.name for node in read(tmp_path, model).nodes]
    assert names[0] == "image_2"
    assert names[1] == "n" * 190


def test_inspect_lists_a_file_and_what_stays_outside_the_memory(tmp_path, capsys, monkeypatch):
    _, model = two_layers()
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    asked = ["spinpim", "network", "inspect", str(tmp_path / "net.onnx"), "--pixel-scale", "0.01"]
    monkeypatch.setattr(sys, "argv", asked)
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert "conv" in printed
    assert "4:8" in printed
    assert "Outside the memory" in printed
    assert "32 bit floating-point numbers, as in the file: dense" in printed


def test_inspect_tells_why_a_file_is_refused(tmp_path, capsys, monkeypatch):
    maker, _ = two_layers()
    maker.add("Softmax", maker.last, name="softmax")
    (tmp_path / "net.onnx").write_bytes(maker.model(output_shape=[1, 4]).SerializeToString())
    monkeypatch.setattr(sys, "argv", ["spinpim", "network", "inspect", str(tmp_path / "net.onnx")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "Softmax 'softmax'" in capsys.readouterr().err

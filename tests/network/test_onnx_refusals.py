"""What of ONNX files is not read is told in a sentence that names the operator or the tensor."""

import contextlib
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network import Network

pytest.importorskip("onnx", reason="the extra onnx is not installed")

from onnx import TensorProto, helper, numpy_helper
from onnx_files import QONNX, F, Maker

from spinpim.network.onnx_reader import file


def quantised_weights(maker, *shape, bits=4, name="weights", scale=0.25):
    floats = maker.constant(np.linspace(-1, 1, int(np.prod(shape)), dtype=F).reshape(shape), name)
    return maker.quantised(floats, F(scale), bits, signed=True)


def begun(dialect="qonnx", **how):
    """A graph up to the codes of its image."""
    maker = Maker((2, 4, 4), dialect=dialect, **how)
    return maker, maker.quantised("image", F(1 / 255), 8)


def convolved(dialect="qonnx", **how):
    maker, x = begun(dialect, **how)
    return maker, maker.add("Conv", x, quantised_weights(maker, 3, 2, 4, 4), name="conv")


def finished(maker, **how):
    return maker.model(output_shape=[1, 3, 1, 1], **how)


def refused(tmp_path, model, *words, **how):
    path = tmp_path / "net.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    with pytest.raises(InputError) as told:
        Network.from_onnx(path, **how)
    sentence = str(told.value)
    for word in ("net.onnx", *words):
        assert word in sentence
    assert sentence.endswith((".", ")"))
    return sentence


def conv_with(weights, *others, **attributes):
    maker, x = begun()
    maker.add("Conv", x, weights(maker), *others, name="conv", **attributes)
    return finished(maker)


def after_conv(kind, *constants, name="odd", **attributes):
    maker, x = convolved()
    maker.add(kind, x, *constants, name=name, **attributes)
    return finished(maker)


def before_conv(change):
    """A convolution that takes the quantised image after a change."""
    maker, x = begun()
    x = change(maker, x)
    maker.add("Conv", x, quantised_weights(maker, 3, 2, 4, 4), name="conv")
    return finished(maker)


def with_quant(scale=0.25, zero=0, bits=4, **flags):
    """The sums of a convolution through a Quant with these numbers."""
    maker, x = convolved()
    flags = {"signed": 1, "narrow": 0} | flags
    maker.add(
        "Quant",
        x,
        np.asarray(scale, F),
        np.asarray(zero, F),
        np.asarray(bits, F),
        domain=QONNX,
        name="q",
        **flags,
    )
    return finished(maker)


def unquantised_image():
    maker = Maker((2, 4, 4))
    maker.add("Conv", "image", quantised_weights(maker, 3, 2, 4, 4), name="conv")
    return finished(maker)


def image_twice():
    maker, x = begun()
    y = maker.quantised("image", F(1 / 15), 4)
    maker.add("Add", x, y, name="sum")
    return finished(maker)


def branches(other):
    maker, x = convolved()
    y = maker.add(
        "Conv", maker.nodes[0].output[0], quantised_weights(maker, *other, name="others"), name="other"
    )
    maker.add("Add", x, y, name="sum")
    return finished(maker)


def dense(shape, **attributes):
    maker, x = begun()
    maker.add("Gemm", maker.add("Flatten", x), quantised_weights(maker, *shape), name="dense", **attributes)
    return finished(maker)


def asymmetric_weights():
    maker, x = begun("qdq")
    codes = np.arange(3 * 2 * 16, dtype=np.uint8).reshape(3, 2, 4, 4) * 2
    weights = maker.add("DequantizeLinear", codes, np.array(0.5, F), np.array(150, np.uint8))
    maker.add("Conv", x, weights, name="conv")
    return finished(maker)


def fractional_weights():
    maker, x = begun()
    floats = maker.constant(np.ones((3, 2, 4, 4), F))
    inputs = (floats, np.array(0.25, F), np.array(0.5, F), np.array(4, F))
    maker.add("Conv", x, maker.add("Quant", *inputs, domain=QONNX, name="q", signed=1, narrow=0), name="conv")
    return finished(maker)


def several_scales():
    maker, x = begun("qdq")
    x = maker.quantised(maker.add("Relu", x), np.array([0.1, 0.2], F), 8, axis=1)
    maker.add("Conv", x, quantised_weights(maker, 3, 2, 4, 4), name="conv")
    return finished(maker)


def blocks():
    maker, x = begun("qdq", opset=21)
    floats = np.ones((3, 2, 4, 4), np.int8)
    scale = np.ones((3, 1, 4, 4), F)
    maker.add(
        "Conv", x, maker.add("DequantizeLinear", floats, scale, name="q", axis=1, block_size=2), name="conv"
    )
    return finished(maker)


def weights_within(maker):
    floats = np.ones((3, 2, 4, 4), F)
    scale = np.linspace(0.1, 0.4, 4, dtype=F)
    return maker.add("Quant", floats, scale, np.array(0, F), np.array(4, F), domain=QONNX, signed=1, narrow=0)


REFUSED = {
    "an operator that is not read": (lambda: after_conv("Sigmoid"), "Sigmoid 'odd'", "Export"),
    "an operator without a name": (lambda: after_conv("Sigmoid", name=""), "Sigmoid 'sigmoid_"),
    "an operator of another domain": (lambda: after_conv("Relu", domain="mine"), "Relu 'odd'"),
    "an unknown operator of QONNX": (lambda: after_conv("Trunc", domain=QONNX), "Trunc 'odd'"),
    "the order of scores": (lambda: after_conv("Softmax"), "Softmax"),
    "float weights": (
        lambda: conv_with(lambda m: m.constant(np.ones((3, 2, 4, 4), F))),
        "Conv 'conv'",
        "Quant",
    ),
    "weights that are no whole multiples": (fractional_weights, "Quant 'q'", "whole multiples"),
    "weights of nine bits": (
        lambda: conv_with(lambda m: quantised_weights(m, 3, 2, 4, 4, bits=9, scale=1 / 200)),
        "Conv 'conv'",
        "9 bits",
    ),
    "weights of nine bits by their zero point": (asymmetric_weights, "Conv 'conv'", "9 bits"),
    "activations of nine bits": (lambda: with_quant(bits=9), "Quant 'q'", "9 bits"),
    "half a bit": (lambda: with_quant(bits=2.5), "Quant 'q'", "bits"),
    "an unknown rounding": (lambda: with_quant(rounding_mode="HALF_UP"), "Quant 'q'", "HALF_UP"),
    "a scale of zero": (lambda: with_quant(scale=0), "Quant 'q'", "scale"),
    "a scale that is no number": (lambda: with_quant(scale=np.nan), "Quant 'q'", "scale"),
    "a zero point between numbers": (lambda: with_quant(zero=0.5), "Quant 'q'", "whole"),
    "scales within an output channel": (lambda: conv_with(weights_within), "Conv 'conv'", "one per channel"),
    "a scale per channel of activations": (several_scales, "Conv 'conv'", "one scale"),
    "scales by blocks": (blocks, "DequantizeLinear 'q'", "blocks"),
    "other channels than arrive": (
        lambda: conv_with(lambda m: quantised_weights(m, 3, 4, 4, 4)),
        "Conv 'conv'",
        "channels",
    ),
    "groups that do not divide": (
        lambda: conv_with(lambda m: quantised_weights(m, 3, 1, 4, 4), group=2),
        "Conv 'conv'",
        "groups",
    ),
    "a convolution of one dimension": (
        lambda: conv_with(lambda m: quantised_weights(m, 3, 2, 4)),
        "Conv 'conv'",
        "two dimensions",
    ),
    "a window beyond the image": (
        lambda: conv_with(lambda m: quantised_weights(m, 3, 2, 5, 5)),
        "Conv 'conv'",
        "larger",
    ),
    "a margin as large as the window": (
        lambda: conv_with(lambda m: quantised_weights(m, 3, 2, 2, 2), pads=[2] * 4),
        "Conv 'conv'",
        "padding",
    ),
    "a bias of another length": (
        lambda: conv_with(lambda m: quantised_weights(m, 3, 2, 4, 4), np.ones(4, F)),
        "Conv 'conv'",
        "bias",
    ),
    "a dense layer of another length": (lambda: dense((3, 31), transB=1), "Gemm 'dense'", "32"),
    "turned activations": (lambda: dense((32, 3), transA=1), "Gemm 'dense'", "transA"),
    "branches of other shapes": (lambda: branches((3, 2, 3, 3)), "Add 'sum'", "shapes"),
    "an image that is not quantised": (unquantised_image, "Conv 'conv'", "Quant"),
    "an image quantised twice": (image_twice, "image"),
    "real numbers before a convolution": (
        lambda: before_conv(lambda m, x: m.add("Relu", x)),
        "Conv 'conv'",
        "real numbers",
    ),
    "an average with padding": (
        lambda: before_conv(
            lambda m, x: m.add("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4, name="mean")
        ),
        "AveragePool 'mean'",
        "padding",
    ),
    "constants that differ within a channel": (
        lambda: after_conv("Add", np.ones((1, 3, 1, 2), F)),
        "Add 'odd'",
        "shape",
    ),
    "constants that differ within an image": (
        lambda: before_conv(
            lambda m, x: m.add("Mul", x, np.arange(16, dtype=F).reshape(1, 1, 4, 4), name="odd")
        ),
        "Mul 'odd'",
        "within a channel",
    ),
    "division by zero": (lambda: after_conv("Div", np.array(0, F)), "Div 'odd'", "zero"),
    "constants that are no numbers": (lambda: after_conv("Add", np.array(np.inf, F)), "Add 'odd'", "finite"),
    "constants of another type": (lambda: after_conv("Add", np.array(1.0)), "Add 'odd'", "float32"),
    "numbers that overflow": (lambda: after_conv("Mul", np.array(3e38, F)), "largest"),
    "limits that fall": (lambda: after_conv("Clip", np.array(1, F), np.array(0, F)), "Clip 'odd'", "rise"),
    "a normalisation in training": (
        lambda: after_conv("BatchNormalization", *[np.ones(3, F)] * 4, training_mode=1),
        "BatchNormalization 'odd'",
        "training",
    ),
    "a normalisation of other channels": (
        lambda: after_conv("BatchNormalization", *[np.ones(4, F)] * 4),
        "BatchNormalization 'odd'",
        "3 finite",
    ),
    "a negative variance": (
        lambda: after_conv("BatchNormalization", *[np.ones(3, F)] * 3, -np.ones(3, F)),
        "BatchNormalization 'odd'",
        "variance",
    ),
    "another order of axes": (lambda: after_conv("Transpose", perm=[0, 2, 3, 1]), "Transpose 'odd'"),
    "another shape": (
        lambda: before_conv(lambda m, x: m.add("Reshape", x, np.array([1, 4, 2, 4]), name="odd")),
        "Reshape 'odd'",
    ),
    "a shape that does not fit": (lambda: after_conv("Reshape", np.array([1, 5])), "Reshape 'odd'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_sentence_names_the_operator(tmp_path, case):
    make, *words = REFUSED[case]
    refused(tmp_path, make(), *words)


def test_scores_are_one_number_per_class(tmp_path):
    maker, x = begun()
    maker.add("Conv", x, quantised_weights(maker, 3, 2, 3, 3), name="conv")
    refused(tmp_path, finished(maker), "score")


@pytest.mark.parametrize("kept", [0, 1, 40, 300])
def test_a_truncated_file_is_refused(tmp_path, kept):
    refused(tmp_path, finished(convolved()[0]).SerializeToString()[:kept], "ONNX")


def test_a_file_of_something_else_is_refused(tmp_path):
    refused(tmp_path, b"PK\x03\x04" + bytes(100), "ONNX")
    refused(tmp_path, b"A text about networks.\n", "ONNX")
    with pytest.raises(InputError, match="no such file"):
        Network.from_onnx(tmp_path / "absent.onnx")
    with pytest.raises(InputError, match="path"):
        Network.from_onnx(3)
    with pytest.raises(InputError, match="from_onnx"):
        Network.load(str(tmp_path / "net.onnx"))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_with_changed_bytes_is_read_or_refused_with_a_sentence(tmp_path, data):
    whole = bytearray(finished(convolved()[0]).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "net.onnx"
    path.write_bytes(whole)
    with contextlib.suppress(InputError):
        Network.from_onnx(path)


def image_of(sizes, kind=TensorProto.FLOAT):
    model = finished(convolved()[0])
    model.graph.input[0].CopyFrom(helper.make_tensor_value_info("image", kind, sizes))
    return model


def test_sizes_other_than_the_batch_are_fixed(tmp_path):
    refused(tmp_path, image_of([1, 2, "height", 4]), "'image'", "fixed")
    refused(tmp_path, image_of([8, 2, 4, 4]), "'image'", "batch of 8")
    refused(tmp_path, image_of([1, 2, 4]), "'image'", "axes")
    refused(tmp_path, image_of([1, 2, 4, 1 << 20]), "'image'", "fixed")
    refused(tmp_path, image_of([1, 2, 4, 4], TensorProto.UINT8), "'image'", "floating-point")


def test_there_is_one_input_and_one_output(tmp_path):
    model = finished(convolved()[0])
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1]))
    refused(tmp_path, model, "2 inputs", "'mask'")
    model = finished(convolved()[0], also=[helper.make_tensor_value_info("more", TensorProto.FLOAT, [1])])
    refused(tmp_path, model, "2 outputs", "'more'")


def test_a_graph_that_is_none_is_refused(tmp_path):
    model = finished(convolved()[0])
    model.graph.node[0].input[0] = model.graph.output[0].name
    refused(tmp_path, model, "Quant", "cycle")
    model = finished(convolved()[0])
    model.graph.node[-1].input[1] = "nowhere"
    refused(tmp_path, model, "Conv 'conv'", "'nowhere'")
    model = finished(convolved()[0])
    model.graph.node.append(model.graph.node[-1])
    refused(tmp_path, model, "Conv 'conv'", "another tensor")
    model = finished(convolved()[0])
    model.graph.output[0].name = "weights"
    refused(tmp_path, model, "does not depend on the image")


def test_a_graph_inside_an_operator_is_refused(tmp_path):
    model = finished(convolved()[0])
    model.graph.node[-1].attribute.append(helper.make_attribute("body", model.graph))
    refused(tmp_path, model, "Conv 'conv'", "'body'")


def test_the_version_of_the_operators_is_stated(tmp_path):
    refused(tmp_path, finished(convolved()[0], opsets=[helper.make_opsetid(QONNX, 1)]), "version")
    refused(tmp_path, finished(convolved()[0], opsets=[helper.make_opsetid("", 7)]), "opset 7")


def outside(tmp_path, location, *, length=None, offset=0):
    """A model one of whose tensors lies at a location."""
    model = finished(convolved()[0])
    tensor = next(one for one in model.graph.initializer if one.name == "weights")
    content = numpy_helper.to_array(tensor).tobytes()
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entries = {"location": location, "offset": str(offset), "length": str(length or len(content))}
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    return model, content


def test_data_beside_the_model_are_read(tmp_path):
    model, content = outside(tmp_path, "data/net.bin", offset=3)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "net.bin").write_bytes(b"abc" + content)
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    found = Network.from_onnx(tmp_path / "net.onnx")
    (tmp_path / "net.onnx").write_bytes(finished(convolved()[0]).SerializeToString())
    np.testing.assert_array_equal(
        found.layers[0].weight_codes, Network.from_onnx(tmp_path / "net.onnx").layers[0].weight_codes
    )


@pytest.mark.parametrize("location", ["../net.bin", "inside/../../net.bin", "", ".", "C:\\net.bin"])
def test_data_outside_the_folder_are_not_read(tmp_path, location):
    folder = tmp_path / "model"
    folder.mkdir()
    model, content = outside(tmp_path, location)
    (tmp_path / "net.bin").write_bytes(content)
    refused(folder, model, "'weights'", "folder")


def test_data_outside_the_folder_are_not_read_by_other_names(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    place = tmp_path / "net.bin"
    model, content = outside(tmp_path, str(place))
    place.write_bytes(content)
    refused(folder, model, "'weights'", "folder")
    os.symlink(place, folder / "link.bin")
    refused(folder, outside(tmp_path, "link.bin")[0], "'weights'", "folder")


def test_data_that_are_missing_or_other_than_the_shape_says_are_refused(tmp_path):
    refused(tmp_path, outside(tmp_path, "net.bin")[0], "'weights'", "missing")
    model, content = outside(tmp_path, "net.bin")
    (tmp_path / "net.bin").write_bytes(content[:-1])
    refused(tmp_path, model, "'weights'", "shape needs")
    (tmp_path / "net.bin").write_bytes(content + bytes(9))
    refused(tmp_path, outside(tmp_path, "net.bin", length=len(content) + 8)[0], "'weights'", "shape needs")
    refused(tmp_path, outside(tmp_path, "net.bin", offset=-1)[0], "'weights'", "shape needs")


def test_sizes_are_checked_before_memory_is_taken(tmp_path, monkeypatch):
    model = finished(convolved()[0])
    next(one for one in model.graph.initializer if one.name == "weights").dims[0] = 1 << 40
    refused(tmp_path, model, "'weights'", "MiB")
    model = finished(convolved()[0])
    next(one for one in model.graph.initializer if one.name == "weights").dims[0] = 4
    refused(tmp_path, model, "'weights'", "damaged")
    monkeypatch.setattr(file, "MAXIMUM_NODES", 2)
    refused(tmp_path, finished(convolved()[0]), "3 operators")
    monkeypatch.setattr(file, "MAXIMUM_BYTES", 100)
    refused(tmp_path, finished(convolved()[0]), "larger")


@pytest.mark.parametrize("wrong", [np.nan, "bright", [1, 2, 3], None, 1e9])
def test_the_mapping_of_pixels_is_numbers(tmp_path, wrong):
    path = tmp_path / "net.onnx"
    path.write_bytes(finished(convolved()[0]).SerializeToString())
    for name in ("pixel_scale", "pixel_offset"):
        with pytest.raises(InputError, match=name):
            Network.from_onnx(path, **{name: wrong})

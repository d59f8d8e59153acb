"""Networks read from ONNX files give the codes of the engines that the files were made for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnx", reason="the extra onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime, the engine to compare with, is not installed")

import onnx
from example_networks import values_by_loops
from onnx_files import F, Maker, assert_same_codes, by_onnxruntime, by_qonnx, float_images

from spinpim.array.executor import execute
from spinpim.network import Add, Affine, Network, Thresholds, class_scores

SIZES = (9, 8, 3)


class Drawn:
    """Random parts of a network; scales are powers of two or any numbers."""

    def __init__(self, maker, seed, weight_bits, *, exact):
        self.maker, self.bits, self.exact = maker, weight_bits, exact
        self.rng = np.random.default_rng(seed)

    def scale(self, size=None):
        if self.exact:
            return np.asarray(2.0 ** self.rng.integers(-5, -1, size), F)
        return np.asarray(self.rng.uniform(0.03, 0.3, size), F)

    def weights(self, *shape):
        floats = self.maker.constant(self.rng.normal(size=shape).astype(F))
        if self.bits == 1:
            return self.maker.bipolar(floats, self.scale())
        per_channel = self.scale(shape[0])
        return self.maker.quantised(floats, per_channel, self.bits, signed=True, narrow=True)

    def vector(self, size):
        return self.rng.normal(size=size).astype(F)

    def normalised(self, tensor, channels):
        gain, bias, mean = (self.vector(channels) for _ in range(3))
        variance = self.rng.uniform(0.1, 2.0, channels).astype(F)
        return self.maker.add("BatchNormalization", tensor, gain, bias, mean, variance)


def five_networks(dialect, weight_bits, bits, seed=1, *, exact=False):
    """Convolutions, groups, dilation, a residual sum, poolings, and a dense layer on more than one pixel."""
    maker = Maker((SIZES[2], *SIZES[:2]), dialect=dialect)
    drawn = Drawn(maker, seed, weight_bits, exact=exact)
    add, coded = maker.add, maker.quantised
    x = coded("image", F(2**-8 if exact else 1 / 255), 8)
    x = add("Conv", x, drawn.weights(4, 3, 3, 3), drawn.vector(4), pads=[1] * 4, name="first")
    trunk = x = coded(add("Relu", drawn.normalised(x, 4)), drawn.scale(), bits)
    x = add("Conv", x, drawn.weights(4, 2, 3, 3), group=2, pads=[2] * 4, dilations=[2, 2], name="branch")
    x = coded(drawn.normalised(x, 4), drawn.scale(), bits, signed=True)
    x = coded(add("Relu", add("Add", x, trunk)), drawn.scale(), bits)
    x = add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = coded(add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 1]), drawn.scale(), bits)
    x = add("Flatten", x)
    x = add("MatMul", x, add("Transpose", drawn.weights(5, 24), perm=[1, 0]))
    add("Add", x, drawn.vector(5), output="scores")
    return maker, maker.model(output_shape=[1, 5])


FIVE = [("qonnx", 1, 8), ("qonnx", 4, 4), ("qcdq", 8, 8), ("qcdq", 4, 4), ("qdq", 8, 8)]


def images(count, shape=SIZES, seed=3):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def read(model, folder, **how):
    onnx.save(model, folder / "net.onnx")
    return Network.from_onnx(folder / "net.onnx", **how)


def assert_agrees(maker, model, network, raw, *, exact, engine=by_onnxruntime, **pixels):
    tensors = engine(model, float_images(raw, **pixels))
    assert_same_codes(network, raw, tensors, maker.scales)
    scores = tensors[model.graph.output[0].name].reshape(len(raw), -1)
    found = class_scores(network, raw)
    if exact:
        np.testing.assert_array_equal(found, scores)
    else:
        np.testing.assert_allclose(found, scores, rtol=1e-6, atol=1e-6 * np.abs(scores).max())


@pytest.mark.parametrize("exact", [False, True], ids=["any scales", "powers of two"])
@pytest.mark.parametrize(("dialect", "weight_bits", "bits"), FIVE)
def test_all_codes_and_scores_are_those_of_onnxruntime(tmp_path, dialect, weight_bits, bits, exact):
    maker, model = five_networks(dialect, weight_bits, bits, exact=exact)
    network = read(model, tmp_path)
    assert_agrees(maker, model, network, images(20), exact=exact)


@pytest.mark.parametrize("exact", [False, True], ids=["any scales", "powers of two"])
@pytest.mark.parametrize(("dialect", "weight_bits", "bits"), FIVE[:2])
def test_all_codes_and_scores_are_those_of_the_executor_of_qonnx(tmp_path, dialect, weight_bits, bits, exact):
    pytest.importorskip("qonnx", reason="qonnx is not installed")
    maker, model = five_networks(dialect, weight_bits, bits, exact=exact)
    network = read(model, tmp_path)
    assert_agrees(maker, model, network, images(3), exact=exact, engine=by_qonnx)


@pytest.mark.parametrize(("dialect", "weight_bits", "bits"), FIVE)
def test_a_network_that_was_read_is_stored_and_computed_like_any_other(tmp_path, dialect, weight_bits, bits):
    _, model = five_networks(dialect, weight_bits, bits)
    network = read(model, tmp_path)
    network.save(tmp_path / "net.npz")
    again = Network.load(tmp_path / "net.npz")
    raw = images(4)
    scores = class_scores(network, raw)
    np.testing.assert_array_equal(class_scores(again, raw), scores)
    winners = np.argmax(scores, axis=1)
    for path in ("integers", "bits"):
        assert np.array_equal(execute(again, raw, winners, seed=1, path=path).ideal_predictions, winners)


def test_whole_thresholds_stand_where_a_line_would_give_another_code(tmp_path):
    """The one sum at which float32 and float64 disagree is found, not hoped away."""
    maker = Maker((1, 1, 1), dialect="qdq")
    x = maker.quantised("image", F(1), 8)
    weights = maker.quantised(maker.constant(np.full((1, 1, 1, 1), 3.0, F)), F(1), 8, signed=True)
    x = maker.add("Mul", maker.add("Conv", x, weights), np.array(0.1, F))
    maker.quantised(x, F(0.2), 8)
    model = maker.model(output_shape=[1, 1, 1, 1])
    network = read(model, tmp_path, pixel_scale=1)
    assert isinstance(network.nodes[0].quantiser, Thresholds)
    raw = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1, 1)
    assert_agrees(maker, model, network, raw, exact=True, scale=1)
    # A faulty memory holds other weights than the file, and its sums go further.
    sums = np.arange(-128 * 255, 127 * 255 + 1)
    expected = np.clip(np.rint(sums.astype(F) * F(0.1) / F(0.2)), 0, 255)
    np.testing.assert_array_equal(network.nodes[0].quantiser.codes(sums[:, np.newaxis])[:, 0], expected)


@pytest.mark.parametrize("dialect", ["qdq", "qcdq"])
@pytest.mark.parametrize("signed", [False, True])
def test_what_lies_beyond_the_edge_is_the_zero_point(tmp_path, dialect, signed):
    zero = -5 if signed else 7
    maker = Maker((2, 5, 6), dialect=dialect)
    drawn = Drawn(maker, 5, 6, exact=True)
    x = maker.quantised("image", F(2**-6), 6, signed=signed, zero=zero)
    x = maker.add("Conv", x, drawn.weights(3, 2, 3, 3), pads=[1, 0, 2, 1], strides=[2, 1], name="conv")
    x = maker.quantised(x, F(2**-3), 6, signed=signed, zero=zero)
    x = maker.add("GlobalAveragePool", x)
    x = maker.quantised(x, F(2**-4), 6, signed=signed, zero=zero)
    maker.add("Gemm", maker.add("Flatten", x), drawn.weights(4, 3), drawn.vector(4), transB=1)
    model = maker.model(output_shape=[1, 4])
    pixels = {"scale": 2**-8, "offset": -0.25}
    network = read(model, tmp_path, pixel_scale=2**-8, pixel_offset=-0.25)
    assert network.layers[0].input_zero == zero
    assert_agrees(maker, model, network, images(20, (5, 6, 2)), exact=True, **pixels)


@pytest.mark.parametrize("exact", [False, True])
def test_branches_that_are_not_quantised_are_added_as_the_engine_adds_them(tmp_path, exact):
    """Normalised sums join codes and each other before anything is rounded to codes; one is taken twice."""
    maker = Maker((3, 6, 6), dialect="qonnx")
    drawn = Drawn(maker, 11, 3, exact=exact)
    x = maker.quantised("image", F(2**-8), 8)
    trunk = drawn.normalised(maker.add("Conv", x, drawn.weights(4, 3, 3, 3), pads=[1] * 4), 4)
    codes = maker.quantised(maker.add("Relu", trunk), drawn.scale(), 4)
    branch = drawn.normalised(maker.add("Conv", codes, drawn.weights(4, 4, 1, 1)), 4)
    x = maker.add("Add", maker.add("Add", branch, trunk), codes)
    x = maker.add("MaxPool", maker.add("Relu", x), kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    x = maker.quantised(x, drawn.scale(), 4)
    x = maker.add("Gemm", maker.add("Flatten", x), drawn.weights(3, 36), transB=1)
    model = maker.model(output_shape=[1, 3])
    network = read(model, tmp_path)
    assert len(network.layers) == 3
    assert_agrees(maker, model, network, images(20, (6, 6, 3)), exact=exact)


@pytest.mark.parametrize("scales", [(0.1, 0.1, 0.2), (0.3, 0.1, 0.2), (0.5, 0.25, 1.0)])
def test_sums_of_codes_that_lie_between_two_codes_go_where_float32_sends_them(tmp_path, scales):
    """Half of all pairs of codes are ties in real numbers; only powers of two leave them to one line."""
    maker = Maker((2, 16, 16), dialect="qdq")
    image = maker.quantised("image", F(1), 8)
    one, other = (
        maker.quantised(maker.add("Conv", image, taken(maker, channel)), F(scale), 8)
        for channel, scale in enumerate(scales[:2])
    )
    x = maker.quantised(maker.add("Add", one, other), F(scales[2]), 8)
    maker.add("Conv", x, maker.quantised(maker.constant(np.ones((1, 1, 16, 16), F)), F(1), 2, signed=True))
    model = maker.model(output_shape=[1, 1, 1, 1])
    network = read(model, tmp_path, pixel_scale=1)
    line = any(isinstance(node, Add) and isinstance(node.quantiser, Affine) for node in network.nodes)
    assert line == (scales[2] == 1.0)
    assert_agrees(maker, model, network, images(60, (16, 16, 2)) // 16, exact=line, scale=1)


def taken(maker, channel):
    """Weights that take one channel."""
    weights = np.zeros((1, 2, 1, 1), F)
    weights[0, channel] = 1
    return maker.quantised(maker.constant(weights), F(0.1 if channel else 0.125), 8, signed=True)


def test_a_normalisation_is_rounded_as_the_engine_rounds_it(tmp_path):
    maker = Maker((1, 1, 1), dialect="qdq")
    drawn = Drawn(maker, 1, 8, exact=True)
    x = maker.add("Conv", maker.quantised("image", F(2**-8), 8), drawn.weights(500, 1, 1, 1))
    drawn.normalised(x, 500)
    model = maker.model(output_shape=[1, 500, 1, 1])
    assert_agrees(maker, model, read(model, tmp_path), images(20, (1, 1, 1)), exact=True)


def test_a_normalisation_with_negative_gain_after_a_maximum_keeps_the_maximum_before_it(tmp_path):
    maker = Maker((2, 6, 6), dialect="qonnx")
    drawn = Drawn(maker, 2, 4, exact=True)
    x = maker.quantised("image", F(2**-8), 8)
    x = maker.add("Conv", x, drawn.weights(4, 2, 3, 3))
    x = maker.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = maker.quantised(maker.add("Relu", drawn.normalised(x, 4)), F(0.125), 4)
    maker.add("Gemm", maker.add("Flatten", x), drawn.weights(3, 16), transB=1)
    model = maker.model(output_shape=[1, 3])
    assert any(
        np.any(drawn_gain < 0) for name, drawn_gain in maker.tensors.items() if drawn_gain.shape == (4,)
    )
    assert_agrees(maker, model, read(model, tmp_path), images(20, (6, 6, 2)), exact=True)


@pytest.mark.parametrize("exact", [False, True])
def test_a_network_that_was_read_is_what_plain_loops_compute(tmp_path, exact):
    _, model = five_networks("qonnx", 4, 4, exact=exact)
    network = read(model, tmp_path)
    raw = images(1)
    values = values_by_loops(network, raw[0])
    np.testing.assert_array_equal(np.ravel(values[network.nodes[-1].name]), class_scores(network, raw)[0])


@st.composite
def graphs(draw):
    """A small random graph with scales of products that are powers of two, and any others."""
    dialect = draw(st.sampled_from(["qonnx", "qcdq", "qdq"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    height, width, channels = (draw(st.integers(low, high)) for low, high in ((3, 8), (3, 8), (1, 4)))
    maker = Maker((channels, height, width), dialect=dialect)
    bits = draw(st.integers(2, 8))
    if dialect == "qdq":
        bits = 8
    drawn = Drawn(maker, draw(st.integers(0, 2**32)), bits, exact=True)

    def coded(x):
        signed = draw(st.booleans())
        zero = draw(st.integers(0, 2 ** (bits - 1) - 1)) if draw(st.booleans()) else 0
        return maker.quantised(x, drawn.scale(), bits, signed=signed, narrow=draw(st.booleans()), zero=zero)

    x = coded("image")
    for _ in range(draw(st.integers(1, 3))):
        group = draw(st.sampled_from([one for one in (1, 2, channels) if channels % one == 0]))
        outputs = group * draw(st.integers(1, 3))
        kernel = [draw(st.integers(1, min(3, side))) for side in (height, width)]
        pads = [draw(st.integers(0, side - 1)) for side in (*kernel, *kernel)]
        strides = [draw(st.integers(1, 2)) for _ in range(2)]
        bias = drawn.vector(outputs) if draw(st.booleans()) else None
        x = maker.add(
            "Conv",
            x,
            drawn.weights(outputs, channels // group, *kernel),
            *([] if bias is None else [bias]),
            pads=pads,
            strides=strides,
            group=group,
        )
        height = (height + pads[0] + pads[2] - kernel[0]) // strides[0] + 1
        width = (width + pads[1] + pads[3] - kernel[1]) // strides[1] + 1
        channels = outputs
        for kind in draw(
            st.lists(st.sampled_from(["norm", "Relu", "Mul", "Div", "Sub", "Clip", "Max"]), max_size=3)
        ):
            if kind == "norm":
                x = drawn.normalised(x, channels)
            elif kind == "Relu":
                x = maker.add("Relu", x)
            elif kind == "Clip":
                x = maker.add("Clip", x, np.array(-3, F), np.array(5, F))
            elif kind == "Max" and min(height, width) >= 2:
                x = maker.add("MaxPool", x, kernel_shape=[2, 2], strides=[1, 2])
                height, width = height - 1, width // 2
            elif kind in ("Mul", "Div", "Sub"):
                x = maker.add(
                    kind,
                    x,
                    rng.uniform(0.3, 3.0, (1, channels, 1, 1)).astype(F) * F(draw(st.sampled_from([-1, 1]))),
                )
        entering = x = coded(x)
        if draw(st.booleans()):
            other = maker.add("Conv", x, drawn.weights(channels, channels, 1, 1))
            other = coded(other) if draw(st.booleans()) else other
            x = coded(maker.add("Add", other, entering))
    x = maker.add("Flatten", x)
    weights = drawn.weights(3, height * width * channels)
    maker.add("Gemm", x, weights, transB=1)
    return maker, maker.model(output_shape=[1, 3])


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(0, 2**32))
def test_random_graphs_give_the_codes_of_onnxruntime(tmp_path_factory, made, seed):
    maker, model = made
    raw = images(3, (maker.shape[1], maker.shape[2], maker.shape[0]), seed)
    network = read(model, tmp_path_factory.mktemp("graph"))
    assert_agrees(maker, model, network, raw, exact=True)

"""Small networks with random weights, and what they compute written out in plain loops, for tests."""

import itertools
import math
import struct

import numpy as np

from spinpim.network import Add, Affine, BitCoding, Layer, Network, Pool, SinglePrecision, Window, pixel_table


def random_quantiser(rng, channels, spread, coding):
    """Lines whose outputs cover the levels of the coding."""
    return Affine(rng.normal(size=channels) * spread, rng.normal(size=channels) + 5.0, coding)


def random_layer(seed, *, output_bits=4, **changes):
    """A convolution 3 x 3 from 2 to 3 channels, or what ``changes`` say."""
    rng = np.random.default_rng(seed)
    parts = {
        "kind": "conv",
        "name": "conv1",
        "window": Window.square(3, padding=1),
        "in_channels": 2,
        "out_channels": 3,
        "groups": 1,
        "weight_coding": BitCoding("bipolar", 1),
        "input_coding": BitCoding("unsigned", 4),
    } | changes
    fan_in = int(np.prod(parts["window"].kernel)) * (parts["in_channels"] // parts["groups"])
    shape = (parts["out_channels"], fan_in)
    spread = 15.0 / (
        np.sqrt(max(fan_in, 1)) * 2.0 ** parts["weight_coding"].bits * 2.0 ** parts["input_coding"].bits
    )
    coding = None if output_bits is None else BitCoding("unsigned", output_bits)
    drawn = {
        "weight_codes": rng.integers(0, 1 << parts["weight_coding"].bits, shape, dtype=np.uint8),
        "quantiser": random_quantiser(rng, shape[0], spread, coding),
    }
    return Layer(**(drawn | parts))


def random_network(seed, weight_coding=None, **changes):
    """Two convolutions with different strides, a pooling and a dense layer on 9 x 8 x 2 images."""
    coding = weight_coding or BitCoding("bipolar", 1)
    nodes = (
        random_layer(seed, weight_coding=coding, output_bits=3),
        Pool("max", "pool1", Window.square(2, stride=2)),
        random_layer(
            seed + 1,
            name="conv2",
            window=Window((2, 3), (2, 2), (1, 1, 1, 1)),
            in_channels=3,
            out_channels=4,
            weight_coding=coding,
            input_coding=BitCoding("unsigned", 3),
        ),
        random_layer(
            seed + 2,
            kind="dense",
            name="dense1",
            window=Window(),
            in_channels=3 * 2 * 4,
            out_channels=5,
            weight_coding=coding,
            output_bits=None,
        ),
    )
    parts = {
        "name": "random",
        "title": "random weights",
        "input_shape": (9, 8, 2),
        "input_table": pixel_table(4, 16, 2),
        "input_coding": BitCoding("unsigned", 4),
        "nodes": nodes,
        "training": {"seed": seed, "note": "none"},
    }
    return Network(**(parts | changes))


def residual_network(seed, *, signed=False):
    """A network with every kind of node: coded and real branches, groups, dilation, an average."""
    rng = np.random.default_rng(seed)
    weights = BitCoding("signed", 3)
    entering = BitCoding("signed", 4) if signed else BitCoding("unsigned", 4)
    top = 7 if signed else 15
    lowest = -8 if signed else 0
    nodes = (
        random_layer(
            seed,
            weight_coding=weights,
            input_coding=BitCoding("unsigned", 8),
            out_channels=4,
            input_zero=3,
            quantiser=Affine(rng.normal(size=4) * 0.02, rng.normal(size=4), entering),
        ),
        random_layer(
            seed + 1,
            name="branch",
            window=Window((3, 3), (1, 1), (2, 2, 2, 2), (2, 2)),
            in_channels=4,
            out_channels=4,
            groups=2,
            weight_coding=BitCoding("affine", 2),
            input_coding=entering,
            quantiser=Affine(rng.normal(size=4) * 0.1, rng.normal(size=4)),
        ),
        Add(
            "sum",
            ("branch", "conv1"),
            (1.0, 0.5),
            Affine(np.ones(4), np.zeros(4), entering, max(lowest, 0), top),
        ),
        Pool("max", "largest", Window.square(3, stride=2, padding=1)),
        Pool("average", "mean", Window.square(2, stride=2), Affine(np.full(4, 0.25), np.zeros(4), entering)),
        random_layer(
            seed + 2,
            kind="dense",
            name="dense1",
            window=Window(),
            in_channels=2 * 2 * 4,
            out_channels=5,
            weight_coding=BitCoding("unsigned", 2),
            input_coding=entering,
            output_bits=None,
        ),
    )
    return Network(
        name="residual",
        title="random weights",
        input_shape=(9, 8, 2),
        input_table=pixel_table(8, 255, 2),
        input_coding=BitCoding("unsigned", 8),
        nodes=nodes,
    )


def random_images(network, count, seed):
    """Raw images that the network accepts."""
    shape = (count, *network.input_shape)
    return np.random.default_rng(seed).integers(0, network.input_maximum + 1, shape, dtype=np.uint8)


def values_by_loops(network, image):
    """Decoded values and real numbers of all nodes for one raw image, by the definition.

    Numbers are those of Python and lie in lists (row, column, channel): no windows, no matrices, no codes.
    """
    table, coding = network.input_table.tolist(), network.input_coding
    values = {
        "image": [
            [[value_of(table[raw][channel], coding) for channel, raw in enumerate(pixel)] for pixel in row]
            for row in image.tolist()
        ]
    }
    before = "image"
    for node in network.nodes:
        values[node.name] = node_by_loops(node, [values[name] for name in node.inputs or (before,)])
        before = node.name
    return values


def node_by_loops(node, entering):
    """What a node makes of the values that enter."""
    first = entering[0]
    height, width, channels = len(first), len(first[0]), len(first[0][0])
    if isinstance(node, Layer):
        return _layer_by_loops(node, first)
    if isinstance(node, Add):
        return _image(
            (height, width, channels),
            lambda row, column, channel: quantised(
                sum(f * x[row][column][channel] for f, x in zip(node.factors, entering, strict=True)),
                node.quantiser,
                channel,
            ),
        )

    def output(row, column, channel):
        seen = [first[y][x][channel] for _, _, y, x in inside(node.window, row, column, height, width)]
        return max(seen) if node.kind == "max" else quantised(sum(seen), node.quantiser, channel)

    return _image((*_steps(node.window, height, width), channels), output)


def quantised(total, quantiser, channel):
    """Value or real number that a quantiser makes of a sum."""
    coding = quantiser.coding
    if isinstance(quantiser, SinglePrecision):
        level = _step_by_step(total, quantiser, channel)
        if coding is None:
            return level
    elif isinstance(quantiser, Affine):
        result = float(quantiser.scale[channel]) * total + float(quantiser.offset[channel])
        level = min(max(result if coding is None else round(result), quantiser.lowest), quantiser.highest)
        if coding is None:
            return level
    else:
        side = int(quantiser.directions[channel]) * total
        level = quantiser.lowest + sum(side >= t for t in quantiser.thresholds[channel].tolist())
    return 2 * level - (2**coding.bits - 1) if coding.name in ("affine", "bipolar") else level


def _step_by_step(total, quantiser, channel):
    """Steps in the arithmetic of Python, each result kept in four bytes."""
    value = _in_four_bytes(float(quantiser.unit[channel]) * (total - float(quantiser.shift[channel])))
    for operation, constants in zip(quantiser.operations, quantiser.constants, strict=True):
        first, second = (float(constant[channel]) for constant in constants)
        steps = {
            "add": lambda v, c=first: v + c,
            "multiply": lambda v, c=first: v * c,
            "divide": lambda v, c=first: v / c,
            "clip": lambda v, low=first, high=second: min(max(v, low), high),
            "round": round,
            "floor": math.floor,
            "ceil": math.ceil,
            "at_least": lambda v, c=first: v >= c,
        }
        value = _in_four_bytes(float(steps[operation](value)))
    return value if quantiser.coding is None else int(value)


def _in_four_bytes(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def value_of(code, coding):
    """Value of a code, digit by digit."""
    digits = [code >> j & 1 for j in range(coding.bits)]
    if coding.name in ("affine", "bipolar"):
        return sum((2 * digit - 1) * 2**j for j, digit in enumerate(digits))
    top = digits[-1] * 2 ** (coding.bits - 1)
    return sum(digit * 2**j for j, digit in enumerate(digits)) - (2 * top if coding.name == "signed" else 0)


def _layer_by_loops(layer, values):
    height, width = len(values), len(values[0])
    window = Window((height, width)) if layer.kind == "dense" else layer.window
    entering, leaving = len(values[0][0]) // layer.groups, layer.out_channels // layer.groups
    weights = [[value_of(code, layer.weight_coding) for code in row] for row in layer.weight_codes.tolist()]

    def output(row, column, channel):
        total = 0
        for i, j, y, x in inside(window, row, column, height, width):
            for k in range(entering):
                weight = weights[channel][(i * window.kernel[1] + j) * entering + k]
                total += weight * (values[y][x][channel // leaving * entering + k] - layer.input_zero)
        return quantised(total, layer.quantiser, channel)

    return _image((*_steps(window, height, width), layer.out_channels), output)


def inside(window, row, column, height, width):
    """Kernel row and column, image row and column of all that a window sees of an image."""
    for i, j in itertools.product(*map(range, window.kernel)):
        y = row * window.stride[0] - window.padding[0] + i * window.dilation[0]
        x = column * window.stride[1] - window.padding[1] + j * window.dilation[1]
        if 0 <= y < height and 0 <= x < width:
            yield i, j, y, x


def _steps(window, height, width):
    """Rows and columns of windows, counted one by one."""
    counts = []
    for axis, size in enumerate((height, width)):
        last = (window.kernel[axis] - 1) * window.dilation[axis]
        first, end = -window.padding[axis], size + window.padding[axis + 2]
        counts.append(len(range(first, end - last, window.stride[axis])))
    return counts


def _image(shape, output):
    rows, columns, channels = map(range, shape)
    return [[[output(row, column, channel) for channel in channels] for column in columns] for row in rows]

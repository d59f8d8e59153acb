"""ONNX files made by hand, and what the engines of others compute from them, for tests."""

import itertools

import numpy as np
import pytest

# Doctests are collected from here, too.
pytest.importorskip("onnx", reason="the extra onnx is not installed")

import onnx
from onnx import TensorProto, helper, numpy_helper

from spinpim.network import node_outputs

QONNX = "qonnx.custom_op.general"
F = np.float32
KEEP_CODES = ("MaxPool", "GlobalMaxPool", "Flatten", "Reshape", "Identity", "Dropout", "Squeeze", "Unsqueeze")


class Maker:
    """A graph that grows by one operator at a time; tensors are named by the caller or by number."""

    def __init__(self, shape, *, dialect="qonnx", opset=13):
        self.dialect, self.opset, self.shape = dialect, opset, shape
        self.nodes, self.tensors = [], {}
        self.scales = {}
        """Scale and zero point of each quantised tensor that is no weight."""
        self.numbers = itertools.count()
        self.last = "image"

    def constant(self, array, name=None):
        name = name or f"constant_{next(self.numbers)}"
        self.tensors[name] = np.asarray(array)
        return name

    def add(self, kind, *inputs, output=None, name="", domain="", **attributes):
        """Append an operator on the last tensor and constants; None is a tensor left out."""
        names = [one if isinstance(one, str) else "" if one is None else self.constant(one) for one in inputs]
        output = output or f"{kind.lower()}_{next(self.numbers)}"
        self.nodes.append(helper.make_node(kind, names, [output], name=name, domain=domain, **attributes))
        self.last = output
        if kind in KEEP_CODES and names[0] in self.scales:
            self.scales[output] = self.scales[names[0]]
        return output

    def quantised(self, tensor, scale, bits, **how):
        """The tensor through a quantiser of the dialect, see `_quantise`."""
        first = len(self.nodes)
        output, scales = self._quantise(tensor, scale, bits, **how)
        if tensor not in self.tensors:
            # What QuantizeLinear gives before a Clip is not yet what the memory keeps.
            made = [node.output[0] for node in self.nodes[first:]][-2:]
            self.scales |= {name: scales if name == output else (F(1), 0) for name in made}
        return output

    def _quantise(self, tensor, scale, bits, *, signed=False, narrow=False, zero=0, axis=0):
        """Output, and its scale and zero point; a scale per channel lies along ``axis``."""
        scale = np.asarray(scale, F)
        rank = self.tensors[tensor].ndim if tensor in self.tensors else 4
        shape = [-1 if at == axis else 1 for at in range(rank)]
        if self.dialect == "qonnx":
            shaped = scale.reshape(shape) if scale.ndim else scale
            flags = {"signed": int(signed), "narrow": int(narrow), "rounding_mode": "ROUND"}
            inputs = (tensor, shaped, np.asarray(zero, F), np.asarray(bits, F))
            return self.add("Quant", *inputs, domain=QONNX, **flags), (shaped, zero)
        kind = np.int8 if signed else np.uint8
        zeros = np.full(scale.shape, zero, kind)
        along = {"axis": axis} if scale.ndim else {}
        output = self.add("QuantizeLinear", tensor, scale, zeros, **along)
        low = -(1 << (bits - 1)) + narrow if signed else 0
        high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1 - (narrow and not signed)
        if (bits < 8 or narrow) and self.dialect == "qcdq":
            output = self.add("Clip", output, np.array(low, kind), np.array(high, kind))
        output = self.add("DequantizeLinear", output, scale, zeros, **along)
        return output, (scale.reshape(shape) if scale.ndim else scale, zero)

    def bipolar(self, tensor, scale):
        output = self.add("BipolarQuant", tensor, np.asarray(scale, F), domain=QONNX)
        if tensor not in self.tensors:
            self.scales[output] = (np.asarray(scale, F), 0)
        return output

    def model(self, *, output_shape, also=(), batch=1, listed=False, opsets=None):
        """The model, its output the last tensor."""
        inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, *self.shape])]
        stored = [numpy_helper.from_array(array, name) for name, array in self.tensors.items()]
        if listed:
            inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in stored]
        output = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, output_shape)
        graph = helper.make_graph(self.nodes, "net", inputs, [output, *also], stored)
        domains = opsets or [helper.make_opsetid("", self.opset)] + (
            [helper.make_opsetid(QONNX, 1)] if self.dialect == "qonnx" else []
        )
        return helper.make_model(
            graph, opset_imports=domains, ir_version=8, producer_name="tests", producer_version="1"
        )


def by_onnxruntime(model, images):
    """All tensors of a model for float images (count, channels, height, width), operator by operator."""
    import onnxruntime

    whole = onnx.ModelProto()
    whole.CopyFrom(in_plain_operators(model))
    del whole.graph.output[:]
    names = [name for node in whole.graph.node for name in node.output if name]
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        whole.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    runs = [session.run(None, {"image": image[np.newaxis]}) for image in images]
    return {name: np.stack([run[at] for run in runs]) for at, name in enumerate(names)}


def by_qonnx(model, images):
    """All tensors of a model for float images, by the executor of qonnx."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    wrapper = ModelWrapper(model).transform(InferShapes())
    runs = [execute_onnx(wrapper, {"image": image[np.newaxis]}, True) for image in images]
    return {name: np.stack([run[name] for run in runs]) for name in runs[0]}


def in_plain_operators(model):
    """The same model with Quant and BipolarQuant written out in operators that every engine knows."""
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    del plain.graph.node[:], plain.opset_import[:]
    plain.opset_import.extend(one for one in model.opset_import if one.domain == "")
    for node in model.graph.node:
        written = _written_out(node, constants) if node.domain else [node]
        for one, inputs, output in [step for step in written if isinstance(step, tuple)]:
            names = []
            for at, given in enumerate(inputs):
                if isinstance(given, str):
                    names.append(given)
                    continue
                names.append(f"{output}_{at}")
                plain.graph.initializer.append(numpy_helper.from_array(given, names[-1]))
            plain.graph.node.append(helper.make_node(one, names, [output]))
        plain.graph.node.extend(step for step in written if not isinstance(step, tuple))
    return plain


def _written_out(node, constants):
    name, scale = node.output[0], node.input[1]
    if node.op_type == "BipolarQuant":
        return [
            ("GreaterOrEqual", [node.input[0], np.zeros((), F)], f"{name}_side"),
            ("Where", [f"{name}_side", np.ones((), F), -np.ones((), F)], f"{name}_sign"),
            ("Mul", [f"{name}_sign", scale], name),
        ]
    zero, bits = constants[node.input[2]], int(constants[node.input[3]])
    flags = {one.name: one.i for one in node.attribute}
    high = 2 ** (bits - 1) - 1 if flags["signed"] else 2**bits - 1 - flags["narrow"]
    low = flags["narrow"] - 2 ** (bits - 1) if flags["signed"] else 0
    return [
        ("Div", [node.input[0], scale], f"{name}_scaled"),
        ("Add", [f"{name}_scaled", zero], f"{name}_moved"),
        ("Clip", [f"{name}_moved", np.array(low, F), np.array(high, F)], f"{name}_limited"),
        ("Round", [f"{name}_limited"], f"{name}_levels"),
        ("Sub", [f"{name}_levels", zero], f"{name}_back"),
        ("Mul", [f"{name}_back", scale], name),
    ]


def float_images(raw, scale=1 / 255, offset=0.0):
    """What enters an engine for images of bytes."""
    return np.ascontiguousarray((raw.astype(np.float64) * scale + offset).astype(F).transpose(0, 3, 1, 2))


def assert_same_codes(network, raw, engine, scales):
    """Every quantised tensor of the file has the same whole numbers here and there."""
    ours = node_outputs(network, raw)
    tensors = network.training["tensors"]
    assert set(tensors) == {name for name in scales if name in engine}
    for name, node in tensors.items():
        scale, zero = scales[name]
        theirs = engine[name].astype(np.float64) / scale + zero
        np.testing.assert_allclose(theirs, np.rint(theirs), atol=1e-3)
        coding = network.signals[node].coding
        decoded = coding.decode(ours[node]).transpose(0, 3, 1, 2).reshape(theirs.shape)
        np.testing.assert_array_equal(decoded, np.rint(theirs), err_msg=name)

"""ONNX files made by hand, and what the engines of others compute from them, for tests."""

import itertools

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from spinpim.network import node_outputs

QONNX = "qonnx.custom_op.general"
F = np.float32


class Maker:
    """A graph that grows by one operator at a time; tensors are named by the caller or by number."""

    def __init__(self, shape, *, dialect="qonnx", opset=13):
        self.dialect, self.opset, self.shape = dialect, opset, shape
        self.nodes, self.tensors, self.scales = [], {}, {}
        self.numbers = itertools.count()
        self.last = "image"

    def constant(self, array, name=None):
        name = name or f"constant_{next(self.numbers)}"
        self.tensors[name] = np.asarray(array)
        return name

    def add(self, kind, *inputs, output=None, name="", domain="", **attributes):
        """Append an operator on the last tensor and constants; None is a tensor left out."""
        names = [
            one if isinstance(one, str) else "" if one is None else self.constant(one) for one in inputs
        ]
        output = output or f"{kind.lower()}_{next(self.numbers)}"
        self.nodes.append(helper.make_node(kind, names, [output], name=name, domain=domain, **attributes))
        self.last = output
        return output

    def quantised(self, tensor, scale, bits, *, signed=False, narrow=False, zero=0, axis=0):
        """The tensor through a quantiser of the dialect; a scale per channel lies along ``axis``."""
        scale = np.asarray(scale, F)
        rank = self.tensors[tensor].ndim if tensor in self.tensors else 4
        shape = [-1 if at == axis else 1 for at in range(rank)]
        if self.dialect == "qonnx":
            shaped = scale.reshape(shape) if scale.ndim else scale
            flags = {"signed": int(signed), "narrow": int(narrow), "rounding_mode": "ROUND"}
            inputs = (tensor, shaped, np.asarray(zero, F), np.asarray(bits, F))
            output = self.add("Quant", *inputs, domain=QONNX, **flags)
            self.scales[output] = (shaped, zero)
            return output
        kind = np.int8 if signed else np.uint8
        zeros = np.full(scale.shape, zero, kind)
        along = {"axis": axis} if scale.ndim else {}
        output = self.add("QuantizeLinear", tensor, scale, zeros, **along)
        self.scales[output] = (F(1), 0)
        low = -(1 << (bits - 1)) + narrow if signed else 0
        high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1 - (narrow and not signed)
        if (bits < 8 or narrow) and self.dialect == "qcdq":
            output = self.add("Clip", output, np.array(low, kind), np.array(high, kind))
            self.scales[output] = (F(1), 0)
        output = self.add("DequantizeLinear", output, scale, zeros, **along)
        self.scales[output] = (scale.reshape(shape) if scale.ndim else scale, zero)
        return output

    def bipolar(self, tensor, scale):
        output = self.add("BipolarQuant", tensor, np.asarray(scale, F), domain=QONNX)
        self.scales[output] = (np.asarray(scale, F) * 2, -0.5)
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


def engine_tensors(model, images):
    """All tensors of a model for float images (count, channels, height, width), computed by others."""
    if any(node.domain == QONNX for node in model.graph.node):
        return _by_qonnx(model, images)
    return _by_onnxruntime(model, images)


def _by_onnxruntime(model, images):
    import onnxruntime

    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    del whole.graph.output[:]
    names = [name for node in whole.graph.node for name in node.output]
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        whole.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    runs = [session.run(None, {"image": image[np.newaxis]}) for image in images]
    return {name: np.stack([run[at] for run in runs]) for at, name in enumerate(names)}


def _by_qonnx(model, images):
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    wrapper = ModelWrapper(model).transform(InferShapes())
    runs = [execute_onnx(wrapper, {"image": image[np.newaxis]}, True) for image in images]
    return {name: np.stack([run[name] for run in runs]) for name in runs[0]}


def float_images(raw, scale=1 / 255, offset=0.0):
    """What enters an engine for images of bytes."""
    return np.ascontiguousarray((raw * scale + offset).astype(F).transpose(0, 3, 1, 2))


def assert_same_codes(network, raw, engine, scales):
    """Every quantised tensor of the file has the same whole numbers here and there."""
    ours = node_outputs(network, raw)
    tensors = network.training["tensors"]
    assert set(tensors) >= {name for name in scales if name in engine and name in tensors}
    assert tensors
    for name, node in tensors.items():
        theirs = engine[name].astype(np.float64)
        if name in scales:
            scale, zero = scales[name]
            levels = theirs / scale + zero
            theirs = np.rint(levels)
            np.testing.assert_allclose(levels, theirs, atol=1e-3)
        decoded = network.signals[node].coding.decode(ours[node])
        if network.signals[node].coding.name == "bipolar":
            decoded = (decoded + 1) // 2 - 1
            theirs = theirs - 0
        found = decoded.transpose(0, 3, 1, 2).reshape(theirs.shape)
        np.testing.assert_array_equal(found, theirs, err_msg=name)

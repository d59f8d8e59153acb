"""From the operators of a graph to the nodes of a network, one operator after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader import elementwise, products, quantisation, shapes
from spinpim.network.onnx_reader.builder import Builder
from spinpim.network.onnx_reader.constants import KINDS, constant_of, folded
from spinpim.network.onnx_reader.graph import QUANTISED, Graph, Operator
from spinpim.network.onnx_reader.pooling import POOLS, pooled
from spinpim.network.onnx_reader.values import Codes, Constant, Image, Mean, Pending, Reals, Value, file_shape
from spinpim.network.window import Window

READ = (
    *("Conv", "Gemm", "MatMul", "BatchNormalization", "Relu", "Clip", "Add", "Sub", "Mul", "Div", "Neg"),
    *POOLS,
    *("Flatten", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Constant", "Shape"),
    *("QuantizeLinear", "DequantizeLinear", "Quant", "IntQuant", "BipolarQuant"),
)
FEWEST_INPUTS = {
    **dict.fromkeys(("Conv", "Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "BipolarQuant"), 2),
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear"), 2),
    **dict.fromkeys(("Quant", "IntQuant"), 4),
    "BatchNormalization": 5,
}


class Walk:
    """Values of all tensors of a graph, and the nodes that were made on the way."""

    def __init__(self, graph: Graph, pixels: NDArray[np.float32]) -> None:
        """Begin with the constants and the image."""
        self.graph = graph
        self.builder = Builder(pixels)
        self.values: dict[str, Value] = {name: Constant(array) for name, array in graph.constants.items()}
        _, channels, height, width = graph.input_shape
        shape = (height, width, channels)
        self.values[graph.input_name] = Pending(Image(shape), shape)
        self.quantised: dict[str, str] = {}

    def scores(self) -> None:
        """Read all operators, and make the last node give the scores.

        Raises
        ------
        InputError
            If an operator cannot be read.
        """
        operator = None
        for operator in self.graph.operators:
            value = self._value(operator)
            name = operator.outputs[0]
            # What several operators take is made a node once, of the real numbers that it is in the file.
            if isinstance(value, Pending) and self.graph.uses[name] > 1:
                value = self.builder.real(operator, value)
            if isinstance(value, Codes):
                self.quantised[name] = value.node
            self.values[name] = value
        last = self.values.get(self.graph.output_name)
        if operator is None or isinstance(last, Constant) or last is None:
            raise InputError(f"{self.graph.path}: its output does not depend on the image.")
        if isinstance(last, Codes):
            last = Pending(Mean(last, Window()), last.shape, flat=last.flat, name="scores")
            self.builder.real(operator, last)
        elif isinstance(last, Pending):
            self.builder.real(operator, last)

    def _value(self, operator: Operator) -> Value:
        """What the first output of an operator stands for."""
        unused = [name for name in operator.outputs[1:] if name and self.graph.uses[name]]
        if unused or not operator.outputs or not operator.outputs[0]:
            raise InputError(f"{operator.where}: only its first output is read; the file uses {unused}.")
        plain = operator.domain == ""
        known = operator.kind in (*READ, *KINDS) if plain else operator.domain in QUANTISED
        values = [self.values[name] if name else None for name in operator.inputs]
        if operator.kind == "Constant" and plain:
            return constant_of(operator)
        if not operator.inputs or values[0] is None:
            known = False
        if not known:
            raise InputError(
                f"{operator.where} is not read. In the memory or its digital unit are computed: "
                f"{', '.join(sorted(READ))}. Export the network without it, or replace it."
            )
        fewest = FEWEST_INPUTS.get(operator.kind, 1)
        if len(values) < fewest or any(one is None for one in values[:fewest]):
            raise InputError(f"{operator.where}: needs {fewest} inputs; the file gives it {operator.inputs}.")
        constants = [one for one in values if isinstance(one, Constant) or one is None]
        if plain and operator.kind in KINDS and len(constants) == len(values):
            return folded(operator, constants)
        if operator.kind in quantisation.KINDS and (not plain or operator.kind in quantisation.PLAIN_KINDS):
            return quantisation.quantised(operator, values, self.builder, self.graph)
        if not plain:
            raise InputError(f"{operator.where} of domain {operator.domain!r} is not read.")
        return self._computed(operator, values)

    def _computed(self, operator: Operator, values: list[Value | None]) -> Value:
        kind, first = operator.kind, values[0]
        if kind == "Conv":
            return products.convolution(operator, values)
        if kind in ("Gemm", "MatMul"):
            return products.dense(operator, values)
        if kind == "Clip" and _whole(first):
            return quantisation.limited(operator, values, self.builder)
        if kind == "Add" and not any(isinstance(one, Constant) for one in values[:2]):
            return elementwise.joined(operator, values, self.builder)
        tensor = first if not isinstance(first, Constant) else (values[1] if len(values) > 1 else None)
        if tensor is None or isinstance(tensor, Constant) or kind not in READ:
            raise InputError(f"{operator.where} is not read, but of constants that it knows how to compute.")
        if kind in ("Identity", "Dropout"):
            return tensor
        if kind == "Shape":
            return Constant(np.array(file_shape(tensor), np.int64))
        if kind in ("Flatten", "Reshape", "Squeeze", "Unsqueeze"):
            return _reshaped(operator, tensor, values)
        if kind in POOLS:
            return pooled(operator, tensor, self.builder)
        if isinstance(tensor, Codes) and tensor.scale is None:
            raise InputError(f"{operator.where}: takes whole numbers; put a DequantizeLinear before it.")
        return elementwise.stepped(operator, values, self.builder)


def _whole(value: Value | None) -> bool:
    """Whether the file has whole numbers here, which stand for real ones."""
    if isinstance(value, Constant):
        return value.array.dtype.kind not in "fb"
    return (isinstance(value, Pending) and value.whole is not None) or (
        isinstance(value, Codes) and value.scale is None
    )


def _reshaped(operator: Operator, tensor: Codes | Reals | Pending, values: list[Value | None]) -> Value:
    before = file_shape(tensor)
    second = values[1] if len(values) > 1 else None
    if second is not None and not isinstance(second, Constant):
        raise InputError(f"{operator.where}: its shape is computed from the image; export with a fixed one.")
    given = None if second is None else second.array
    if operator.kind == "Flatten":
        sizes = shapes.flattened_sizes(operator, before)
    elif operator.kind == "Reshape":
        if given is None:
            raise InputError(f"{operator.where}: has no shape.")
        sizes = shapes.reshaped_sizes(operator, before, given)
    elif operator.kind == "Squeeze":
        axes = shapes.axes_of(operator, given, len(before))
        axes = [at for at, one in enumerate(before) if one == 1 and at] if axes is None else axes
        sizes = [one for at, one in enumerate(before) if at not in axes]
        if any(before[at] != 1 for at in axes):
            raise InputError(f"{operator.where}: removes axes {axes} of the shape {before}.")
    else:
        count = len(np.atleast_1d(given)) if given is not None else len(operator.attributes.get("axes", []))
        added = shapes.axes_of(operator, given, len(before) + count) or []
        left = iter(before)
        sizes = [1 if at in added else next(left) for at in range(len(before) + count)]
    return shapes.renamed_axes(operator, tensor, sizes)

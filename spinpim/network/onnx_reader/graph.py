"""The graph of an ONNX file as plain data: operators in an order in which they can be computed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader.file import TensorReader, imported_onnx, opset, read_model

PLAIN = ("", "ai.onnx")
QUANTISED = ("qonnx.custom_op.general", "onnx.brevitas")
"""Domain of the operators of QONNX, and the name that it had before."""
ATTRIBUTES: dict[str, type] = {
    **dict.fromkeys(("strides", "dilations", "pads", "kernel_shape", "axes", "perm"), list),
    **dict.fromkeys(("group", "axis", "ceil_mode", "transA", "transB", "training_mode", "allowzero"), int),
    **dict.fromkeys(("signed", "narrow", "block_size", "output_dtype", "to"), int),
    **dict.fromkeys(("alpha", "beta", "epsilon", "min", "max"), float),
    **dict.fromkeys(("auto_pad", "rounding_mode"), str),
}
"""Kinds of those that are read; lists are of whole numbers."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Attributes
    ----------
    kind : str
        Such as "Conv".
    name : str
        Name, or its first output if it has none.
    domain : str
        "" for plain operators.
    inputs, outputs : tuple of str
        Names of tensors; "" for those left out.
    attributes : dict
        Numbers, texts, lists and arrays.
    where : str
        Start of a sentence about it: file, kind and name.
    """

    kind: str
    name: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    where: str

    def input(self, number: int) -> str:
        """Name of an input; "" if there is none."""
        return self.inputs[number] if number < len(self.inputs) else ""


@dataclass(frozen=True, slots=True)
class Graph:
    """What is in a file.

    Attributes
    ----------
    path : Path
        The file.
    opset : int
        Version of the plain operators.
    producer : str
        Program that wrote it.
    operators : tuple of Operator
        Each after those whose outputs it takes.
    constants : dict of arrays
        Initialisers by name.
    input_name, output_name : str
        The image and the scores.
    input_shape : tuple of int
        Batch, channels, height and width of the image.
    uses : Counter
        How often each tensor is taken, the output once.
    """

    path: Path
    opset: int
    producer: str
    operators: tuple[Operator, ...]
    constants: dict[str, NDArray[Any]]
    input_name: str
    output_name: str
    input_shape: tuple[int, int, int, int]
    uses: Counter[str]


def read_graph(path: Path) -> Graph:
    """Graph of a file.

    Raises
    ------
    InputError
        If the file is damaged, or its graph has several inputs or outputs, a cycle, or unknown sizes.
    """
    model = read_model(path)
    tensors = TensorReader(path)
    graph = model.graph
    if graph.sparse_initializer:
        raise InputError(f"{path}: has sparse tensors; export them as dense ones.")
    constants = {one.name: tensors.array(one, one.name) for one in graph.initializer}
    operators = tuple(_operator(path, node, tensors) for node in graph.node)
    # Older files list their constants among the inputs.
    inputs = [value for value in graph.input if value.name not in constants]
    image = _single(path, "input", inputs)
    output = _single(path, "output", list(graph.output)).name
    ordered = _needed(_in_order(path, operators, {image.name, *constants}), output)
    uses = Counter(name for one in ordered for name in one.inputs if name)
    uses[output] += 1
    return Graph(
        path=path,
        opset=opset(path, model),
        producer=f"{model.producer_name} {model.producer_version}".strip(),
        operators=ordered,
        constants=constants,
        input_name=image.name,
        output_name=output,
        input_shape=_image_shape(path, image),
        uses=uses,
    )


def _operator(path: Path, node: Any, tensors: TensorReader) -> Operator:
    outputs = tuple(node.output)
    name = node.name or next((one for one in outputs if one), "")
    domain = "" if node.domain in PLAIN else node.domain
    where = f"{path}: {node.op_type} {name!r}"
    attributes = {one.name: _attribute(where, one, tensors) for one in node.attribute}
    return Operator(node.op_type, name, domain, tuple(node.input), outputs, attributes, where)


def _attribute(where: str, attribute: Any, tensors: TensorReader) -> Any:
    onnx = imported_onnx()
    kinds = onnx.AttributeProto
    if attribute.type == kinds.TENSOR:
        return tensors.array(attribute.t, attribute.t.name or attribute.name)
    if attribute.type in (kinds.INT, kinds.INTS, kinds.FLOAT, kinds.FLOATS, kinds.STRING, kinds.STRINGS):
        value = onnx.helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        plain = list(value) if attribute.type in (kinds.INTS, kinds.FLOATS) else value
        wanted = ATTRIBUTES.get(attribute.name, object)
        if isinstance(plain, wanted) and (wanted is not list or attribute.type == kinds.INTS):
            return plain
    raise InputError(f"{where}: attribute {attribute.name!r} is a graph, or of a kind that it cannot have.")


def _single(path: Path, what: str, values: list[Any]) -> Any:
    if len(values) != 1:
        names = ", ".join(repr(value.name) for value in values[:5])
        raise InputError(
            f"{path}: has {len(values)} {what}s ({names}); a network has one, the "
            f"{'image' if what == 'input' else 'scores'}. Export it without the others."
        )
    return values[0]


def _image_shape(path: Path, value: Any) -> tuple[int, int, int, int]:
    onnx = imported_onnx()
    here = f"{path}: input {value.name!r}"
    kind = value.type.tensor_type
    if kind.elem_type != onnx.TensorProto.FLOAT:
        raise InputError(
            f"{here} must be of 32 bit floating-point numbers, into which pixel_scale and pixel_offset "
            "turn bytes."
        )
    sizes = [int(one.dim_value) if one.HasField("dim_value") else 0 for one in kind.shape.dim]
    if len(sizes) != 4:
        raise InputError(
            f"{here} must have the four axes (batch, channels, height, width); it has {len(sizes)}."
        )
    if sizes[0] not in (0, 1):
        raise InputError(f"{here} has a batch of {sizes[0]}; export with a batch of 1 or a symbolic one.")
    if min(sizes[1:]) < 1 or max(sizes[1:]) > 1 << 16:
        raise InputError(
            f"{here} has the sizes {sizes[1:]} (0: not stated); channels, height and width must be fixed. "
            "Export "
            "with an example image, and only the batch dynamic."
        )
    return 1, sizes[1], sizes[2], sizes[3]


def _in_order(path: Path, operators: tuple[Operator, ...], known: set[str]) -> tuple[Operator, ...]:
    """Operators after those whose outputs they take."""
    makers: dict[str, int] = {}
    for number, one in enumerate(operators):
        for name in filter(None, one.outputs):
            if name in makers or name in known:
                raise InputError(f"{one.where}: its output {name!r} has the name of another tensor.")
            makers[name] = number
    waiting: list[set[int]] = []
    takers: list[list[int]] = [[] for _ in operators]
    for number, one in enumerate(operators):
        for name in filter(None, one.inputs):
            if name not in makers and name not in known:
                raise InputError(f"{one.where} takes {name!r}, which nothing in the file gives.")
        waiting.append({makers[name] for name in one.inputs if name in makers})
        for maker in waiting[-1]:
            takers[maker].append(number)
    ready = [number for number, needed in enumerate(waiting) if not needed]
    ordered = []
    for number in ready:
        ordered.append(operators[number])
        for taker in takers[number]:
            waiting[taker].discard(number)
            if not waiting[taker]:
                ready.append(taker)
    if len(ordered) < len(operators):
        stuck = next(one for number, one in enumerate(operators) if waiting[number])
        raise InputError(f"{stuck.where} lies on a cycle: it waits for its own output.")
    return tuple(ordered)


def _needed(operators: tuple[Operator, ...], output: str) -> tuple[Operator, ...]:
    """Operators on which the output depends."""
    wanted, kept = {output}, []
    for one in reversed(operators):
        if wanted & set(one.outputs):
            wanted |= set(one.inputs)
            kept.append(one)
    return tuple(reversed(kept))

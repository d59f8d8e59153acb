"""The JSON header of a network file: what it may say, and how nodes are written into it and read from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from spinpim.errors import InputError
from spinpim.network.checks import LONGEST_NAME, MAXIMUM_NODES
from spinpim.network.joins import Add, Pool
from spinpim.network.layers import Layer
from spinpim.network.model import Node
from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Affine, Quantiser, Thresholds
from spinpim.network.single_precision import MAXIMUM_STEPS, SinglePrecision
from spinpim.network.window import Window

SCHEMA = "spinpim-network/2"

Arrays = Mapping[str, NDArray[Any]]
Size = Annotated[int, Field(ge=0, le=1 << 20)]
Whole = Annotated[int, Field(ge=-(1 << 20), le=1 << 20)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Limit = Annotated[float, Field(allow_inf_nan=False)] | Literal["none"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CodingHeader(_Part):
    """Name and digits of a coding."""

    name: Name
    bits: Size

    def read(self) -> BitCoding:
        """Return the coding."""
        return BitCoding(self.name, self.bits)


class WindowHeader(_Part):
    """The numbers of a window."""

    kernel: Annotated[list[Size], Field(min_length=2, max_length=2)]
    stride: Annotated[list[Size], Field(min_length=2, max_length=2)]
    padding: Annotated[list[Size], Field(min_length=4, max_length=4)]
    dilation: Annotated[list[Size], Field(min_length=2, max_length=2)]

    def read(self) -> Window:
        """Return the window."""
        return Window(*(tuple(numbers) for numbers in self.model_dump().values()))


class QuantiserHeader(_Part):
    """What of a quantiser is no array."""

    kind: Literal["affine", "thresholds", "single"]
    coding: CodingHeader | None
    lowest: Limit
    highest: Limit
    operations: Annotated[list[Name], Field(max_length=MAXIMUM_STEPS)] = []

    def read(self, arrays: Arrays, prefix: str) -> Quantiser:
        """Return the quantiser with the arrays whose names begin so."""
        coding = None if self.coding is None else self.coding.read()
        if self.kind == "affine":
            low, high = (math.nan if limit == "none" else limit for limit in (self.lowest, self.highest))
            return Affine(arrays[f"{prefix}.scale"], arrays[f"{prefix}.offset"], coding, low, high)
        if self.kind == "single":
            names = ("unit", "shift", "constants")
            unit, shift, constants = (arrays[f"{prefix}.{name}"] for name in names)
            return SinglePrecision(unit, shift, tuple(self.operations), constants, coding)
        if coding is None or self.lowest == "none" or not self.lowest.is_integer() or self.highest != "none":
            raise InputError(f"{prefix}: thresholds need a coding, a whole lowest level and no highest one.")
        return Thresholds(
            arrays[f"{prefix}.thresholds"], arrays[f"{prefix}.directions"], coding, int(self.lowest)
        )


class LayerHeader(_Part):
    """What of a layer is no array."""

    type: Literal["layer"]
    kind: Name
    name: Name
    in_channels: Size
    out_channels: Size
    groups: Annotated[int, Field(ge=1, le=1 << 20)]
    weight_coding: CodingHeader
    input_coding: CodingHeader
    input_zero: Whole
    window: WindowHeader
    inputs: list[Name]
    quantiser: QuantiserHeader

    def array_names(self) -> set[str]:
        """Names of the arrays that belong to the node, without its prefix."""
        return {"planes"} | _quantiser_arrays(self.quantiser)

    def read(self, arrays: Arrays, prefix: str) -> Layer:
        """Return the layer with the arrays whose names begin so."""
        coding, window = self.weight_coding.read(), self.window.read()
        fan_in = math.prod(window.kernel) * (self.in_channels // self.groups)
        packed = arrays[f"{prefix}.planes"]
        shape = (coding.bits, self.out_channels, -(-fan_in // 8))
        if packed.dtype != np.uint8 or packed.shape != shape:
            raise InputError(
                f"{prefix}.planes must be uint8 of shape {shape}; got {packed.dtype} of shape {packed.shape}."
            )
        planes = np.unpackbits(packed, axis=-1, count=fan_in)
        weights = np.left_shift(1, np.arange(coding.bits, dtype=np.uint8))
        return Layer(
            kind=self.kind,
            name=self.name,
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            weight_coding=coding,
            input_coding=self.input_coding.read(),
            weight_codes=np.einsum("j,jok->ok", weights, planes, dtype=np.uint8),
            quantiser=self.quantiser.read(arrays, prefix),
            window=window,
            groups=self.groups,
            input_zero=self.input_zero,
            inputs=tuple(self.inputs),
        )


class PoolHeader(_Part):
    """What of a pooling is no array."""

    type: Literal["pool"]
    kind: Name
    name: Name
    window: WindowHeader
    inputs: list[Name]
    quantiser: QuantiserHeader | None

    def array_names(self) -> set[str]:
        """Names of the arrays that belong to the node, without its prefix."""
        return set() if self.quantiser is None else _quantiser_arrays(self.quantiser)

    def read(self, arrays: Arrays, prefix: str) -> Pool:
        """Return the pooling with the arrays whose names begin so."""
        quantiser = None if self.quantiser is None else _line_or_steps(self.quantiser, arrays, prefix)
        return Pool(self.kind, self.name, self.window.read(), quantiser, tuple(self.inputs))


class AddHeader(_Part):
    """What of a sum is no array."""

    type: Literal["add"]
    name: Name
    inputs: list[Name]
    factors: list[float]
    quantiser: QuantiserHeader

    def array_names(self) -> set[str]:
        """Names of the arrays that belong to the node, without its prefix."""
        return _quantiser_arrays(self.quantiser)

    def read(self, arrays: Arrays, prefix: str) -> Add:
        """Return the sum with the arrays whose names begin so."""
        return Add(
            self.name, tuple(self.inputs), tuple(self.factors), _line_or_steps(self.quantiser, arrays, prefix)
        )


NodeHeader = Annotated[LayerHeader | PoolHeader | AddHeader, Field(discriminator="type")]


class Header(_Part):
    """The whole header."""

    schema_: Literal["spinpim-network/2"] = Field(alias="schema")
    name: str
    title: str
    input_shape: Annotated[list[Size], Field(min_length=3, max_length=3)]
    input_coding: CodingHeader
    nodes: Annotated[list[NodeHeader], Field(min_length=1, max_length=MAXIMUM_NODES)]
    training: dict[str, Any]


def node_parts(node: Node) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header entry and arrays of a node."""
    entry: dict[str, Any] = {"name": node.name, "inputs": list(node.inputs)}
    arrays: dict[str, NDArray[Any]] = {}
    entry["quantiser"] = None if node.quantiser is None else _quantiser_entry(node.quantiser, arrays)
    if isinstance(node, Add):
        return entry | {"type": "add", "factors": [float(factor) for factor in node.factors]}, arrays
    window = {name: list(getattr(node.window, name)) for name in WindowHeader.model_fields}
    entry |= {"kind": node.kind, "window": window}
    if isinstance(node, Pool):
        return entry | {"type": "pool"}, arrays
    arrays["planes"] = np.packbits(node.weight_coding.planes(node.weight_codes), axis=-1)
    plain = ("in_channels", "out_channels", "groups", "input_zero")
    entry |= {name: int(getattr(node, name)) for name in plain}
    entry |= {name: coding_entry(getattr(node, name)) for name in ("weight_coding", "input_coding")}
    return entry | {"type": "layer"}, arrays


def coding_entry(coding: BitCoding) -> dict[str, Any]:
    """Header entry of a coding."""
    return {"name": coding.name, "bits": int(coding.bits)}


def _quantiser_entry(quantiser: Quantiser, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    coding = None if quantiser.coding is None else coding_entry(quantiser.coding)
    if isinstance(quantiser, Thresholds):
        arrays |= {"thresholds": quantiser.thresholds, "directions": quantiser.directions}
        return {"kind": "thresholds", "coding": coding, "lowest": float(quantiser.lowest), "highest": "none"}
    if isinstance(quantiser, SinglePrecision):
        arrays |= {name: getattr(quantiser, name) for name in ("unit", "shift", "constants")}
        entry = {"kind": "single", "coding": coding, "lowest": "none", "highest": "none"}
        return entry | {"operations": list(quantiser.operations)}
    arrays |= {"scale": quantiser.scale, "offset": quantiser.offset}
    limits = {
        name: float(value) if math.isfinite(value) else "none"
        for name, value in (("lowest", quantiser.lowest), ("highest", quantiser.highest))
    }
    return {"kind": "affine", "coding": coding, **limits}


def _quantiser_arrays(header: QuantiserHeader) -> set[str]:
    if header.kind == "single":
        return {"unit", "shift", "constants"}
    return {"scale", "offset"} if header.kind == "affine" else {"thresholds", "directions"}


def _line_or_steps(header: QuantiserHeader, arrays: Arrays, prefix: str) -> Affine | SinglePrecision:
    quantiser = header.read(arrays, prefix)
    if isinstance(quantiser, Thresholds):
        raise InputError(f"{prefix}: only layers have thresholds.")
    return quantiser

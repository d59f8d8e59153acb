"""Makes the nodes of a network out of tensors whose rounding has become known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.checks import IMAGE, LONGEST_NAME
from spinpim.network.joins import Add, Pool
from spinpim.network.layers import Layer
from spinpim.network.model import Node
from spinpim.network.onnx_reader.graph import Operator
from spinpim.network.onnx_reader.rounding import Rounding, coding_of
from spinpim.network.onnx_reader.settle import settled, settled_pairs
from spinpim.network.onnx_reader.values import (
    Codes,
    Dot,
    Image,
    Join,
    Mean,
    Pending,
    Reals,
    Step,
    as_steps,
)
from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Affine, Quantiser, as_codes
from spinpim.network.single_precision import SinglePrecision
from spinpim.network.window import Window


class Builder:
    """Nodes made so far.

    Attributes
    ----------
    pixels : array of float32, shape (values, channels)
        Real number of each byte of the image.
    nodes : list of Layer, Pool or Add
        In the order of computation.
    input_table, input_coding : array of uint8, BitCoding
        Of the image, once its quantiser has been found.
    """

    def __init__(self, pixels: NDArray[np.float32]) -> None:
        """Begin without nodes."""
        self.pixels = pixels
        self.nodes: list[Node] = []
        self.input_table: NDArray[np.uint8] | None = None
        self.input_coding: BitCoding | None = None
        self._names = {IMAGE}
        self._dequantised: dict[tuple[str, int, bytes], Reals] = {}

    def code(self, operator: Operator, pending: Pending, rounding: Rounding) -> Codes:
        """Node whose codes are the levels of the pending steps; they have no scale yet.

        Raises
        ------
        InputError
            If the codes need more than eight bits, or the parts of the node do not fit together.
        """
        coding = coding_of(operator.where, rounding.low, rounding.high, bipolar=rounding.bipolar)
        try:
            node = self._coded(operator, pending, coding)
            for name, window in pending.maxima:
                node = self._append(Pool("max", self._unique(name), window, inputs=(node,)))
        except InputError as error:
            raise InputError(f"{operator.where}: {error}") from None
        return Codes(node, pending.shape, coding, None, 0, pending.flat)

    def real(self, operator: Operator, pending: Pending) -> Reals:
        """Node that hands on the real numbers of the pending steps.

        Raises
        ------
        InputError
            If they are those of the image, or the parts of the node do not fit together.
        """
        source = pending.source
        if isinstance(source, Image):
            raise InputError(
                f"{operator.where} takes the image before it is quantised. Put a Quant or QuantizeLinear "
                "right "
                "after the input, and let all else take what that gives."
            )
        try:
            if isinstance(source, Mean) and source.window == Window() and not pending.steps:
                made = self._reals_of(source.of)
                node = made.node
            elif isinstance(source, Join):
                node = self._joined(pending, self._steps(pending, None))
            else:
                node = self._quantised(pending, self._steps(pending, None))
            for name, window in pending.maxima:
                node = self._append(Pool("max", self._unique(name), window, inputs=(node,)))
        except InputError as error:
            raise InputError(f"{operator.where}: {error}") from None
        return Reals(node, pending.shape, pending.flat)

    def largest(self, operator: Operator, of: Codes | Reals, window: Window) -> str:
        """Node of the largest value of each window."""
        return self._append(Pool("max", self._unique(operator.name), window, inputs=(of.node,)))

    def _coded(self, operator: Operator, pending: Pending, coding: BitCoding) -> str:
        source = pending.source
        if isinstance(source, Image):
            return self._code_image(operator, pending, coding)
        steps = self._steps(pending, coding)
        if isinstance(source, Join):
            return self._joined(pending, steps)
        if isinstance(source, Dot):
            line, thresholds = settled(steps, source.lowest, source.highest)
            return self._quantised(pending, line or thresholds)
        if isinstance(source.of, Reals):
            return self._quantised(pending, steps)
        count = source.window.kernel[0] * source.window.kernel[1]
        levels = source.of.coding.decode(np.arange(1 << source.of.coding.bits))
        channels = np.ones(steps.channels, np.int64)
        line, _ = settled(steps, count * levels.min() * channels, count * levels.max() * channels)
        if count == 1 and coding == source.of.coding and not pending.maxima:
            every = np.arange(len(levels), dtype=np.uint8)[:, np.newaxis]
            if np.all(steps.codes(levels[:, np.newaxis] * channels) == every):
                return source.of.node
        return self._quantised(pending, line or steps)

    def _code_image(self, operator: Operator, pending: Pending, coding: BitCoding) -> str:
        if pending.maxima:
            raise InputError("the image is pooled before it is quantised; quantise it first.")
        if self.input_table is not None:
            raise InputError("the image is quantised a second time; quantise it once.")
        ones = np.ones(self.pixels.shape[1])
        steps = as_steps(pending.steps, ones, 0.0 * ones, coding)
        self.input_coding = coding
        self.input_table = as_codes(steps.reals(self.pixels), coding)
        return IMAGE

    def _steps(self, pending: Pending, coding: BitCoding | None) -> SinglePrecision:
        """Steps on the sums of the source."""
        channels, source = pending.shape[2], pending.source
        ones = np.ones(channels)
        unit, shift = ones, 0.0 * ones
        if isinstance(source, Dot):
            unit = source.unit
        elif isinstance(source, Mean) and isinstance(source.of, Codes):
            count = source.window.kernel[0] * source.window.kernel[1]
            unit, shift = source.of.reals, shift + count * source.of.zero
        return as_steps(pending.steps, np.ascontiguousarray(unit), shift, coding)

    def _quantised(self, pending: Pending, quantiser: Quantiser) -> str:
        """Layer or sum of windows with its quantiser."""
        source, name = pending.source, self._unique(pending.name)
        if isinstance(source, Dot):
            return self._append(Layer(**source.layer, name=name, quantiser=quantiser))
        assert isinstance(source, Mean)
        assert isinstance(quantiser, Affine | SinglePrecision)
        return self._append(Pool("average", name, source.window, quantiser, (source.of.node,)))

    def _joined(self, pending: Pending, steps: SinglePrecision) -> str:
        """Sum of two branches; of their codes where that gives the same codes."""
        source, name = pending.source, self._unique(pending.name)
        assert isinstance(source, Join)
        one, other = source.of
        if isinstance(one, Codes) and isinstance(other, Codes) and steps.coding is not None:
            scales = [np.unique(branch.reals) for branch in (one, other)]
            if scales[0].size == scales[1].size == 1:
                pair = (float(scales[0][0]), float(scales[1][0]))
                found = settled_pairs(steps, pair, (one.zero, other.zero), (one.coding, other.coding))
                if found is not None:
                    return self._append(Add(name, (one.node, other.node), *found))
        nodes = (self._reals_of(one).node, self._reals_of(other).node)
        return self._append(Add(name, nodes, (1.0, 1.0), steps))

    def _reals_of(self, value: Codes | Reals) -> Reals:
        """Real numbers of codes, by a node of their own."""
        if isinstance(value, Reals):
            return value
        key = (value.node, value.zero, value.reals.tobytes())
        if key not in self._dequantised:
            ones = np.ones(value.shape[2])
            steps: tuple[Step, ...] = ()
            line = as_steps(steps, np.ascontiguousarray(value.reals), value.zero * ones, None)
            name = self._unique(f"{value.node}_reals")
            self._append(Pool("average", name, Window(), line, (value.node,)))
            self._dequantised[key] = Reals(name, value.shape, value.flat)
        return self._dequantised[key]

    def _append(self, node: Any) -> str:
        self.nodes.append(node)
        return str(node.name)

    def _unique(self, name: str) -> str:
        """Return a name that no node has yet."""
        short = name[: LONGEST_NAME - 10] or "node"
        tries = itertools.chain([short], (f"{short}_{number}" for number in itertools.count(2)))
        found = next(one for one in tries if one not in self._names)
        self._names.add(found)
        return found

"""What the sub-arrays of a layer answer, operation by operation, and what becomes of their sums.

In a window, the row of ones, if any, is sensed with each activation digit first; then filter after filter,
each weight digit with each activation digit. Filter groups do so side by side, and column groups hold parts
of each sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.mapping import LayerMapping
from spinpim.array.stored import known_constants
from spinpim.network.layers import Layer, im2col
from spinpim.network.quantise import BitCoding
from spinpim.network.reference import handed_on

IntArray = NDArray[np.int64]


class LayerSums:
    """A layer at work on one coded input.

    Attributes
    ----------
    layer, mapping : Layer, LayerMapping
        What is computed and how it lies.
    """

    def __init__(self, layer: Layer, mapping: LayerMapping, codes: NDArray[np.uint8]) -> None:
        """Find what each operation counts; codes have shape (1, height, width, channels)."""
        self.layer, self.mapping = layer, mapping
        self._weights = unit_coefficients(layer.weight_coding)
        self._activations = unit_coefficients(layer.input_coding)
        self._scale = int(abs(layer.weight_coding.coefficients[0] * layer.input_coding.coefficients[0]))
        self._ones_scale = int(layer.weight_coding.constant * abs(layer.input_coding.coefficients[0]))
        self._constants = known_constants(layer)
        groups = range(mapping.filter_groups)
        self._filters = [range(*mapping.group_filters(group)) for group in groups]
        self._channels = [mapping.group_channels(group) for group in groups]
        self._counts, self._ones = self._count(codes)

    @property
    def ones_operations(self) -> int:
        """Operations of a window on the row of ones."""
        return self.mapping.activation_bits * self.mapping.corrected

    @property
    def operations_per_filter(self) -> int:
        """Operations of a window on the rows of a filter."""
        return self.mapping.weight_bits * self.mapping.activation_bits

    @property
    def operations_per_window(self) -> int:
        """Operations of a window."""
        return self.ones_operations + self.mapping.filters_per_group * self.operations_per_filter

    @property
    def operations(self) -> int:
        """Operations of the layer."""
        return self.mapping.windows * self.operations_per_window

    def no_sums(self) -> tuple[IntArray, IntArray]:
        """Sums of filter groups and of rows of ones, by column group, before anything is sensed."""
        columns = self.mapping.column_groups
        ones = self.mapping.channel_groups if self.mapping.corrected else 0
        return np.zeros((self.mapping.filter_groups, columns), np.int64), np.zeros((ones, columns), np.int64)

    def advance(self, start: int, stop: int, sums: tuple[IntArray, IntArray], handed: IntArray) -> None:
        """Do operations: ``sums`` change, and ``handed``, (windows, filters), gains what is complete."""
        place = start
        while place < stop:
            window, within = divmod(place, self.operations_per_window)
            last = min(stop - place + within, self.operations_per_window)
            self._in_window(window, within, last, sums, handed)
            place += last - within

    def _in_window(
        self, window: int, start: int, stop: int, sums: tuple[IntArray, IntArray], handed: IntArray
    ) -> None:
        """Operations ``start`` to ``stop`` of a window."""
        filter_sums, ones_sums = sums
        ones, each = self.ones_operations, self.operations_per_filter
        if start == 0:
            ones_sums[:] = 0
        if start < ones:
            digits = slice(start, min(stop, ones))
            ones_sums += np.einsum("m,mgc->gc", self._activations[digits], self._ones[window, digits])
        products = np.multiply.outer(self._weights, self._activations).ravel()
        place = max(start, ones)
        done: list[int] = []
        dots = np.zeros(self.mapping.filters, np.int64)
        while place < stop:
            number, within = divmod(place - ones, each)
            last = min(stop - place + within, each)
            if within == 0:
                filter_sums[:] = 0
            for group, filters in enumerate(self._filters):
                if number < len(filters):
                    counts = self._counts[window, filters[number], within:last]
                    filter_sums[group] += products[within:last] @ counts
                    if last == each:
                        dots[filters[number]] = self._dot(group, filters[number], filter_sums, ones_sums)
                        done.append(filters[number])
            place += last - within
        if done:
            handed[window, done] = self.values(dots[np.newaxis])[0, done]

    def _dot(self, group: int, number: int, filter_sums: IntArray, ones_sums: IntArray) -> int:
        total = self._scale * int(filter_sums[group].sum()) + int(self._constants[number])
        if self.mapping.corrected:
            total += self._ones_scale * int(ones_sums[self._channels[group]].sum())
        return total

    def values(self, dots: IntArray) -> IntArray:
        """What is handed on, as whole numbers: codes, or dot products where it is real numbers."""
        if self.layer.quantiser.coding is None:
            return dots
        return handed_on(dots, self.layer.quantiser).astype(np.int64)

    def _count(self, codes: NDArray[np.uint8]) -> tuple[IntArray, IntArray]:
        """Ones of each AND: (windows, filters, pairs of digits, column groups), and of rows of ones."""
        layer, mapping = self.layer, self.mapping
        digits = mapping.activation_bits
        counts = np.empty(
            (mapping.windows, mapping.filters, self.operations_per_filter, mapping.column_groups), np.int64
        )
        ones = np.empty((mapping.windows, digits, layer.groups, mapping.column_groups), np.int64)
        for channels in range(layer.groups):
            seen = layer.input_coding.planes(im2col(codes, layer, channels)[0]).astype(np.int64)
            filters = layer.filters_of(channels)
            rows = layer.weight_coding.planes(layer.weight_codes[filters]).astype(np.int64)
            for group in range(mapping.column_groups):
                part = slice(group * mapping.columns, (group + 1) * mapping.columns)
                pairs = np.einsum("mwk,nfk->wfnm", seen[..., part], rows[..., part], optimize=True)
                counts[:, filters, :, group] = pairs.reshape(*pairs.shape[:2], -1)
                ones[:, :, channels, group] = seen[..., part].sum(axis=2).T
        return counts, ones


def unit_coefficients(coding: BitCoding) -> IntArray:
    """What each digit counts, in units of the lowest one."""
    found: IntArray = coding.coefficients // abs(int(coding.coefficients[0]))
    return found


def outputs_of(layer: Layer, handed: IntArray, shape: tuple[int, int, int]) -> NDArray[Any]:
    """Codes or real numbers of a layer, shape (1, height, width, channels), from what is handed on."""
    if layer.quantiser.coding is None:
        return np.asarray(handed_on(handed, layer.quantiser)).reshape(1, *shape)
    return handed.astype(np.uint8).reshape(1, *shape)

"""What layers have handed on of an image: numbers, and digits in the order in which they are complete."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.replay.records import Digits, from_digits, to_digits
from spinpim.array.intermittency.work import Work, output_digits
from spinpim.array.mapping import LayerMapping
from spinpim.network.layers import Layer

GARBAGE = -987_654_321
"""What volatile memory holds after a cut."""

IntArray = NDArray[np.int64]


class HandedOn:
    """Numbers that layers hand on, in volatile memory.

    Attributes
    ----------
    values : list of arrays of int64, shape (windows, filters)
        Codes, or dot products where a layer hands on real numbers.
    """

    def __init__(self, layers: tuple[Layer, ...], mappings: tuple[LayerMapping, ...], work: Work) -> None:
        """Hold garbage."""
        self._mappings = mappings
        self._window_operations = [phase.operations_per_window for phase in work.phases]
        self._first: list[int] = [0]
        self._first_digit: list[int] = [0]
        for phase in work.phases:
            self._first.append(self._first[-1] + phase.operations)
            self._first_digit.append(self._first_digit[-1] + phase.output_bits)
        self._places = [output_digits(layer) for layer in layers]
        self._real = [layer.quantiser.coding is None for layer in layers]
        self._orders = [order_of(mapping) for mapping in mappings]
        self.forget()

    def forget(self) -> None:
        """Hold garbage."""
        self.values = [np.full((one.windows, one.filters), GARBAGE, np.int64) for one in self._mappings]

    @property
    def operations(self) -> int:
        """Operations of an image."""
        return self._first[-1]

    @property
    def all_digits(self) -> int:
        """Digits of an image."""
        return self._first_digit[-1]

    def layer_of(self, operation: int) -> tuple[int, int]:
        """Layer that an operation belongs to, and its number there."""
        number = int(np.searchsorted(self._first, operation, side="right")) - 1
        return number, operation - self._first[number]

    def operation_of(self, number: int, done: int) -> int:
        """Number in the image of an operation of a layer."""
        return self._first[number] + done

    def digits_of(self, number: int) -> tuple[int, int]:
        """Where the digits of a layer begin, and where they end."""
        return self._first_digit[number], self._first_digit[number + 1]

    def digits_at(self, operation: int) -> int:
        """Digits that are complete when so many operations of the image are done."""
        if operation >= self.operations:
            return self.all_digits
        number, done = self.layer_of(operation)
        window, within = divmod(done, self._window_operations[number])
        complete = window * self._mappings[number].filters + complete_in_window(
            self._mappings[number], within
        )
        return self._first_digit[number] + complete * self._places[number]

    def digits(self, stop: int) -> Digits:
        """The first digits of the image."""
        parts = []
        for number, places in enumerate(self._places):
            count = min(stop, self._first_digit[number + 1]) - self._first_digit[number]
            if count > 0:
                in_order = self.values[number][:, self._orders[number]].ravel()
                parts.append(to_digits(in_order[: count // places], places))
        return np.concatenate(parts) if parts else np.zeros(0, np.uint8)

    def load(self, digits: Digits) -> None:
        """Take the first digits of the image from cells."""
        for number, places in enumerate(self._places):
            first, order = self._first_digit[number], self._orders[number]
            known = digits[first : self._first_digit[number + 1]]
            if known.size:
                flat = np.full(self.values[number].size, GARBAGE, np.int64)
                numbers = from_digits(known, places, signed=self._real[number])
                flat[: numbers.size] = numbers
                self.values[number][:, order] = flat.reshape(-1, order.size)


def complete_in_window(mapping: LayerMapping, operations: int) -> int:
    """Sums of a window that are complete after so many of its operations."""
    each = mapping.weight_bits * mapping.activation_bits
    places = max(0, operations - mapping.activation_bits * mapping.corrected) // each
    groups = (mapping.group_filters(group) for group in range(mapping.filter_groups))
    return sum(min(places, stop - first) for first, stop in groups)


def order_of(mapping: LayerMapping) -> IntArray:
    """Filters in the order in which they are complete in a window: the first of each group, and so on."""
    groups = [range(*mapping.group_filters(group)) for group in range(mapping.filter_groups)]
    places = range(mapping.filters_per_group)
    return np.array([group[place] for place in places for group in groups if place < len(group)], np.int64)

"""Layers as the memory computes them: packed digits, row by row, with the errors of a machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.flips import flip_reads, flip_writes
from spinpim.array.forward import sums_handed_on
from spinpim.array.machine import Machine
from spinpim.array.stored import StoredLayer, StoredRows, dot_products, empty_totals, sense_rows
from spinpim.array.windows import pack_windows, padded, plan_windows, slice_codes
from spinpim.network.layers import Layer

BLOCK_BYTES = 1 << 19
"""Packed windows that all rows pass over together: a part of the second-level cache."""

AND, CORRECTION, READ_FLIPS, WRITE_FLIPS = range(4)
"""Places in the counts of what was done."""


class BitPath:
    """What computes the layers of a network in the memory.

    Attributes
    ----------
    machine : Machine
        Stored rows and errors.
    first_image : int
        Number of the first image of the next call in its set; addresses the draws.
    counts : array of int64, shape (4,)
        ANDs, ANDs with all-ones rows, answers flipped by noise, digits written wrongly, so far.
    """

    def __init__(self, machine: Machine) -> None:
        """Begin at image 0."""
        self.machine = machine
        self.first_image = 0
        self.counts = np.zeros(4, np.int64)

    def __call__(self, number: int, layer: Layer, codes: NDArray[np.uint8]) -> NDArray[Any]:
        """Give what a layer hands on for coded images."""
        images = padded(codes, layer)
        rows, columns = layer.positions(*codes.shape[1:3])
        words = layer.groups * -(-layer.fan_in // 64) * layer.input_coding.bits
        block = max(1, BLOCK_BYTES // (8 * words * rows * columns))
        parts = [
            self._block_output(number, layer, images[start : start + block], start)
            for start in range(0, max(1, len(images)), block)
        ]
        outputs = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return outputs.reshape(len(codes), rows, columns, layer.out_channels)

    def _block_output(self, number: int, layer: Layer, images: NDArray[np.uint8], start: int) -> NDArray[Any]:
        """Give what a layer hands on for some images, shape (vectors, channels)."""
        bits, stored = layer.input_coding.bits, self.machine.layers[number]
        height, width = images.shape[1:3]
        streams = slice_codes(images.reshape(len(images), height, -1), bits)
        plans = [plan_windows(layer, height, width, group) for group in range(layer.groups)]
        positions = plans[0].rows * plans[0].columns
        vectors = len(images) * positions
        totals = empty_totals(stored, vectors)
        packed = np.empty((bits, plans[0].words, vectors), np.uint64)
        present = -1
        for group, keys in zip(stored.groups, self.machine.keys[number], strict=True):
            if group.channels != present:
                present, plan = group.channels, plans[group.channels]
                pack_windows(
                    streams,
                    plan.pieces,
                    plan.bits_per_step,
                    plan.rows_per_step,
                    plan.rows,
                    plan.columns,
                    packed,
                )
            self._sense(stored, group, packed, keys, (positions, self.first_image + start), totals)
        return sums_handed_on(dot_products(stored, totals), layer.quantiser, by_channel=True)

    def _sense(
        self,
        layer: StoredLayer,
        group: StoredRows,
        activations: NDArray[np.uint64],
        keys: tuple[Any, Any],
        place: tuple[int, int],
        totals: NDArray[np.int64],
    ) -> None:
        """Write the activation digits of a filter group, sense all its rows, add the noise of this access."""
        write_key, read_key = keys
        if self.machine.write_error > 0.0:
            # Each group keeps its own copy of the digits, whose writes fail independently.
            activations = activations.copy()
            self.counts[WRITE_FLIPS] += flip_writes(
                activations, layer.elements, self.machine.write_error, *place, write_key
            )
        sense_rows(group, activations, layer.input_coding, totals)
        if group.noisy:
            self.counts[READ_FLIPS] += flip_reads(
                activations,
                group.stored,
                group.zero_answers,
                group.plus,
                group.minus,
                group.outputs,
                group.coefficients,
                layer.input_coding.coefficients,
                group.flip_rates,
                *place,
                read_key,
                totals,
            )
        pairs = activations.shape[0] * activations.shape[2] * layer.elements
        corrections = int(np.count_nonzero(group.outputs >= layer.filters))
        self.counts[AND] += pairs * (len(group.outputs) - corrections)
        self.counts[CORRECTION] += pairs * corrections

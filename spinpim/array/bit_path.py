"""Layers as the memory computes them: packed digits, row by row, with the errors of a machine."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.flips import flip_reads, flip_writes
from spinpim.array.forward import sums_handed_on
from spinpim.array.losses import flipped
from spinpim.array.machine import Machine
from spinpim.array.stored import StoredLayer, StoredRows, dot_products, empty_totals, sense_rows
from spinpim.array.windows import WindowPlan, pack_windows, padded, plan_windows, slice_codes
from spinpim.array.words import judge_words
from spinpim.network.layers import Layer

BLOCK_BYTES = 1 << 19
"""Packed windows that all rows pass over together: a part of the second-level cache."""

AND, CORRECTION, READ_FLIPS, REREADS, REREAD_PAIRS, CORRECTED, WRONG, WORDS, WRITE_FLIPS = range(9)
"""Places in the counts of what was done."""
COUNTS = 9


class BitPath:
    """What computes the layers of a network in the memory.

    Attributes
    ----------
    machine : Machine
        Stored rows and errors.
    first_image : int
        Number of the first image of the next call in its set, never below that of the call before; addresses
        the draws.
    counts : array of int64, shape (9,)
        ANDs, ANDs with all-ones rows, answers flipped by noise, words sensed again, pairs in them, words put
        right, words handed on wrong, words sensed, digits written wrongly, so far.
    """

    def __init__(self, machine: Machine) -> None:
        """Begin at image 0."""
        self.machine = machine
        self.first_image = 0
        self.counts = np.zeros(COUNTS, np.int64)
        self._rows = [list(layer.groups) for layer in machine.layers]
        self._lost = [[0] * len(layer.groups) for layer in machine.layers]

    def __call__(self, number: int, layer: Layer, codes: NDArray[np.uint8]) -> NDArray[Any]:
        """Give what a layer hands on for coded images."""
        images = padded(codes, layer)
        rows, columns = layer.positions(*codes.shape[1:3])
        height, width = images.shape[1:3]
        plans = [plan_windows(layer, height, width, group) for group in range(layer.groups)]
        bits = layer.input_coding.bits
        streams = slice_codes(images.reshape(len(images), height, -1), bits)
        words = layer.groups * plans[0].words * bits
        block = max(1, BLOCK_BYTES // (8 * words * rows * columns))
        starts = {*range(0, max(1, len(images)), block), *self._changes(number, len(images))}
        parts = [
            self._block_output(number, layer, plans, streams[start:stop], start)
            for start, stop in pairwise([*sorted(starts), len(images)])
        ]
        outputs = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return outputs.reshape(len(codes), rows, columns, layer.out_channels)

    def _changes(self, number: int, images: int) -> list[int]:
        """Images of this call before which a digit of the layer flips."""
        found: set[int] = set()
        for losses in self.machine.layers[number].losses:
            some = slice(losses.before(self.first_image), losses.before(self.first_image + images - 1))
            found.update((losses.images[some] - self.first_image).tolist())
        return sorted(found)

    def _lose(self, number: int, image: int) -> None:
        """Flip the digits of a layer that are lost when an image comes."""
        rows, lost = self._rows[number], self._lost[number]
        for group, losses in enumerate(self.machine.layers[number].losses):
            stop = losses.before(image)
            rows[group], lost[group] = flipped(rows[group], losses, lost[group], stop), stop

    def _block_output(
        self, number: int, layer: Layer, plans: list[WindowPlan], streams: NDArray[np.uint64], start: int
    ) -> NDArray[Any]:
        """Give what a layer hands on for some images, shape (vectors, channels)."""
        bits, stored = layer.input_coding.bits, self.machine.layers[number]
        positions = plans[0].rows * plans[0].columns
        vectors = len(streams) * positions
        totals = empty_totals(stored, vectors)
        packed = np.empty((bits, plans[0].words, vectors), np.uint64)
        present = -1
        self._lose(number, self.first_image + start)
        for place, group in enumerate(self._rows[number]):
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
            self._sense(stored, number, place, packed, (positions, self.first_image + start), totals)
        return sums_handed_on(dot_products(stored, totals), layer.quantiser, by_channel=True)

    def _sense(
        self,
        layer: StoredLayer,
        number: int,
        place: int,
        intended: NDArray[np.uint64],
        where: tuple[int, int],
        totals: NDArray[np.int64],
    ) -> None:
        """Write the activation digits of a filter group, sense all its rows, add the noise of this access."""
        group = self._rows[number][place]
        write_key, read_key = self.machine.keys[number][place]
        written = self._written(layer, place, intended, where, write_key)
        sense_rows(group, written, layer.input_coding, totals)
        operations = written.shape[0] * written.shape[2]
        if layer.words is not None:
            self._judge(layer, group, (written, intended), (*where, read_key), totals)
            self.counts[WORDS] += operations * len(group.outputs) * len(layer.words)
        elif group.noisy:
            self.counts[READ_FLIPS] += flip_reads(
                written,
                group.stored,
                group.zero_answers,
                group.plus,
                group.minus,
                group.outputs,
                group.coefficients,
                layer.input_coding.coefficients,
                group.flip_rates,
                *where,
                read_key,
                totals,
            )
        pairs = operations * layer.elements
        corrections = int(np.count_nonzero(group.outputs >= layer.filters))
        self.counts[AND] += pairs * (len(group.outputs) - corrections)
        self.counts[CORRECTION] += pairs * corrections

    def _written(
        self, layer: StoredLayer, place: int, intended: NDArray[np.uint64], where: tuple[int, int], key: Any
    ) -> NDArray[np.uint64]:
        """Digits in the activation rows of a filter group."""
        stuck = layer.stuck_rows[place] if layer.stuck_rows else None
        if self.machine.write_error == 0.0 and (stuck is None or not len(stuck.cells)):
            return intended
        # Each group keeps its own copy of the digits, whose writes fail independently.
        written = intended.copy()
        self.counts[WRITE_FLIPS] += flip_writes(
            written, layer.elements, self.machine.write_error, *where, key
        )
        if stuck is not None:
            stuck.hold(written, where[0])
        return written

    def _judge(
        self,
        layer: StoredLayer,
        group: StoredRows,
        digits: tuple[NDArray[np.uint64], NDArray[np.uint64]],
        where: tuple[int, int, Any],
        totals: NDArray[np.int64],
    ) -> None:
        """Add the noise of this access and what the code of the words makes of all wrong answers."""
        judge_words(
            *digits,
            group.stored,
            group.zero_answers,
            group.one_answers,
            group.right,
            group.outputs,
            group.coefficients,
            layer.input_coding.coefficients,
            group.flip_rates,
            layer.words,
            self.machine.rereads,
            *where,
            totals,
            self.counts[READ_FLIPS:WORDS],
        )

"""The machine: volatile state, cells, and a program that goes on wherever power left it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.keeping import CHECK_BITS, PLACE_BITS
from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.replay.cells import Cells, Digits, PowerCutError, PowerWarningError
from spinpim.array.intermittency.replay.layer_sums import LayerSums, outputs_of
from spinpim.array.intermittency.replay.records import (
    Place,
    from_digits,
    is_whole,
    place_of,
    record,
    sums_of,
    to_digits,
)
from spinpim.array.intermittency.saving import plan
from spinpim.array.intermittency.work import Work, output_digits
from spinpim.array.ledger import sum_places
from spinpim.array.mapping import LayerMapping
from spinpim.network.checks import IMAGE
from spinpim.network.layers import Layer
from spinpim.network.model import Network
from spinpim.network.reference import node_output

GARBAGE = -987_654_321
"""What volatile memory holds after a cut."""


class Node:
    """A memory that computes images one after the other, whose power may fail at any time.

    Attributes
    ----------
    handed_on : dict of int to array
        Scores of the images that are complete, as they left the machine.
    counts : dict of str to int
        What happened so far.
    """

    def __init__(
        self,
        network: Network,
        mappings: tuple[LayerMapping, ...],
        work: Work,
        policy: Policy,
        codes: NDArray[np.uint8],
        cells: Cells,
    ) -> None:
        """Begin with cells that hold no record, and nothing done."""
        self.network, self.mappings, self.work, self.policy = network, mappings, work, policy
        self.codes, self.cells = codes, cells
        planned = plan(work, policy)
        self._every = [int(step) for step in planned.every]
        self._first = np.concatenate(([0], np.cumsum([phase.operations for phase in work.phases]))).tolist()
        bits = [phase.output_bits for phase in work.phases]
        self._first_digit = np.concatenate(([0], np.cumsum(bits))).tolist()
        self._values: Digits = np.zeros(self._first_digit[-1], np.uint8)
        self._sums_kept = policy.kind in ("operations", "additions", "threshold", "flip_flops")
        self._pairs = policy.kind in ("additions", "flip_flops")
        longest = max(phase.sum_bits for phase in work.phases) if self._sums_kept else 0
        self._slots: list[Digits] = [
            np.zeros((PLACE_BITS + longest + CHECK_BITS) * (1 + self._pairs), np.uint8) for _ in range(2)
        ]
        self._kept = [Place(0, 0), Place(0, 0)]
        self._newest = 0
        self._any_kept = False
        self._known: dict[tuple[int, bytes], LayerSums] = {}
        self.handed_on: dict[int, NDArray[np.float64]] = {}
        self.counts = dict.fromkeys(
            (
                "cuts",
                "restores",
                "operations",
                "saves",
                "saves_cut",
                "saves_wrong",
                "states_lost",
            ),
            0,
        )
        self._forget()

    def run(self) -> None:
        """Work until all images are complete.

        Raises
        ------
        PowerCutError
            When power fails first.
        """
        try:
            self._restore()
            while self._place.image < len(self.codes):
                try:
                    self._go_on()
                except PowerWarningError:
                    self._sleep()
        except PowerCutError:
            self.counts["cuts"] += 1
            self._forget()
            raise

    def _forget(self) -> None:
        """Lose all that is not in cells."""
        self._place = Place(0, 0)
        self._pending: dict[int, NDArray[np.float64]] = {}
        self._handed = [
            np.full((mapping.windows, mapping.filters), GARBAGE, np.int64) for mapping in self.mappings
        ]
        self._sums: tuple[Any, Any] = (np.full(1, GARBAGE), np.full(1, GARBAGE))
        self._layer_sums: LayerSums | None = None

    def _layer_of(self, operation: int) -> tuple[int, int]:
        """Layer that an operation belongs to, and its number there."""
        number = int(np.searchsorted(self._first, operation, side="right")) - 1
        return number, operation - self._first[number]

    def _go_on(self) -> None:
        """Operations to the next save, and that save."""
        number, done = self._layer_of(self._place.operation)
        phase, step = self.work.phases[number], self._every[number]
        if self._layer_sums is None:
            self._enter(number)
        stop = phase.operations if not step else min(phase.operations, (done // step + 1) * step)
        if self.policy.kind == "flip_flops":
            # What is handed on is written at the end of each window.
            stop = min(stop, (done // phase.operations_per_window + 1) * phase.operations_per_window)
        self._operate(number, done, stop)
        ended = self._place.operation == self._first[-1]
        if ended:
            self._end_image()
        elif step and (stop == phase.operations or stop % step == 0):
            self._save()
        elif self.policy.kind == "flip_flops":
            self._write_values()

    def _operate(self, number: int, start: int, stop: int) -> None:
        """Operations of a layer; as many as power lasts for, or until the warning."""
        phase, power = self.work.phases[number], self.cells.power
        told = self.policy.is_warned and power.warned_s < (stop - start) * phase.time_s
        if told:
            # The operation in which the warning comes is finished.
            stop = min(stop, start + max(0, int(power.warned_s // phase.time_s)) + 1)
        needed_s = (stop - start) * phase.time_s
        if power.left_s < needed_s:
            lasting = int(power.left_s // phase.time_s)
            self.counts["operations"] += lasting
        power.spend(needed_s)
        assert self._layer_sums is not None
        self._layer_sums.advance(start, stop, self._sums, self._handed[number])
        self.counts["operations"] += stop - start
        self._place = Place(self._place.image, self._first[number] + stop)
        if stop == phase.operations:
            self._layer_sums = None
        if told:
            raise PowerWarningError

    def _enter(self, number: int) -> None:
        """Make the input of a layer from what earlier layers have handed on, and begin its sums."""
        entering = self._outputs(number)
        key = number, entering.tobytes()
        if key not in self._known:
            self._known[key] = LayerSums(self.network.layers[number], self.mappings[number], entering)
        self._layer_sums = self._known[key]
        if self._layer_of(self._place.operation)[1] == 0:
            self._sums = self._layer_sums.no_sums()

    def _outputs(self, until: int | None) -> NDArray[Any]:
        """Input of a layer, or with None what the last node gives."""
        values: dict[str, NDArray[Any]] = {IMAGE: self.codes[self._place.image][np.newaxis]}
        layers = 0
        for number, node in enumerate(self.network.nodes):
            names = self.network.inputs_of(number)
            if isinstance(node, Layer):
                if layers == until:
                    return values[names[0]]
                shape = self.network.signals[node.name].shape
                values[node.name] = outputs_of(node, self._handed[layers], shape)
                layers += 1
            else:
                codings = [self.network.signals[name].coding for name in names]
                values[node.name] = node_output(node, [values[name] for name in names], codings)
        return values[self.network.nodes[-1].name]

    def _end_image(self) -> None:
        """Keep or hand on the scores of an image; the next one begins."""
        self._pending[self._place.image] = self._outputs(None).reshape(-1).astype(np.float64)
        finished = self._place
        self._place = Place(finished.image + 1, 0)
        self._layer_sums = None
        first = min(self._pending)
        last = self._place.image == len(self.codes)
        if self.policy.kind == "images" and self._place.image - first < (self.policy.every or 1) and not last:
            return
        if self.policy.kind != "volatile":
            self._save(finished)
        self.handed_on |= self._pending
        self._pending = {}

    def _sleep(self) -> None:
        """Save upon a warning and wait until power has failed.

        Raises
        ------
        PowerCutError
            Always.
        """
        if self._place.operation == self._first[-1]:
            self._end_image()
        else:
            self._save()
        self.cells.power.spend(np.inf)

    def _digits_at(self, place: Place) -> int:
        """Digits handed on of an image up to a place."""
        if place.operation >= self._first[-1]:
            return self._first_digit[-1]
        number, done = self._layer_of(place.operation)
        layer, mapping = self.network.layers[number], self.mappings[number]
        window, within = divmod(done, self.work.phases[number].operations_per_window)
        each = mapping.weight_bits * mapping.activation_bits
        places = max(0, within - mapping.activation_bits * mapping.corrected) // each
        groups = [mapping.group_filters(group) for group in range(mapping.filter_groups)]
        complete = window * mapping.filters + sum(min(places, stop - first) for first, stop in groups)
        return self._first_digit[number] + complete * output_digits(layer)

    def _live_digits(self, stop: int) -> Digits:
        """Digits handed on of this image, in the order of their cells."""
        parts = []
        for number, layer in enumerate(self.network.layers):
            count = min(stop, self._first_digit[number + 1]) - self._first_digit[number]
            if count > 0:
                places = output_digits(layer)
                in_order = self._handed[number][:, self._order(number)].ravel()
                parts.append(to_digits(in_order[: count // places], places))
        return np.concatenate(parts) if parts else np.zeros(0, np.uint8)

    def _order(self, number: int) -> NDArray[np.int64]:
        """Filters of a layer in the order in which they are complete."""
        mapping = self.mappings[number]
        groups = [range(*mapping.group_filters(group)) for group in range(mapping.filter_groups)]
        longest = mapping.filters_per_group
        return np.array([one[place] for place in range(longest) for one in groups if place < len(one)])

    def _write_values(self, place: Place | None = None) -> Digits:
        """Write what was handed on since the newest record; all digits handed on."""
        here = self._place if place is None else place
        live = self._live_digits(self._digits_at(here))
        kept = self._kept[self._newest]
        start = self._digits_at(kept) if self._any_kept and kept.image == here.image else 0
        if self.policy.kind != "images":
            self.cells.write(self._values[start : live.size], live[start:])
        return live

    def _save(self, finished: Place | None = None) -> None:
        """Write what is new, then the record in place of the older of two."""
        try:
            live = self._write_values(finished)
            if finished is not None:
                # The next image counts on nothing yet.
                live = live[:0]
            digits = record(self._place, self._sum_digits(), live)
            slot = self._slots[1 - self._newest]
            if self._pairs:
                self.cells.write(slot, np.tile(digits, 2), at_once=True)
            else:
                self.cells.write(slot, digits)
        except PowerCutError:
            self.counts["saves_cut"] += 1
            raise
        self.counts["saves"] += 1
        self._newest = 1 - self._newest
        self._kept[self._newest] = self._place
        self._any_kept = True

    def _sum_digits(self) -> Digits:
        """Digits of all sums, and zeros up to the length of a record."""
        room = self._slots[0].size // (1 + self._pairs) - PLACE_BITS - CHECK_BITS
        result = np.zeros(room, np.uint8)
        if self._sums_kept and self._layer_sums is not None:
            number, _ = self._layer_of(self._place.operation)
            flat = np.concatenate([part.ravel() for part in self._sums])
            digits = to_digits(flat, sum_places(self.mappings[number]))
            result[: digits.size] = digits
        return result

    def _restore(self) -> None:
        """Go on from the newest record that is whole; from the image that is due, if none is."""
        if not self._any_kept or self.policy.kind == "images":
            self._place = Place(len(self.handed_on), 0)
            return
        places = [place_of(slot) for slot in self._slots]
        rows = -(-(self._slots[0].size * 2 + self._values.size) // self.work.keeping.columns)  # type: ignore[union-attr]
        self.cells.read(rows)
        for slot in sorted((0, 1), key=lambda one: places[one], reverse=True):
            if self._is_whole(self._slots[slot], places[slot]):
                self._take(slot, places[slot])
                break
            self.counts["saves_wrong"] += slot == self._newest
        else:
            self.counts["states_lost"] += 1
            self._any_kept = False
            self._place = Place(len(self.handed_on), 0)
        self.counts["restores"] += 1

    def _is_whole(self, slot: Digits, place: Place) -> bool:
        if self._pairs and not np.array_equal(*np.split(slot, 2)):
            return False
        if place.image > len(self.codes) or place.operation > self._first[-1]:
            return False
        digits = slot[: slot.size // 2] if self._pairs else slot
        return is_whole(digits, self._values[: self._digits_at(place)])

    def _take(self, slot: int, place: Place) -> None:
        """Volatile state from a record and the values that it counts on."""
        self._newest, self._kept[slot], self._place = slot, place, place
        known = self._digits_at(place)
        for number, layer in enumerate(self.network.layers):
            count = min(known, self._first_digit[number + 1]) - self._first_digit[number]
            if count > 0:
                places = output_digits(layer)
                first = self._first_digit[number]
                signed = layer.quantiser.coding is None
                values = from_digits(self._values[first : first + count], places, signed=signed)
                order = self._order(number)
                flat = np.full(self._handed[number].size, GARBAGE, np.int64)
                flat[: values.size] = values
                self._handed[number][:, order] = flat.reshape(-1, order.size)
        number, done = self._layer_of(place.operation)
        self._layer_sums = None
        if done and place.operation < self._first[-1]:
            self._enter(number)
            assert self._layer_sums is not None
            if self._sums_kept:
                self._take_sums(number, sums_of(self._slots[slot][: self._slots[slot].size // (1 + self._pairs)]))
            else:
                self._sums = self._layer_sums.no_sums()

    def _take_sums(self, number: int, digits: Digits) -> None:
        layer, mapping = self.network.layers[number], self.mappings[number]
        assert self._layer_sums is not None
        filters, ones = self._layer_sums.no_sums()
        places = sum_places(mapping)
        count = filters.size + ones.size
        signed = "signed" in (layer.weight_coding.name, layer.input_coding.name)
        flat = from_digits(digits[: count * places], places, signed=signed)
        filters.flat, ones.flat = flat[: filters.size], flat[filters.size :]
        self._sums = filters, ones

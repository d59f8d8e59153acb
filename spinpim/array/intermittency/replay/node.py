"""The machine: volatile state, cells, and a program that goes on wherever power left it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.keeping import CHECK_BITS, PLACE_BITS
from spinpim.array.intermittency.kept import kept_by
from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.replay.cells import Cells, PowerCutError, PowerWarningError
from spinpim.array.intermittency.replay.handed_on import GARBAGE, HandedOn
from spinpim.array.intermittency.replay.layer_sums import LayerSums, outputs_of
from spinpim.array.intermittency.replay.records import (
    Digits,
    Place,
    from_digits,
    is_whole,
    place_of,
    record,
    row_check,
    sums_of,
    to_digits,
)
from spinpim.array.intermittency.work import Work, sources_of
from spinpim.array.ledger import sum_places
from spinpim.array.mapping import LayerMapping
from spinpim.network.checks import IMAGE
from spinpim.network.layers import Layer
from spinpim.network.model import Network
from spinpim.network.reference import node_output


class WrongRowError(Exception):
    """Digits that an operation reads are not what was handed on."""


COUNTS = ("cuts", "restores", "operations", "saves", "saves_cut", "saves_wrong", "states_lost")


class Node:
    """A memory that computes images one after the other, whose power may fail at any time.

    Attributes
    ----------
    delivered : dict of int to array
        Scores of the images that are complete, as they left the machine.
    counts : dict of str to int
        What happened so far; see ``Replay``.
    """

    def __init__(
        self,
        network: Network,
        mappings: tuple[LayerMapping, ...],
        work: Work,
        policy: Policy,
        codes: NDArray[np.uint8],
        cells: Cells,
        charge_J: float | None = None,
    ) -> None:
        """Begin with cells that hold no record, and nothing done."""
        self.network, self.mappings, self.work, self.policy = network, mappings, work, policy
        self.codes, self.cells = codes, cells
        self.delivered: dict[int, NDArray[np.float64]] = {}
        self.counts = dict.fromkeys(COUNTS, 0)
        kept = kept_by(work, policy, charge_J)
        self._every = [int(step) for step in kept.every]
        self._kind = kept.kind
        self._by_row = kept.checks > 0.0
        self._columns = cells.keeping.columns
        self._sources = sources_of(network)
        self._handed = HandedOn(network.layers, mappings, work)
        # Sum and carry are two cells of each digit; here, of the whole record.
        self._copies = max(self._kind.copies, self._kind.sums, 1)
        longest = max(phase.sum_bits for phase in work.phases) if self._kind.sums else 0
        self._record_size = PLACE_BITS + longest + CHECK_BITS
        self._values: Digits = np.zeros(self._handed.all_digits, np.uint8)
        self._row_checks = np.zeros((-(-self._values.size // self._columns), CHECK_BITS), np.uint8)
        self._slots: list[Digits] = [np.zeros(self._record_size * self._copies, np.uint8) for _ in range(2)]
        # What the records say, at hand here without reading them; it is lost with them alone.
        self._kept: Place | None = None
        self._newest = 0
        self._known: dict[tuple[int, bytes], LayerSums] = {}
        self._forget()

    def run(self) -> None:
        """Work until all images are complete.

        Raises
        ------
        PowerCutError
            When power fails first.
        """
        try:
            try:
                self._restore()
            except WrongRowError:
                self._begin_anew()
            while self._place.image < len(self.codes):
                try:
                    self._go_on()
                except PowerWarningError:
                    self._sleep()
                except WrongRowError:
                    self._begin_anew()
        except PowerCutError:
            self.counts["cuts"] += 1
            self._forget()
            raise

    def _forget(self) -> None:
        """Lose all that is not in cells."""
        self._place = Place(0, 0)
        self._pending: dict[int, NDArray[np.float64]] = {}
        self._handed.forget()
        self._sums: tuple[Any, Any] = (np.full(1, GARBAGE), np.full(1, GARBAGE))
        self._at_work: LayerSums | None = None
        self._rows_from_cells = self._digits_written = 0

    def _begin_anew(self) -> None:
        """Give up an image of which a digit was read that is wrong."""
        begun = self._place.operation < self._handed.operations
        self.counts["saves_wrong"] += begun
        self.counts["states_lost"] += begun
        self._forget()
        # Their own check digits do not tell: spoiled, so that no later wake takes one again.
        for slot in self._slots:
            row = slot[: self._columns]
            self.cells.write(row, 1 - row)
        self._place, self._kept = Place(len(self.delivered), 0), None

    def _go_on(self) -> None:
        """Operations to the next save, and that save."""
        number, done = self._handed.layer_of(self._place.operation)
        phase, step = self.work.phases[number], self._every[number]
        stop = phase.operations if not step else min(phase.operations, (done // step + 1) * step)
        if self._kind.through:
            # What is handed on is written at the end of each window.
            stop = min(stop, (done // phase.operations_per_window + 1) * phase.operations_per_window)
        self._operate(number, done, stop)
        if self._place.operation == self._handed.operations:
            self._end_image()
        elif step and (stop == phase.operations or stop % step == 0):
            self._save()
        elif self._kind.through:
            self._write_values()

    def _operate(self, number: int, start: int, stop: int) -> None:
        """Operations of a layer; as many as power lasts for, or until the warning."""
        layer_sums = self._at_work or self._enter(number)
        phase, power = self.work.phases[number], self.cells.power
        told = self.policy.is_warned and power.warned_s < (stop - start) * phase.time_s
        if told:
            # The operation in which the warning comes is finished.
            stop = min(stop, start + max(0, int(power.warned_s // phase.time_s)) + 1)
        needed_s = (stop - start) * phase.time_s
        if power.left_s < needed_s:
            self.counts["operations"] += int(power.left_s // phase.time_s)
        power.spend(needed_s)
        layer_sums.advance(start, stop, self._sums, self._handed.values[number])
        self.counts["operations"] += stop - start
        self._place = Place(self._place.image, self._handed.operation_of(number, stop))
        if stop == phase.operations:
            self._at_work = None
        if told:
            raise PowerWarningError

    def _enter(self, number: int) -> LayerSums:
        """Make the input of a layer from what earlier layers have handed on, and begin its sums."""
        self._check_rows(number)
        entering = self._outputs(number)
        key = number, entering.tobytes()
        if key not in self._known:
            self._known[key] = LayerSums(self.network.layers[number], self.mappings[number], entering)
        self._at_work = self._known[key]
        self._sums = self._at_work.no_sums()
        return self._at_work

    def _check_rows(self, number: int) -> None:
        """Look at the check digits of the rows that the input of a layer is made of, or the scores.

        Raises
        ------
        WrongRowError
            If one that was restored is wrong.
        """
        if not self._by_row:
            return
        for layer in range(len(self.network.layers)):
            if self.network.layers[layer].name not in self._sources[number]:
                continue
            first, stop = self._handed.digits_of(layer)
            for row in range(first // self._columns, min(-(-stop // self._columns), self._rows_from_cells)):
                digits = self._values[row * self._columns : (row + 1) * self._columns]
                if not np.array_equal(row_check(digits, self._place.image), self._row_checks[row]):
                    raise WrongRowError

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
                values[node.name] = outputs_of(node, self._handed.values[layers], shape)
                layers += 1
            else:
                codings = [self.network.signals[name].coding for name in names]
                values[node.name] = node_output(node, [values[name] for name in names], codings)
        return values[self.network.nodes[-1].name]

    def _end_image(self) -> None:
        """Keep, if that is due, and deliver the scores of an image; the next one begins."""
        self._check_rows(len(self.network.layers))
        self._pending[self._place.image] = self._outputs(None).reshape(-1).astype(np.float64)
        last = self._place.image + 1 == len(self.codes)
        if self.policy.kind != "images" or len(self._pending) == self.policy.every or last:
            if self.policy.kind != "volatile":
                self._save()
            self._deliver()
        self._place = Place(self._place.image + 1, 0)
        self._at_work = None
        self._rows_from_cells = self._digits_written = 0

    def _deliver(self) -> None:
        """Let finished scores leave the machine; a second time, if a cut came between record and delivery."""
        self.delivered |= self._pending
        self._pending = {}

    def _sleep(self) -> None:
        """Save upon a warning and wait until power has failed.

        Raises
        ------
        PowerCutError
            Always.
        """
        if self._place.operation == self._handed.operations:
            self._end_image()
        else:
            self._save()
        self.cells.power.spend(np.inf)

    def _save(self) -> None:
        """Write what is new, then the record in place of the older of two."""
        try:
            digits = record(self._place, self._sum_digits(), self._covered(self._write_values()))
            slot = self._slots[1 - self._newest]
            self.cells.write(slot, np.tile(digits, self._copies), at_once=self._kind.at_once)
        except PowerCutError:
            self.counts["saves_cut"] += 1
            raise
        self.counts["saves"] += 1
        self._newest, self._kept = 1 - self._newest, self._place

    def _write_values(self) -> Digits:
        """Write what was handed on since the newest record; all digits handed on."""
        live = self._handed.digits(self._handed.digits_at(self._place.operation))
        same_image = self._kept is not None and self._kept.image == self._place.image
        start = self._handed.digits_at(self._kept.operation) if self._kept and same_image else 0
        start = max(start, self._digits_written)
        if self._kind.restored:
            self.cells.write(self._values[start : live.size], live[start:])
        if self._by_row:
            # Of rows that are complete now; no earlier record counts on them as such.
            first, stop = start // self._columns, live.size // self._columns
            rows = live[first * self._columns : stop * self._columns].reshape(-1, self._columns)
            checks = [row_check(digits, self._place.image) for digits in rows]
            if checks:
                self.cells.write(self._row_checks[first:stop].reshape(-1), np.concatenate(checks))
        self._digits_written = live.size
        return live

    def _covered(self, values: Digits) -> Digits:
        """Of values that a record counts on, those that its own check digits cover."""
        return values[values.size // self._columns * self._columns :] if self._by_row else values

    def _sum_digits(self) -> Digits:
        """Digits of all sums, and zeros up to the length of a record."""
        result = np.zeros(self._record_size - PLACE_BITS - CHECK_BITS, np.uint8)
        if self._kind.sums and self._at_work is not None:
            number, _ = self._handed.layer_of(self._place.operation)
            flat = np.concatenate([part.ravel() for part in self._sums])
            digits = to_digits(flat, sum_places(self.mappings[number]))
            result[: digits.size] = digits
        return result

    def _restore(self) -> None:
        """Go on from the newest record that is whole; from the image that is due, if none is."""
        self._place = Place(len(self.delivered), 0)
        if self._kept is None or not self._kind.restored:
            return
        places = [place_of(slot) for slot in self._slots]
        checked = self._columns if self._by_row else self._handed.digits_at(self._kept.operation)
        self.cells.read(-(-(2 * self._slots[0].size + checked) // self._columns))
        self.counts["restores"] += 1
        # Records of a finished image end when the next one writes over its digits; nothing is lost with them.
        begun = self._kept.operation < self._handed.operations
        for slot in sorted((0, 1), key=lambda one: places[one], reverse=True):
            if self._is_whole(self._slots[slot], places[slot]):
                self._take(slot, places[slot])
                break
            self.counts["saves_wrong"] += begun and slot == self._newest
        else:
            self.counts["states_lost"] += begun
            self._kept = None

    def _is_whole(self, slot: Digits, place: Place) -> bool:
        size = self._record_size
        if self._copies > 1 and not np.array_equal(slot[:size], slot[size:]):
            return False
        if place.image >= len(self.codes) or place.operation > self._handed.operations:
            return False
        counted_on = self._values[: self._handed.digits_at(place.operation)]
        return is_whole(slot[:size], self._covered(counted_on))

    def _take(self, slot: int, place: Place) -> None:
        """Volatile state from a record and the values that it counts on."""
        self._newest, self._kept, self._place = slot, place, place
        self._rows_from_cells = self._handed.digits_at(place.operation) // self._columns
        self._handed.load(self._values[: self._handed.digits_at(place.operation)])
        number, done = self._handed.layer_of(place.operation)
        if place.operation == self._handed.operations:
            self._check_rows(len(self.network.layers))
            self._pending[place.image] = self._outputs(None).reshape(-1).astype(np.float64)
            self._deliver()
            self._place = Place(place.image + 1, 0)
            self._rows_from_cells = 0
        elif done:
            filters, ones = self._enter(number).no_sums()
            if self._kind.sums:
                layer, places = self.network.layers[number], sum_places(self.mappings[number])
                signed = "signed" in (layer.weight_coding.name, layer.input_coding.name)
                digits = sums_of(self._slots[slot][: self._record_size])
                flat = from_digits(digits[: (filters.size + ones.size) * places], places, signed=signed)
                filters, ones = np.split(flat, [filters.size])
                shapes = [part.shape for part in self._sums]
                self._sums = filters.reshape(shapes[0]), ones.reshape(shapes[1])

"""One network in the memory against one baseline after the other: every lever is evaluated once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spinpim.array import ArrayModel
from spinpim.errors import InputError
from spinpim.network.model import Network
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.changed_numbers import Band
from spinpim.study.comparison.claims import Step, way_to
from spinpim.study.comparison.levers import (
    MEMORY,
    READING,
    Change,
    Lever,
    Pair,
    accounting_levers,
    baseline_numbers,
    baseline_of,
    design_levers,
    memory_numbers,
)
from spinpim.study.comparison.ratios import MERITS, Merit, Ratio, Swing, merits, ratio
from spinpim.study.comparison.sides import Precision, Side, baseline_side, memory_side

Merits = Mapping[Merit, float]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """An end of a lever: merits of the machine that it changes, or why it cannot be built."""

    label: str
    merits: Merits
    error: float
    refusal: str


@dataclass(slots=True)
class Bout:
    """A network, a memory, and what each lever makes of them.

    Attributes
    ----------
    network : Network
        The workload.
    array : ArrayModel
        The memory.
    area_m2 : float
        Of the chip on which speeds are compared [m^2].
    memory : mapping of str to mapping
        Merits of the memory by band.
    """

    network: Network
    array: ArrayModel
    area_m2: float
    memory: Mapping[Band, Merits]
    _known: dict[tuple[str, ...], list[_Outcome]] = field(default_factory=dict, init=False, repr=False)

    def ratios(
        self, file: BaselineFile, precision: Precision, sides: Mapping[Band, Side]
    ) -> dict[Merit, Ratio]:
        """Ratios of the memory over a baseline, by merit."""
        others = {band: merits(side, self.area_m2) for band, side in sides.items()}
        levers = [*memory_numbers(self.array.technology), *baseline_numbers(file)]
        found = {}
        for name in MERITS:
            # Merits are larger where every price is at its lower bound.
            nominal = self.memory["nominal"][name] / others["nominal"][name]
            against = self.memory["high"][name] / others["low"][name]
            for_it = self.memory["low"][name] / others["high"][name]
            swings = [self._swing(lever, file, precision, name, others["nominal"]) for lever in levers]
            found[name] = ratio(nominal, against, for_it, [swing.ratios for swing in swings])
        return found

    def swings(self, file: BaselineFile, precision: Precision, name: Merit) -> list[Swing]:
        """What each lever does to a ratio, in the order of `levers`."""
        other = merits(baseline_side(self.network, file, precision), self.area_m2)
        levers = self._levers(file, precision, name)
        return [self._swing(lever, file, precision, name, other) for lever in levers]

    def ratio_at(self, pair: Pair, name: Merit) -> float:
        """Ratio of a pair whose machines may both be changed [1].

        Raises
        ------
        InputError
            If one of them cannot be built, or does not fit on the chip.
        """
        own = merits(memory_side(pair.array, self.network), self.area_m2)
        other = merits(baseline_of(pair, self.network), self.area_m2)
        if not (own[name] and other[name]):
            raise InputError("One of the machines does not fit on the chip.")
        return own[name] / other[name]

    def way(
        self,
        file: BaselineFile,
        precision: Precision,
        name: Merit,
        target: float,
        nominal: float,
        swings: Sequence[Swing],
    ) -> tuple[tuple[Step, ...], Pair]:
        """Which levers lead to a ratio, see `way_to`."""
        pair = Pair(self.array, file, precision)
        return way_to(
            target,
            nominal,
            pair,
            self._levers(file, precision, name),
            swings,
            lambda there: self.ratio_at(there, name),
        )

    def _levers(self, file: BaselineFile, precision: Precision, name: Merit) -> list[Lever]:
        every = [
            *memory_numbers(self.array.technology),
            *design_levers(self.array),
            *baseline_numbers(file),
            *accounting_levers(self.array, file, precision),
        ]
        return [lever for lever in every if name != "speed" or lever.name not in READING]

    def _swing(
        self, lever: Lever, file: BaselineFile, precision: Precision, name: Merit, other: Merits
    ) -> Swing:
        ends = self._outcomes(lever, file, precision)
        built = [end for end in ends if end.merits and end.merits[name]]
        own = self.memory["nominal"][name]
        return Swing(
            lever=lever.name,
            kind=lever.kind,
            of=lever.of,
            labels=tuple(end.label for end in built),
            ratios=tuple(
                end.merits[name] / other[name] if lever.of == MEMORY else own / end.merits[name]
                for end in built
            ),
            errors=tuple(end.error for end in built),
            refused=tuple(f"{end.label}: {end.refusal}" for end in ends if end.refusal),
        )

    def _outcomes(self, lever: Lever, file: BaselineFile, precision: Precision) -> list[_Outcome]:
        key = (lever.of, lever.name, *(() if lever.of == MEMORY else (file.name, precision)))
        if key not in self._known:
            pair = Pair(self.array, file, precision)
            self._known[key] = [self._outcome(lever, end.label, end.change, pair) for end in lever.ends]
        return self._known[key]

    def _outcome(self, lever: Lever, label: str, change: Change, pair: Pair) -> _Outcome:
        try:
            there = change(pair)
            if lever.of == MEMORY:
                side = memory_side(there.array, self.network)
            else:
                side = baseline_of(there, self.network)
        except InputError as refusal:
            return _Outcome(label, {}, 0.0, str(refusal))
        return _Outcome(label, merits(side, self.area_m2), worst_error(there.array), "")


def worst_error(array: ArrayModel) -> float:
    """Static and temporal error of an AND of the memory together, with its worst pattern of digits [1]."""
    sensing = array.sensing
    return max(sensing.error_static[name] + sensing.error_temporal[name] for name in sensing.patterns)

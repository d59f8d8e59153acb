"""One level against the reference: margin, spread by cause, noise, and the errors that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from spinpim.circuit.cell import Cell
from spinpim.circuit.error_rates import static_error, turned, undecided_probability
from spinpim.circuit.level_kernel import VARIABLES, Column, sensed_level, variables
from spinpim.circuit.level_tail import holds, level_score
from spinpim.circuit.levels import CAUSES, Level, states
from spinpim.circuit.reference import Neighbour, Reference, TrimmedReference
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import driven, level_spread_V
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the amplifier makes of one level; voltages at the strobe.

    Attributes
    ----------
    level_V, margin_V : float
        Nominal level; signed distance from the reference towards the right side [V].
    spread_V : dict of str to float
        Static spread by cause, to first order [V].
    level_sigma_V, offset_sigma_V : float
        Spread by the cells; amplifier offset [V].
    noise_sigma_V : float
        Noise of one access [V].
    static, without_offset, temporal, undecided : float
        Probabilities [1], see `Sensing`.
    importance : dict of str to float
        Part of each cause in the squared distance of the most likely failure [1].
    untrimmable : float
        Probability that a column lies beyond the range of its trim [1].
    """

    level_V: float
    margin_V: float
    spread_V: dict[str, float]
    level_sigma_V: float
    offset_sigma_V: float
    noise_sigma_V: float
    static: float
    without_offset: float
    temporal: float
    undecided: float
    importance: dict[str, float]
    untrimmable: float


def compare(
    level: Level,
    reference: Reference,
    column: Column,
    amplifier: SenseAmp,
    strobe_s: float,
    temperature_K: float,
    *,
    reads_one: bool,
    next_to_reference: bool,
    cell: Cell,
) -> Comparison:
    """Compare one level with the reference.

    A level that is not next to the reference counts to first order where its failure lies beyond what the
    transistors can carry.

    Raises
    ------
    InputError
        If the amplifier does not work at this common mode, or disturbs its inputs; if a level next to the
        reference fails where the transistors saturate.
    """
    value = level.settling.value_V(strobe_s)
    common_mode = 0.5 * (value + reference.voltage_V)
    clamp = amplifier.clamp
    source = level.line_V / level.line_current_A if clamp is None else clamp.transresistance_ohm
    amplifier.check_inputs(common_mode, source, cell.supply_V)
    antiparallel = states(len(level.junction_V), level.antiparallel)
    cells = level_spread_V(column, antiparallel)
    del cells["drive"]
    offset = amplifier.offset_sigma_V(common_mode, temperature_K, cell.supply_V)
    untrimmable = 0.0
    if reference.trim is not None:
        offset, untrimmable = _after_trim(
            amplifier, reference, reference.trim, common_mode, offset, cell.supply_V
        )
        reference, column = reference.trimmed(), driven(column)
    outside = {"reference": reference.shared_sigma_V, "drive": reference.drive_sigma_V}
    noise = math.hypot(level.noise_sigma_V, reference.noise_sigma_V, amplifier.noise_sigma_V(temperature_K))
    side = 1.0 if reads_one else -1.0
    normals = np.zeros(variables(column, antiparallel.size))

    margin = (value - reference.voltage_V) * side

    def score(*gaussians_V: float) -> tuple[float, float]:
        """Score of an error, and the change of the margin that changes it by one [V]."""
        static = math.hypot(reference.outside_mates_V, *gaussians_V)
        found, slope, centre = level_score(
            column, antiparallel, reference.voltage_V, side, static, reference.mates, normals
        )
        whole = math.hypot(*cells.values(), *gaussians_V, *outside.values())
        if whole == 0.0:
            return math.copysign(math.inf, -margin), 0.0
        if holds(centre, margin, -1.0 / slope):
            return found, -1.0 / slope
        if next_to_reference:
            raise InputError(
                f"Cell {cell.name}: the most likely failure of {level.antiparallel} antiparallel cells lies "
                "where the transistors saturate, too strongly curved for `sense`. Widen the read transistor, "
                "raise its word line, lower the read current, or ask `sensing_failure`."
            )
        return -margin / whole, whole

    without_offset, _ = score()
    noisy, noisy_sigma = score(offset, noise)
    static, _ = score(offset)
    return Comparison(
        level_V=value,
        margin_V=margin,
        spread_V={**cells, "amplifier_offset": offset, **outside},
        level_sigma_V=math.hypot(*cells.values()),
        offset_sigma_V=offset,
        noise_sigma_V=noise,
        static=float(ndtr(static)),
        without_offset=float(ndtr(without_offset)),
        temporal=float(turned(noisy, noisy_sigma, noise)),
        undecided=float(undecided_probability(noisy * noisy_sigma, noisy_sigma, amplifier.resolution_V)),
        importance=_importance(column, level, reference, offset, normals),
        untrimmable=untrimmable,
    )


def _after_trim(
    amplifier: SenseAmp,
    reference: Reference,
    trim: TrimmedReference,
    common_mode_V: float,
    offset_V: float,
    supply_V: float,
) -> tuple[float, float]:
    """Offset that a trim leaves [V], and the probability that a column lies beyond its range."""
    then = amplifier.offset_sigma_V(common_mode_V, trim.trimmed_at_K, supply_V)
    left = math.hypot(trim.residual_sigma_V, offset_V - then)
    whole = math.hypot(then, reference.sigma_V)
    return left, 2.0 * float(static_error(trim.range_V, whole))


def neighbour(column: Column, level: Level, strobe_s: float) -> Neighbour:
    """A level as it is at the strobe."""
    spread = level_spread_V(column, states(len(level.junction_V), level.antiparallel))
    drive = spread.pop("drive")
    return Neighbour(
        level.settling.value_V(strobe_s), math.hypot(*spread.values()), drive, level.noise_sigma_V
    )


def _importance(
    column: Column, level: Level, reference: Reference, offset_V: float, normals: FloatArray
) -> dict[str, float]:
    """Part of each cause in the squared distance of the design point."""
    antiparallel = states(len(level.junction_V), level.antiparallel)
    slopes = np.empty(normals.size)
    left = sensed_level(column, antiparallel, normals, slopes)[0] - reference.voltage_V
    cells = normals[: VARIABLES * antiparallel.size].reshape(-1, VARIABLES)
    parts = dict(zip(CAUSES, np.sum(cells**2, axis=0).tolist(), strict=True))
    rest = math.hypot(offset_V, reference.shared_sigma_V)
    for name, sigma in (("amplifier_offset", offset_V), ("reference", reference.shared_sigma_V)):
        parts[name] = (left * sigma / rest**2) ** 2 if rest > 0.0 else 0.0
    parts["drive"] = float(np.sum(normals[cells.size :] ** 2))
    whole = math.fsum(parts.values())
    return {name: part / whole if whole > 0.0 else 0.0 for name, part in parts.items()}

"""One level against the reference: margin, spread by cause, noise, and the errors that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.circuit.cell import Cell
from spinpim.circuit.error_rates import static_error, temporal_error, undecided_probability
from spinpim.circuit.levels import Level
from spinpim.circuit.reference import Neighbour, Reference, place_reference
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.errors import InputError


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the amplifier makes of one level; voltages at the strobe.

    Attributes
    ----------
    level_V, margin_V : float
        Mean level; mean signed distance from the reference towards the right side [V].
    spread_V : dict of str to float
        Static spread by cause [V].
    level_sigma_V, offset_sigma_V : float
        Spread by the cells; amplifier offset [V].
    noise_sigma_V : float
        Noise of one access [V].
    static, temporal, undecided : float
        Probabilities [1], see `Sensing`.
    """

    level_V: float
    margin_V: float
    spread_V: dict[str, float]
    level_sigma_V: float
    offset_sigma_V: float
    noise_sigma_V: float
    static: float
    temporal: float
    undecided: float


def reference_between(
    lower: Level, upper: Level, cell: Cell, amplifier: SenseAmp, strobe_s: float, temperature_K: float
) -> Reference:
    """Place the reference of a cell's column between two levels as they are at the strobe."""
    return place_reference(
        _neighbour(lower, strobe_s),
        _neighbour(upper, strobe_s),
        lambda common_mode_V: amplifier.offset_sigma_V(common_mode_V, temperature_K),
        cell.reference_column_pairs,
    )


def compare(
    level: Level,
    reference: Reference,
    amplifier: SenseAmp,
    strobe_s: float,
    temperature_K: float,
    *,
    reads_one: bool,
) -> Comparison:
    """Compare one level with the reference.

    Raises
    ------
    InputError
        If the inputs of the amplifier leave its common-mode range.
    """
    value = level.settling.value_V(strobe_s)
    common_mode = 0.5 * (value + reference.voltage_V)
    _check_common_mode(amplifier, common_mode, level)
    cells = level.spread_at(strobe_s)
    del cells["drive"]
    offset = amplifier.offset_sigma_V(common_mode, temperature_K)
    spread = {
        **cells,
        "amplifier_offset": offset,
        "reference": reference.shared_sigma_V,
        "drive": reference.drive_sigma_V,
    }
    margin = (value - reference.voltage_V) * (1.0 if reads_one else -1.0)
    noise = math.hypot(level.noise_sigma_V, reference.noise_sigma_V, amplifier.noise_sigma_V(temperature_K))
    static = math.hypot(*spread.values())
    return Comparison(
        level_V=value,
        margin_V=margin,
        spread_V=spread,
        level_sigma_V=math.hypot(*cells.values()),
        offset_sigma_V=offset,
        noise_sigma_V=noise,
        static=float(static_error(margin, static)),
        temporal=float(temporal_error(margin, static, noise)),
        undecided=float(undecided_probability(margin, math.hypot(static, noise), amplifier.resolution_V)),
    )


def _neighbour(level: Level, strobe_s: float) -> Neighbour:
    spread = level.spread_at(strobe_s)
    drive = spread.pop("drive")
    return Neighbour(
        level.settling.value_V(strobe_s), math.hypot(*spread.values()), drive, level.noise_sigma_V
    )


def _check_common_mode(amplifier: SenseAmp, common_mode_V: float, level: Level) -> None:
    low, high = amplifier.common_mode_minimum_V, amplifier.common_mode_maximum_V
    if not low <= common_mode_V <= high:
        raise InputError(
            f"Amplifier {amplifier.name}: with {level.antiparallel} cells antiparallel its inputs are at "
            f"{common_mode_V:.3g} V, outside {low:g}..{high:g} V where it works. Change the read current, or "
            f"choose an amplifier for this level."
        )

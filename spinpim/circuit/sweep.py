"""Many designs of one column at once: `sense` for arrays, its errors and levels alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from spinpim.checks import broadcast, finite_array, flag
from spinpim.circuit.amplifier_inputs import working_range_V
from spinpim.circuit.amplifier_parts import FIXED
from spinpim.circuit.cell import Cell
from spinpim.circuit.file_ranges import AMPLIFIER, CELL
from spinpim.circuit.levels import relative_sigmas
from spinpim.circuit.operations import find_operation
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import ABOVE, BELOW, NODES, TRANSFORM, checked_temperature_K
from spinpim.circuit.sweep_kernel import (
    LOWER,
    LOWER_ALONE,
    LOWER_V,
    REFERENCE_V,
    RESULTS,
    STROBE_S,
    UPPER,
    UPPER_ALONE,
    UPPER_V,
    SweptColumn,
    SweptDesigns,
    sweep,
)
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]

TABLE = 65
"""Common modes at which the amplifier's offset is tabulated; a cubic between them is within 1e-6."""

_CURRENT, _AREA = CELL["read.current_per_row"], AMPLIFIER["layout.area_scale"]
RANGES = {
    "read_current_per_row_A": (_CURRENT.low, _CURRENT.high),
    "resistance_p_ohm": (1e-3, 1e12),
    "tunnel_magnetoresistance": (1e-6, 1e3),
    "area_scale": (_AREA.low, _AREA.high),
    "read_current_sigma": (0.0, 1.0),
    "resistance_sigma": (0.0, 10.0),
    "magnetoresistance_sigma": (0.0, 10.0),
    "threshold_sigma_V": (0.0, 10.0),
}
"""Quantities that may differ, and within what: the ranges of the files, or far beyond any junction."""


@dataclass(frozen=True, slots=True, eq=False)
class SensingSweep:
    """Errors of many designs; arrays of one value per design.

    Attributes
    ----------
    operation : str
        Operation.
    lower_ones, upper_ones : int
        Antiparallel cells of the two levels next to the reference.
    refused : array of bool
        Designs that cannot be sensed: a level beyond the transistors, the supply or the amplifier's common
        mode. Their errors are 1 and their voltages and strobe 0.
    error_lower, error_upper : array
        Static error of the two levels [1]; those of all others are smaller by far.
    error_lower_without_offset, error_upper_without_offset : array or None
        The same for an amplifier without offset [1], where asked for.
    lower_V, upper_V, reference_V : array
        Nominal voltages at the strobe [V].
    strobe_s : array
        Strobe after the opening of the word line [s].
    """

    operation: str
    lower_ones: int
    upper_ones: int
    refused: NDArray[np.bool_]
    error_lower: FloatArray
    error_upper: FloatArray
    error_lower_without_offset: FloatArray | None
    error_upper_without_offset: FloatArray | None
    lower_V: FloatArray
    upper_V: FloatArray
    reference_V: FloatArray
    strobe_s: FloatArray

    @property
    def error(self) -> FloatArray:
        """Larger error of the two levels [1]."""
        return np.maximum(self.error_lower, self.error_upper)


def sense_sweep(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    operation: str = "AND",
    rows: int = 2,
    temperature_K: float | None = None,
    offset_ignored: bool = False,
    **quantities: ArrayLike,
) -> SensingSweep:
    """Static errors of many designs of a column that senses voltage, some 10,000 a second.

    Parameters
    ----------
    cell, amplifier : Cell, SenseAmp
        What the designs start from.
    operation : str
        An operation with one reference, made of the cell's reference columns and placed at equal z.
    rows : int
        Rows activated together.
    temperature_K : float, optional
        Temperature [K], the device's own by default.
    offset_ignored : bool
        Whether the errors of an amplifier without offset are wanted beside; they take as long again.
    **quantities : array
        What differs, broadcast against each other: read_current_per_row_A [A], read_current_sigma [1],
        resistance_p_ohm [ohm], tunnel_magnetoresistance [1] at zero bias and the device's temperature,
        resistance_sigma and magnetoresistance_sigma [1] of ln(resistance) and ln(TMR), threshold_sigma_V [V]
        of the read transistor, area_scale [1] of the amplifier.

    Returns
    -------
    SensingSweep
        Arrays in the flattened order of the broadcast quantities. The same as `sense` gives one by one, to
        1e-3 of an error.

    Raises
    ------
    InputError
        If a quantity is unknown, not finite or out of range, the operation has several references, or the
        amplifier senses current.

    Examples
    --------
    >>> from spinpim.circuit import Cell, SenseAmp
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> swept = sense_sweep(
    ...     cell, SenseAmp.load("strongarm_45nm"), tunnel_magnetoresistance=np.linspace(1.0, 2.0, 5)
    ... )
    >>> bool(np.all(np.diff(swept.error) < 0.0))
    True
    """
    asked = find_operation(operation, rows)
    temperature = checked_temperature_K(cell, amplifier, temperature_K)
    if amplifier.clamp is not None:
        raise InputError(f"Amplifier {amplifier.name} senses current; ask `sense` for each of its designs.")
    if len(asked.thresholds) > 1:
        raise InputError(
            f"{asked.name} has {len(asked.thresholds)} references; sweep each by its own operation, such as "
            "OR or AND."
        )
    given = _checked(quantities)
    designs = _designs(cell, amplifier, rows, given)
    shared = _shared(cell, amplifier, asked.thresholds[0], rows, temperature)
    found = np.empty((designs.current_A.size, RESULTS))
    sweep(shared, designs, flag("offset_ignored", offset_ignored), found)
    ceiling = cell.supply_V - cell.source_headroom_V
    refused = ~np.all(np.isfinite(np.delete(found, [LOWER_ALONE, UPPER_ALONE], axis=1)), axis=1)
    highest = found[:, UPPER_V] / (1.0 - cell.settling_residual)
    refused |= np.where(refused, 0.0, highest) > ceiling

    def kept(column: int, otherwise: float) -> FloatArray:
        return np.where(refused, otherwise, np.nan_to_num(found[:, column]))

    def error(column: int) -> FloatArray:
        return np.asarray(np.where(refused, 1.0, ndtr(kept(column, 0.0))))

    return SensingSweep(
        operation=asked.name,
        lower_ones=asked.thresholds[0] - 1,
        upper_ones=asked.thresholds[0],
        refused=refused,
        error_lower=error(LOWER),
        error_upper=error(UPPER),
        error_lower_without_offset=error(LOWER_ALONE) if offset_ignored else None,
        error_upper_without_offset=error(UPPER_ALONE) if offset_ignored else None,
        lower_V=kept(LOWER_V, 0.0),
        upper_V=kept(UPPER_V, 0.0),
        reference_V=kept(REFERENCE_V, 0.0),
        strobe_s=kept(STROBE_S, 0.0),
    )


def _checked(quantities: dict[str, ArrayLike]) -> dict[str, FloatArray]:
    """Finite arrays of one length within their ranges."""
    unknown = sorted(set(quantities) - set(RANGES))
    if unknown:
        raise InputError(f"A sweep has no quantity {', '.join(unknown)}; accepted are {', '.join(RANGES)}.")
    arrays: dict[str, FloatArray] = {}
    for name, values in quantities.items():
        low, high = RANGES[name]
        arrays[name] = finite_array(name, values, low, high)
    spread = broadcast(arrays) if arrays else []
    return {name: np.ravel(array).astype(np.float64) for name, array in zip(arrays, spread, strict=True)}


def _designs(cell: Cell, amplifier: SenseAmp, rows: int, given: dict[str, FloatArray]) -> SweptDesigns:
    """Every design in full; what was not given is that of the cell and the amplifier."""
    count = next(iter(given.values())).size if given else 1
    resistance, magnetoresistance = relative_sigmas(cell.device)
    usual = {
        "read_current_per_row_A": cell.read_current_per_row_A,
        "read_current_sigma": cell.read_current_sigma,
        "resistance_p_ohm": cell.device.resistance_p_ohm,
        "tunnel_magnetoresistance": cell.device.tunnel_magnetoresistance,
        "resistance_sigma": resistance,
        "magnetoresistance_sigma": magnetoresistance,
        "threshold_sigma_V": cell.read_transistor.threshold_sigma_V,
        "area_scale": amplifier.area_scale,
    }
    every = {name: given.get(name, np.full(count, value)) for name, value in usual.items()}
    return SweptDesigns(
        current_A=rows * every["read_current_per_row_A"],
        current_sigma=every["read_current_sigma"],
        resistance_ohm=every["resistance_p_ohm"],
        magnetoresistance=every["tunnel_magnetoresistance"],
        resistance_sigma=every["resistance_sigma"],
        magnetoresistance_sigma=every["magnetoresistance_sigma"],
        threshold_sigma_V=every["threshold_sigma_V"],
        near_F=cell.fixed_capacitance_F + amplifier.unit_input_capacitance_F * every["area_scale"],
        offset_scale=np.sqrt(amplifier.area_scale / every["area_scale"]),
    )


def _shared(cell: Cell, amplifier: SenseAmp, threshold: int, rows: int, temperature_K: float) -> SweptColumn:
    path = cell.read_path(temperature_K)
    low, high = working_range_V(amplifier, cell.supply_V)
    return SweptColumn(
        path=path,
        wire_F=cell.bit_line_cells * cell.capacitance_per_cell_F,
        wire_ohm=cell.bit_line_resistance_ohm,
        residual=cell.settling_residual,
        threshold=threshold,
        rows=rows,
        pairs=float(cell.reference_column_pairs),
        low_V=low,
        high_V=high,
        offset_V=_offsets_V(amplifier, np.linspace(low, high, TABLE), temperature_K, cell.supply_V),
        nodes=NODES,
        transform=TRANSFORM,
        below=BELOW,
        above=ABOVE,
    )


def _offsets_V(
    amplifier: SenseAmp, common_modes_V: FloatArray, temperature_K: float, supply_V: float
) -> FloatArray:
    """Parts of the offset that fall and that do not fall with the root of the area (2, n) [V]."""
    parts = [amplifier.offset_by_pair_V(float(v), temperature_K, supply_V) for v in common_modes_V]
    falling = [math.hypot(*(part for name, part in one.items() if name not in FIXED)) for one in parts]
    staying = [math.hypot(*(part for name, part in one.items() if name in FIXED)) for one in parts]
    return np.array([falling, staying])

"""Many designs of one column at once: `sense` for arrays, its errors and levels alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from spinpim.circuit.cell import Cell
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

ABOVE_ZERO = ("read_current_per_row_A", "resistance_p_ohm", "tunnel_magnetoresistance", "area_scale")
FROM_ZERO = ("read_current_sigma", "resistance_sigma", "magnetoresistance_sigma", "threshold_sigma_V")
QUANTITIES = (*ABOVE_ZERO, *FROM_ZERO)


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
    sweep(shared, designs, bool(offset_ignored), found)
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
    unknown = sorted(set(quantities) - set(QUANTITIES))
    if unknown:
        raise InputError(
            f"A sweep has no quantity {', '.join(unknown)}; accepted are {', '.join(QUANTITIES)}."
        )
    arrays = {}
    for name, values in quantities.items():
        try:
            array = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise InputError(
                f"{name} must be an array of numbers; instead received {values!r:.60}."
            ) from None
        if array.size == 0:
            raise InputError(f"{name} must hold at least one value; instead received none.")
        low = array <= 0.0 if name in ABOVE_ZERO else array < 0.0
        if not np.all(np.isfinite(array)) or np.any(low):
            wanted = "above 0" if name in ABOVE_ZERO else "not below 0"
            raise InputError(
                f"{name} must be finite and {wanted} everywhere; see its smallest value {array.min()}."
            )
        arrays[name] = array
    try:
        spread = np.broadcast_arrays(*arrays.values()) if arrays else []
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InputError(
            f"The quantities of a sweep must broadcast against each other; received {shapes}."
        ) from None
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
    low, high = amplifier.common_mode_minimum_V, amplifier.common_mode_maximum_V
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
        offset_V=_offsets_V(amplifier, np.linspace(low, high, TABLE), temperature_K),
        nodes=NODES,
        transform=TRANSFORM,
        below=BELOW,
        above=ABOVE,
    )


def _offsets_V(amplifier: SenseAmp, common_modes_V: FloatArray, temperature_K: float) -> FloatArray:
    """Parts of the offset that fall and that do not fall with the root of the area (2, n) [V]."""
    larger = amplifier.replace(area_scale=4.0 * amplifier.area_scale)
    own, less = (
        np.array([one.offset_sigma_V(float(v), temperature_K) ** 2 for v in common_modes_V])
        for one in (amplifier, larger)
    )
    falling = np.maximum(0.0, (own - less) / 0.75)
    return np.asarray(np.sqrt(np.stack([falling, np.maximum(0.0, own - falling)])))

"""The static error of one pattern from the whole nonlinear circuit: a second method beside `sense`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import shown
from spinpim.circuit.cell import Cell
from spinpim.circuit.high_sigma import TailProbability, margin_failure, union_failure
from spinpim.circuit.operations import Operation, find_operation
from spinpim.circuit.reference import JunctionReference, ReferenceScheme
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensed_column import checked_temperature_K
from spinpim.circuit.whole_circuit import WholeCircuit, cell_names, whole_circuit
from spinpim.errors import InputError

FloatArray = NDArray[np.float64]
OFFSET = "amplifier offset"


def sensing_failure(
    cell: Cell,
    amplifier: SenseAmp,
    *,
    operation: str = "AND",
    rows: int = 2,
    pattern: str,
    seed: int,
    temperature_K: float | None = None,
    reference: ReferenceScheme | None = None,
    placement: str | float = "equal-z",
    method: str = "auto",
    target_relative_error: float = 0.01,
) -> TailProbability:
    r"""Static error of one input pattern, with what fails first and how it follows from every spread.

    .. math:: P = \Pr\left(\pm (V_{level}(z) - V_{ref}(z)) + \sigma_{os} g < 0\right)

    The margin is that of the nonlinear circuit, solved anew for each point: cells, drive, settling at the
    strobe, reference columns.

    Parameters
    ----------
    cell, amplifier, operation, rows, temperature_K, reference, placement
        As in `sense`.
    pattern : str
        States of the cells, first row first, "1" antiparallel.
    seed : int
        Address of the random numbers; the deterministic methods do not use it.
    method, target_relative_error
        As in `margin_failure`.

    Returns
    -------
    TailProbability
        Variables: "row 1 resistance", "row 1 TMR" (both log-normal), "row 1 access threshold", ...; the same
        of the cells of each reference column, "reference 1 at 0 ones row 1 resistance", ...; "read current",
        or "clamp voltage" and "transresistance"; "reference drive"; "amplifier offset". A resistor has one
        variable, "reference"; of a trimmed reference the amplifier offset is what the trim leaves. Of several
        references each variable says of which it is, "below 1: amplifier offset" of that below one 1.

    Raises
    ------
    InputError
        As `sense` and `margin_failure`; if the pattern is none of the operation, or several references are
        asked for another method than "auto".

    Notes
    -----
    Lumped: the drives of the reference columns, to first order, in "reference drive". Above
    120 variables the cells of the reference columns too, in "reference columns", with mean and
    spread by a three-point rule in each variable; the third moment that this leaves out moves an error of
    six sigma by 10 % with one pair of reference columns, 4 % with two and 1 % with four, one of 2.5 sigma by
    less than 0.1 %.
    XOR fails where any of its comparisons does; that two err together and so give the right answer is not
    counted.
    The drive multiplies the level that is read, wire included, as in `sense`, which agrees within 1 % above
    1e-12 and 3 % at 1e-23 in the shipped columns.

    Examples
    --------
    >>> from spinpim.device import Device
    >>> cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    >>> amplifier = SenseAmp.load("strongarm_minimum_45nm")
    >>> failure = sensing_failure(cell, amplifier, pattern="11", seed=1)
    >>> failure.fails_first, failure.sigma_sensitivity["amplifier offset"] > 1.0
    ('amplifier offset', True)
    """
    asked = find_operation(operation, rows)
    _check(asked, pattern, method)
    temperature = checked_temperature_K(cell, amplifier, temperature_K)
    scheme = JunctionReference(cell.reference_column_pairs) if reference is None else reference
    ones = pattern.count("1")
    circuits = [
        whole_circuit(cell, amplifier, rows, ones, threshold, temperature, scheme, placement)
        for threshold in asked.thresholds
    ]
    if len(circuits) > 1:
        return _union(circuits, asked.thresholds, pattern, seed, target_relative_error)
    circuit = circuits[0]
    names = [
        *cell_names(pattern),
        *circuit.reference_names(),
        *circuit.drive_names(),
        circuit.last_name(),
    ]
    found = margin_failure(
        circuit.margin_V,
        len(names),
        seed=seed,
        gaussian_sigma=circuit.offset_sigma_V,
        method=method,
        target_relative_error=target_relative_error,
        names=names,
    )
    return _renamed(found, {"gaussian": OFFSET})


def _union(
    circuits: Sequence[WholeCircuit],
    thresholds: Sequence[int],
    pattern: str,
    seed: int,
    target_relative_error: float,
) -> TailProbability:
    """Failure of any of several comparisons of one column, each with its amplifier and reference."""
    names = [*cell_names(pattern), *circuits[0].drive_names()]
    cells = np.arange(len(cell_names(pattern)))
    drives = np.arange(cells.size, len(names))
    margins = []
    for circuit, threshold in zip(circuits, thresholds, strict=True):
        own = [f"below {threshold}: {name}" for name in (*circuit.reference_names(), circuit.last_name())]
        places = len(names) + np.arange(len(own))
        margins.append(_margin_of(circuit, np.concatenate([cells, places[:-1], drives, places[-1:]])))
        names += own
    found = union_failure(
        margins,
        len(names),
        seed=seed,
        gaussian_sigma=[circuit.offset_sigma_V for circuit in circuits],
        target_relative_error=target_relative_error,
        names=names,
    )
    gaussians = {f"gaussian{i}": f"below {t}: {OFFSET}" for i, t in enumerate(thresholds, 1)}
    return _renamed(found.total, gaussians)


def _margin_of(circuit: WholeCircuit, places: NDArray[np.intp]) -> Callable[[FloatArray], FloatArray]:
    """Margin of one comparison as a function of the variables of all."""
    return lambda normals: circuit.margin_V(normals[:, places])


def _check(asked: Operation, pattern: str, method: str) -> None:
    """Refuse a pattern that the operation does not have, and a method that several references do not take."""
    if pattern not in asked.patterns:
        raise InputError(
            f"pattern must be one of {', '.join(asked.patterns)} for {asked.name} of {asked.rows} rows; "
            f"instead received {shown(pattern)}."
        )
    if len(asked.thresholds) > 1 and method != "auto":
        raise InputError(
            f"{asked.name} has {len(asked.thresholds)} references, whose failures are united by method "
            f"'auto'; instead received {shown(method)}. Ask for each by its own operation, such as OR or AND."
        )


def _renamed(found: TailProbability, names: dict[str, str]) -> TailProbability:
    """Return the result with some variables called by other names."""

    def named(values: dict[str, float]) -> dict[str, float]:
        return {names.get(name, name): value for name, value in values.items()}

    return dataclasses.replace(
        found,
        design_points=tuple(
            dataclasses.replace(point, variables=named(point.variables)) for point in found.design_points
        ),
        importance=named(found.importance),
        sigma_sensitivity=named(found.sigma_sensitivity),
        mean_sensitivity=named(found.mean_sensitivity),
    )

"""Write error of a perpendicular junction under spin-transfer torque, by the Fokker-Planck equation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.density.perpendicular_write import perpendicular_write_error, write_error_closed_form
from spinpim.device.escape.axial_rates import axial_relaxation_rate_per_s

REFERENCE = {
    (40.0, 2.0): {2: 4.5045e-1, 4: 1.0015e-2, 6: 1.7572e-4, 8: 3.0721e-6, 10: 5.3707e-8},
    (60.0, 2.0): {2: 5.9492e-1, 4: 1.5269e-2, 6: 2.7258e-4, 8: 4.8368e-6, 10: 8.5819e-8},
    (60.0, 3.0): {1: 8.1805e-1, 2: 3.0428e-2, 3: 5.6562e-4, 4: 1.0363e-5, 5: 1.8983e-7},
}
"""Write error by Delta, i and tau: another solver, uniform cells in m_z and Crank-Nicolson steps."""

DEEPEST = 1e-15
"""Down to where the curves go and the slope is compared."""

DAMPING = 0.03


def compare() -> list[Row]:
    """Write errors over the reference, then the decay rate where the write error is about 1e-15."""
    rows = [
        Row(
            f"WER / reference, Delta = {stability:g}, i = {overdrive:g}, tau = {tau}",
            perpendicular_write_error(stability, overdrive, float(tau)).value / expected,
            1.0,
            1e-3,
        )
        for (stability, overdrive), values in REFERENCE.items()
        for tau, expected in values.items()
    ]
    for stability, overdrive in REFERENCE:
        expected = relaxation_rate(stability, overdrive)
        what = f"decay of WER at 1e-15 times tau_D, Delta = {stability:g}, i = {overdrive:g}"
        rows.append(Row(what, deep_slope(stability, overdrive), expected, 1e-3 * expected))
    return rows


def relaxation_rate(stability: float, overdrive: float) -> float:
    """Lowest eigenvalue of the Fokker-Planck operator in units of 1/tau_D."""
    row = np.zeros(15)
    row[5], row[13], row[14] = 1.0, -overdrive * DAMPING, 0.5 / stability
    unit_s = (1.0 + DAMPING**2) / (DAMPING * GYROMAGNETIC_RATIO)
    return axial_relaxation_rate_per_s(row, damping=DAMPING) * unit_s


def deepest_duration(stability: float, overdrive: float) -> float:
    """Pulse length at which the write error is about 1e-15."""
    # The closed form where it has become amplitude times exp(-100), for the amplitude.
    shrunk = write_error_closed_form(stability, overdrive, 100.0 / (2.0 * (overdrive - 1.0)))
    return (math.log(shrunk / DEEPEST) + 100.0) / relaxation_rate(stability, overdrive)


def deep_slope(stability: float, overdrive: float) -> float:
    """-d ln WER / d tau about that pulse length."""
    middle = deepest_duration(stability, overdrive)
    early, late = (
        perpendicular_write_error(stability, overdrive, tau, relative_tolerance=1e-4).log_value
        for tau in (middle - 0.5, middle + 0.5)
    )
    return early - late


def butler(stability: float, overdrive: float, tau: float) -> float:
    """Closed form of W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012), arXiv:1202.2621."""
    spread = overdrive * math.exp(2.0 * (overdrive - 1.0) * tau) - 1.0
    return -math.expm1(-0.25 * math.pi**2 * stability * (overdrive - 1.0) / spread)


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Fokker-Planck curves, both closed forms, and the reference values."""
    for index, (stability, overdrive) in enumerate(REFERENCE):
        durations = np.linspace(0.5, deepest_duration(stability, overdrive), 30)
        curve = [perpendicular_write_error(stability, overdrive, float(tau)).value for tau in durations]
        label = f"$\\Delta$ = {stability:g}, i = {overdrive:g}"
        axes.semilogy(durations, curve, color=f"C{index}", label=label)
        for form, style in ((butler, "--"), (write_error_closed_form, ":")):
            values = [form(stability, overdrive, float(tau)) for tau in durations]
            axes.semilogy(durations, values, style, color=f"C{index}", linewidth=1.0)
        points = REFERENCE[stability, overdrive]
        axes.semilogy(points.keys(), points.values(), "o", color=f"C{index}", markersize=4)
    axes.semilogy([], [], "--", color="0.4", label="Butler")
    axes.semilogy([], [], ":", color="0.4", label="with $C^2$")
    axes.set(xlabel="pulse length / $\\tau_D$", ylabel="write error rate", ylim=(DEEPEST, 2.0))
    axes.legend(frameon=False, fontsize=8)


if __name__ == "__main__":
    report("v04_perpendicular_write_error", compare, draw)

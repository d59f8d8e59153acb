"""Escape rates: closed form, mean passage and Fokker-Planck eigenvalue against each other and a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim import Device
from spinpim.device.escape.escape_rates import escape_rate
from spinpim.device.escape.passage_time import log_closed_form, log_passage_time

TABLE = {
    (20.0, 0.0): 4.9291e-9,
    (20.0, 0.3): 8.0240e-5,
    (20.0, 0.5): 5.0516e-3,
    (40.0, 0.0): 1.4773e-17,
    (40.0, 0.3): 6.6624e-9,
    (40.0, 0.5): 5.4720e-5,
    (60.0, 0.0): 3.7622e-26,
    (60.0, 0.3): 4.6011e-13,
    (60.0, 0.5): 4.6962e-7,
}
"""Rate times tau_D at Delta and current over threshold, from an independent quadrature."""

LOWEST_BARRIER = 6.0
"""Below it, where a passage ends decides the second digit."""

BIAXIAL_BARRIER, HARD_OVER_SOFT = 8.0, 4.0
DAMPINGS = (0.5, 0.2, 0.1, 0.05, 0.03)
FRACTIONS = (-0.4, -0.2)


def compare() -> list[Row]:
    """Rates of every method over the exact one."""
    return [*axial_rows(), *biaxial_rows(), *driven_rows()]


def axial_rows() -> list[Row]:
    """Everything along z."""
    found = []
    for (delta, drive), exact in TABLE.items():
        low = delta * (1.0 - drive) ** 2 < LOWEST_BARRIER
        name = f"Delta {delta:g}, i {drive:g}"
        passage = math.exp(-log_passage_time(delta, -drive)) / exact
        log_rate, last = log_closed_form(delta, -drive)
        found.append(Row(f"{name}: passage / table", passage, 1.0, 0.03 if low else 5e-4))
        found.append(
            Row(f"{name}: closed form / table", math.exp(log_rate) / exact, 1.0, last + 0.03 * low + 5e-4)
        )
    return found


def biaxial_rows() -> list[Row]:
    """A junction with a hard axis, over the damping."""
    found = []
    for damping in DAMPINGS:
        device = biaxial(damping)
        exact = escape_rate(device, "P", method="fokker-planck")
        for method in ("passage", "closed_form"):
            rate = escape_rate(device, "P", method=method)
            name = f"biaxial, alpha {damping:g}: {method} / eigenvalue"
            found.append(Row(name, rate.value_per_s / exact.value_per_s, 1.0, rate.relative_error))
    return found


def driven_rows() -> list[Row]:
    """The same under spin-transfer torque."""
    found = []
    for damping in (0.1, 0.05):
        device = biaxial(damping)
        for fraction in FRACTIONS:
            voltage = fraction * device.stt_critical_voltage_V
            exact = escape_rate(device, "P", mtj_voltage_V=voltage, method="fokker-planck")
            rate = escape_rate(device, "P", mtj_voltage_V=voltage)
            name = f"biaxial, alpha {damping:g}, V/V_c {fraction:g}: passage / eigenvalue"
            found.append(Row(name, rate.value_per_s / exact.value_per_s, 1.0, rate.relative_error))
    return found


def biaxial(damping: float) -> Device:
    """In-plane junction whose barrier is in reach of the eigenvalue."""
    flat = Device.load("in_plane_y_memory")
    soft, hard = flat.stiffness_fields_T
    moment = flat.saturation_magnetisation_A_per_m * flat.thickness_m
    lifted = flat.interfacial_anisotropy_J_per_m2 + 0.5 * moment * (hard - HARD_OVER_SOFT * soft)
    device = flat.replace(interfacial_anisotropy_J_per_m2=lifted, damping=damping)
    return device.replace(temperature_K=device.temperature_K * device.thermal_stability / BIAXIAL_BARRIER)


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Rate over the exact one, against the damping and against the current."""
    for method, marker in (("passage", "o"), ("closed_form", "s")):
        ratios = [
            row.ours for row in rows if f": {method} / eigenvalue" in row.what and "V_c" not in row.what
        ]
        axes.plot(DAMPINGS, ratios, marker, color="black", markersize=4, label=f"biaxial, {method}")
    drives = np.linspace(0.0, 0.6, 25)
    for delta in (20.0, 40.0, 60.0):
        ratios = [math.exp(log_closed_form(delta, -i)[0] + log_passage_time(delta, -i)) for i in drives]
        axes.plot(drives, ratios, linewidth=1, label=f"axial, closed form, $\\Delta$ = {delta:g}")
    axes.set(
        xlabel="damping (points), current over threshold (lines)", ylabel="rate / exact", ylim=(0.9, 1.15)
    )
    axes.legend(fontsize=6, frameon=False)


if __name__ == "__main__":
    report("v14_escape_rates", compare, draw)

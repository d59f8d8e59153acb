"""Trade-offs, yields and the best read current against the whole circuit, drawn columns and fine grids."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim.circuit import Cell, SenseAmp, sense
from spinpim.circuit.sensing_failure import sensing_failure
from spinpim.circuit.sensing_yield import sensing_yield
from spinpim.circuit.trade_offs import best_read_current, trade_off
from spinpim.device import Device

CHIPS, COLUMNS, GROUPS, ALLOWED = 4000, 16, 64, 1e-4
CORNERS_K = (233.15, 300.0, 398.15)
QUANTITIES = {
    "read_current_per_row_A": (6e-6, 13e-6),
    "tunnel_magnetoresistance": (1.0, 1.8),
    "resistance_area_product_ohm_m2": (1.5e-11, 2.5e-11),
    "area_scale": (2.0, 32.0),
    "temperature_K": (CORNERS_K[0], CORNERS_K[2]),
}


def columns() -> dict[str, tuple[Cell, SenseAmp]]:
    """Columns that sense voltage and current, without mismatch of the drive."""
    cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    cell = cell.replace(read_current_sigma=0.0)
    clamped = SenseAmp.load("current_clamp_45nm")
    assert clamped.clamp is not None
    exact = dataclasses.replace(clamped.clamp, voltage_sigma_V=0.0, transresistance_sigma=0.0)
    return {
        "voltage": (cell, SenseAmp.load("strongarm_45nm")),
        "current": (cell, clamped.replace(clamp=exact)),
    }


def changed(
    cell: Cell, amplifier: SenseAmp, quantity: str, value: float
) -> tuple[Cell, SenseAmp, float | None]:
    """Column and temperature with one quantity changed."""
    if quantity == "temperature_K":
        return cell, amplifier, value
    if quantity == "area_scale":
        return cell, amplifier.replace(area_scale=value), None
    if quantity == "read_current_per_row_A":
        return cell.replace(read_current_per_row_A=value), amplifier, None
    return cell.replace(device=cell.device.replace(**{quantity: value})), amplifier, None


def whole_circuit() -> list[Row]:
    """Ends of every trade-off against the tail of the whole circuit."""
    rows = []
    for mode, (cell, amplifier) in columns().items():
        for quantity, values in QUANTITIES.items():
            if mode == "current" and quantity in ("read_current_per_row_A", "temperature_K"):
                continue
            found = trade_off(cell, amplifier, quantity, values)
            for value, error in zip(found.values, found.error_static, strict=True):
                column = changed(cell, amplifier, quantity, float(value))
                tails = [
                    sensing_failure(*column[:2], pattern=pattern, seed=1, temperature_K=column[2]).value
                    for pattern in ("01", "11")
                ]
                what = f"{mode}, {quantity} {value:.3g}, error {error:.1e}: over the whole circuit"
                rows.append(Row(what, error / max(tails), 1.0, 0.01))
    return rows


def drawn_columns() -> list[Row]:
    """Yields against columns drawn one by one, four standard errors of chips as a whole."""
    cell, _ = columns()["voltage"]
    cell = cell.replace(read_current_sigma=0.01)
    sensing = sense(cell, SenseAmp.load("strongarm_minimum_45nm").replace(area_scale=1.5))
    ours = sensing_yield(sensing, columns=COLUMNS, groups_per_column=GROUPS, highest_error_rate=ALLOWED)
    draw = np.random.default_rng(25)
    normals = draw.standard_normal((CHIPS, COLUMNS, 3))
    normals[:, :, 1] = normals[:, :1, 1]
    static, temporal = sensing.column_errors(normals.reshape(-1, 3))
    wrong = np.any(draw.binomial(GROUPS, static) > 0, axis=1).reshape(CHIPS, COLUMNS)
    noisy = np.any((temporal > ALLOWED) | (static > 0.5), axis=1).reshape(CHIPS, COLUMNS)
    rows = []
    for name, found, counted in (
        ("columns with a wrong group", ours.column_failure_static, wrong.mean(axis=1)),
        ("columns too noisy", ours.column_failure_temporal, noisy.mean(axis=1)),
        ("chips with a wrong group", ours.chip_failure_static, wrong.any(axis=1)),
        ("chips with either", ours.chip_failure, (wrong | noisy).any(axis=1)),
    ):
        rows.append(Row(name, found, float(counted.mean()), 4.0 * float(counted.std()) / math.sqrt(CHIPS)))
    return rows


def optimum() -> list[Row]:
    """Best read current against a fine grid; the hottest corner against all others."""
    cell, amplifier = columns()["voltage"]
    rows = []
    for accesses in (1, 10**12):
        best = best_read_current(cell, amplifier, accesses=accesses)
        grid = trade_off(cell, amplifier, "read_current_per_row_A", np.arange(8e-6, 22e-6, 5e-8))
        lost = -np.expm1(accesses * np.log1p(-grid.read_disturb_probability))
        least = float(grid.values[np.nanargmin(grid.error_static + grid.error_temporal + lost)])
        what = f"best current in uA, {accesses:g} accesses"
        rows.append(Row(what, 1e6 * best.read_current_per_row_A, 1e6 * least, 0.3))
    corners = trade_off(*columns()["voltage"], "temperature_K", CORNERS_K)
    worst = float(corners.values[np.argmax(corners.error_static)])
    rows.append(Row("voltage, corner with the largest error in K", worst, CORNERS_K[2], 0.0))
    return rows


def compare() -> list[Row]:
    """All comparisons."""
    return [*whole_circuit(), *drawn_columns(), *optimum()]


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Static error against the area of the amplifier, offset ignored beside offset included."""
    cell, amplifier = columns()["voltage"]
    found = trade_off(cell, amplifier, "area_scale", np.geomspace(1.0, 64.0, 25))
    axes.plot(found.values, found.error_static, label="offset included")
    axes.plot(found.values, found.error_without_offset, "--", label="offset ignored")
    axes.set(xscale="log", yscale="log", xlabel="amplifier area over the unit one", ylabel="static error")
    axes.legend()


if __name__ == "__main__":
    report("v25_trade_offs", compare, draw)

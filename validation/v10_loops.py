"""Field loops: two-state rates against the equation of motion, Kurkijarvi's law, and the astroid at T = 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from rows import Row, report

from spinpim import Device
from spinpim.device.escape.retention import escape_rate_per_s
from spinpim.device.measure.astroid import astroid
from spinpim.device.measure.loops import FieldLoop, field_loop
from spinpim.device.measure.two_state import with_field

EULER = 0.5772156649015329
OVERLAP_T_PER_S = 1e6
TRIALS = 256


def compare() -> list[Row]:
    """Coercive fields and spreads in mT; four standard errors where both are statistical."""
    device = Device.load("perpendicular_memory_60nm")
    integrated, rates = (overlap(device, method) for method in ("llg", "rate equation"))
    error = 1e3 * integrated.coercivity_spread_T / math.sqrt(TRIALS)
    rows = [
        Row("coercive field at 1 MT/s", 1e3 * integrated.coercivity_T, 1e3 * rates.coercivity_T, 4.0 * error),
        Row(
            "spread at 1 MT/s",
            1e3 * integrated.coercivity_spread_T,
            1e3 * rates.coercivity_spread_T,
            4.0 * error,
        ),
    ]
    slow = field_loop(device, peak_field_T=0.25, sweep_rate_T_per_s=1.0, seed=2, trials=20_000, points=2)
    mean, spread = gumbel(device, sweep_rate_T_per_s=1.0)
    # The barrier is not linear over the spread: one part in a hundred of the width, and a skewer law.
    rows.append(Row("coercive field at 1 T/s", 1e3 * slow.coercivity_T, 1e3 * mean, 0.1 * 1e3 * spread))
    one_branch = float(np.std(slow.switching_field_T[:, 1]))
    rows.append(Row("spread of a branch at 1 T/s", 1e3 * one_branch, 1e3 * spread, 0.1 * 1e3 * spread))
    cold = device.replace(temperature_K=0.01)
    frozen = field_loop(cold, peak_field_T=0.25, sweep_rate_T_per_s=1.0, seed=3, trials=100)
    limit = float(astroid(cold, [math.pi]).switching_field_T[0])
    rows.append(Row("coercive field at 10 mK", 1e3 * frozen.coercivity_T, 1e3 * limit, 3e-3 * 1e3 * limit))
    return rows


def overlap(device: Device, method: str) -> FieldLoop:
    """A sweep of one microsecond, which both methods can do."""
    return field_loop(
        device,
        peak_field_T=0.25,
        sweep_rate_T_per_s=OVERLAP_T_PER_S,
        seed=1,
        trials=TRIALS if method == "llg" else 40 * TRIALS,
        method=method,
        points=101,
    )


def gumbel(device: Device, *, sweep_rate_T_per_s: float) -> tuple[float, float]:
    r"""Mean and standard deviation of the switching field where ln rate is linear in the field [T].

    .. math:: \Gamma = \Gamma_1 e^{(B - B_1)/b} \;\Rightarrow\; \langle B\rangle = B_1 + b\Big(\ln
        \frac{\dot B}{\Gamma_1 b} - 0.5772\Big), \quad \sigma = \frac{\pi b}{\sqrt 6}

    linearised at the mean itself. J. Kurkijarvi, Phys. Rev. B 6, 832 (1972).
    """

    def log_rate(field_T: float) -> float:
        opposing = with_field(device, -field_T * np.array(device.reference_direction))
        return math.log(escape_rate_per_s(opposing, "P"))

    mean, step = 0.5 * device.anisotropy_field_T, 1e-3 * device.anisotropy_field_T
    for _ in range(50):
        here = log_rate(mean)
        width = 2.0 * step / (log_rate(mean + step) - log_rate(mean - step))
        updated = mean + width * (math.log(sweep_rate_T_per_s / width) - here - EULER)
        if abs(updated - mean) < 1e-9:
            break
        mean = updated
    return mean, math.pi * width / math.sqrt(6.0)


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Coercive field against sweep rate over thirteen decades, the fast end by both methods."""
    device = Device.load("perpendicular_memory_60nm")
    rates = np.logspace(-6, 6, 13)
    loops = [
        field_loop(
            device,
            peak_field_T=0.25,
            sweep_rate_T_per_s=float(rate),
            seed=1,
            trials=400,
            points=21,
            method="rate equation",
        )
        for rate in rates
    ]
    coercive = 1e3 * np.array([loop.coercivity_T for loop in loops])
    spread = 1e3 * np.array([loop.coercivity_spread_T for loop in loops])
    axes.errorbar(rates, coercive, yerr=spread, color="black", label="rate equation")
    axes.plot([OVERLAP_T_PER_S], [rows[0].ours], "o", mfc="white", color="black", label="equation of motion")
    axes.axhline(1e3 * device.anisotropy_field_T, ls=":", color="black", label="astroid")
    axes.set(xscale="log", xlabel="sweep rate (T/s)", ylabel="coercive field (mT)")
    axes.legend(loc="lower right")


if __name__ == "__main__":
    report("v10_loops", compare, draw)

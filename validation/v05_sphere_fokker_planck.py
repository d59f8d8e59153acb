"""Write failures of combined spin-orbit and spin-transfer torque: density on the sphere against counting.

Perpendicular macrospin of Delta 60 and damping 0.05: a spin-orbit pulse of 0.6 B_k with a field of -0.1 B_k
along the channel, 0.5 ns and a linear fall of 0.1 ns, and a junction current of 0.01 to 0.05 B_k for 2 ns.
The state is read 1.5 ns after the fall.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import Row, report

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.density.fokker_planck_sphere import slowest_rate_per_s, sphere_failure_probability
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, LANES, STATE_ROWS, advance_block
from spinpim.device.dynamics.noise import seed_lanes

ANISOTROPY_T, DELTA, DAMPING = 0.5, 60.0, 0.05
KNOTS_S = np.array([0.0, 0.5, 0.6, 2.0, 2.0, 2.1]) * 1e-9
JUNCTION = (0.01, 0.02, 0.03, 0.05)
COUNTED = (0.01, 0.02, 0.03)
BLOCKS = 256
STEP_S = 0.5e-12
UP, DOWN = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)


def compare() -> list[Row]:
    """Failure probabilities by density and by counting (4 standard deviations); a rate by passage times."""
    rows = []
    for junction in JUNCTION:
        found = density_failure(junction)
        if junction in COUNTED:
            share, trials = counted_failure(junction)
            spread = 4.0 * math.sqrt(share * (1.0 - share) / trials)
            rows.append(Row(f"failure at {junction:g} B_k, density and counting", found, share, spread))
        else:
            finer = density_failure(junction, relative_tolerance=1e-2)
            rows.append(Row(f"failure at {junction:g} B_k, density twice", found, finer, 0.05 * finer))
    rate = slowest_rate_per_s(barrier_row(), damping=DAMPING, reference=UP)
    relaxation = (1.0 + DAMPING**2) / (DAMPING * GYROMAGNETIC_RATIO * ANISOTROPY_T)
    return [*rows, Row("rate at Delta 20, i 0.3, in 1/tau_D", rate * relaxation, 8.0240e-5, 5e-8)]


def drive(junction: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drive row at rest and rows at the knots [T]."""
    rest = np.zeros(DRIVE_COLUMNS)
    rest[0], rest[5], rest[14] = -0.1 * ANISOTROPY_T, ANISOTROPY_T, ANISOTROPY_T / (2.0 * DELTA)
    rows = np.tile(rest, (KNOTS_S.size, 1))
    rows[:2, 11] = -0.6 * ANISOTROPY_T
    rows[:4, 13] = junction * ANISOTROPY_T
    return rest, rows


def barrier_row() -> NDArray[np.float64]:
    """A barrier of 20 k_B T under 0.3 of the critical current."""
    row = np.zeros(DRIVE_COLUMNS)
    row[5], row[13], row[14] = ANISOTROPY_T, 0.3 * DAMPING * ANISOTROPY_T, ANISOTROPY_T / 40.0
    return row


def density_failure(junction: float, relative_tolerance: float = 0.05) -> float:
    """Failure probability of the write from -z to +z by the density on the sphere."""
    rest, rows = drive(junction)
    return sphere_failure_probability(
        KNOTS_S,
        rows,
        damping=DAMPING,
        reference=UP,
        start_row_T=rest,
        start_direction=DOWN,
        relative_tolerance=relative_tolerance,
    ).value


def counted_failure(junction: float) -> tuple[float, int]:
    """Share of the kernel's trajectories that end with m_z <= 0, and their number."""
    rest, rows = drive(junction)
    steps = round(KNOTS_S[-1] / STEP_S)
    grid = np.arange(steps + 1) * STEP_S
    table = np.stack([np.interp(grid, KNOTS_S, rows[:, c]) for c in range(DRIVE_COLUMNS)], axis=1)
    table[:, 14] = np.sqrt(2.0 * DAMPING * table[:, 14] / (GYROMAGNETIC_RATIO * STEP_S))
    scale = GYROMAGNETIC_RATIO * STEP_S / (1.0 + DAMPING**2)
    constants = (UP, 0.0, DAMPING, 1.0, scale, 0.5 * scale)
    starts, failures = thermal_well(rest, BLOCKS * LANES), 0
    for block in range(BLOCKS):
        state = np.zeros((STATE_ROWS, LANES))
        state[:3] = starts[:, block * LANES : (block + 1) * LANES]
        generators = np.zeros((4, LANES), dtype=np.uint32)
        seed_lanes(generators, 5, round(100 * junction), block * LANES, 0)
        empty = np.empty((0, DRIVE_COLUMNS)), np.empty((0, 2))
        noise, record = np.empty((6, LANES)), np.empty((LANES, 0, STATE_ROWS))
        advance_block(state, generators, noise, table, *empty, constants, 0, steps, 0, record)
        failures += int(np.sum(state[2] <= 0.0))
    return failures / (BLOCKS * LANES), BLOCKS * LANES


def thermal_well(row: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Boltzmann law on the half z < 0, by rejection from a uniform cap of 1 rad about -z."""
    rng, kept = np.random.default_rng(6), np.empty((3, 0))
    # The maximum lies at m_x = b_x/B_k.
    highest = 0.5 * (row[5] + row[0] ** 2 / row[5])
    while kept.shape[1] < count:
        height, angle = rng.uniform(-1.0, -math.cos(1.0), 400_000), rng.uniform(0.0, 2.0 * math.pi, 400_000)
        flat = np.sqrt(1.0 - height**2)
        m = np.stack([flat * np.cos(angle), flat * np.sin(angle), height])
        excess = (row[0] * m[0] + 0.5 * row[5] * m[2] ** 2 - highest) / row[14]
        kept = np.concatenate([kept, m[:, np.log(rng.uniform(size=height.size)) < excess]], axis=1)
    return kept[:, :count]


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Failure probability against the junction's torque."""
    axes.semilogy(JUNCTION, [row.ours for row in rows[: len(JUNCTION)]], "-", color="black", label="density")
    counted = [row.expected for row in rows[: len(COUNTED)]]
    axes.semilogy(COUNTED, counted, "o", color="black", label="counting")
    axes.set(xlabel="damping-like field of the junction / B_k", ylabel="write failure probability")
    axes.legend()


if __name__ == "__main__":
    report("v05_sphere_fokker_planck", compare, draw)

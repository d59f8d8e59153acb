"""The fastest peer that samples the right distribution, where it is installed: cmtj with its Heun solver."""

from __future__ import annotations

import math
from typing import Any

from spinpim.bench.device_kernels import UNIT
from spinpim.bench.machine import library_version
from spinpim.bench.workload import Absent, Workload
from spinpim.constants import BOLTZMANN, VACUUM_PERMEABILITY

KEY = "cmtj_heun_steps_per_s"
STEPS = 50_000
STEP_S = 1e-12

SATURATION_MAGNETISATION_A_PER_M = 1e6
ANISOTROPY_J_PER_M3 = 9e5
DEMAGNETISING_FACTORS = (0.025, 0.025, 0.95)
THICKNESS_M = 1e-9
AREA_M2 = math.pi * (20e-9) ** 2
DAMPING = 0.05
TEMPERATURE_K = 300.0
SOT_FIELD_A_PER_M = 7.9e4


def cmtj_heun() -> Workload | Absent:
    """One long call of cmtj: a perpendicular layer, damping-like SOT, temperature."""
    try:
        import cmtj
    except ImportError:
        return Absent(KEY, "cmtj is not installed; 'spinpim[bench]' adds it, for this comparison only.")
    junction = perpendicular_junction(cmtj, SOT_FIELD_A_PER_M)

    def call() -> None:
        junction.clearLog()
        junction.runSimulation(STEPS * STEP_S, STEP_S, STEPS * STEP_S, solverMode=cmtj.SolverMode.Heun)

    return Workload(
        KEY,
        UNIT,
        float(STEPS),
        call,
        f"cmtj {library_version('cmtj')}, Heun, 1 ps steps in one long call, nothing logged: anisotropy, "
        "demagnetisation, constant damping-like SOT, thermal field; one core.",
    )


def perpendicular_junction(cmtj: Any, sot_field_A_per_m: float) -> Any:
    """Junction of one free layer with temperature; spin polarisation along y.

    cmtj takes mu0 M_s in tesla, anisotropies in J/m^3 and torques as fields in A/m.
    """
    vector, constant = cmtj.CVector, cmtj.constantDriver
    tensor = [
        [0.0] * axis + [factor] + [0.0] * (2 - axis) for axis, factor in enumerate(DEMAGNETISING_FACTORS)
    ]
    layer = cmtj.Layer(
        "free",
        vector(0.0, 0.0, 1.0),
        vector(0.0, 0.0, 1.0),
        VACUUM_PERMEABILITY * SATURATION_MAGNETISATION_A_PER_M,
        THICKNESS_M,
        AREA_M2,
        [vector(*row) for row in tensor],
        DAMPING,
    )
    junction = cmtj.Junction([layer])
    junction.setLayerAnisotropyDriver("free", constant(ANISOTROPY_J_PER_M3))
    junction.setLayerReferenceLayer("free", vector(0.0, 1.0, 0.0))
    junction.setLayerDampingLikeTorqueDriver("free", constant(sot_field_A_per_m))
    junction.setLayerTemperatureDriver("free", constant(TEMPERATURE_K))
    return junction


def stability() -> float:
    """Barrier of that layer over k_B T [1]."""
    across, _, along = DEMAGNETISING_FACTORS
    shape = 0.5 * VACUUM_PERMEABILITY * SATURATION_MAGNETISATION_A_PER_M**2 * (along - across)
    return (ANISOTROPY_J_PER_M3 - shape) * THICKNESS_M * AREA_M2 / (BOLTZMANN * TEMPERATURE_K)

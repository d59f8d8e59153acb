"""Organisations of the array: one put together, and many explored."""

from __future__ import annotations

from spinpim.array.model import ArrayModel
from spinpim.array.organise import Choices
from spinpim.array.periphery.bank import bank
from spinpim.array.periphery.process import process
from spinpim.array.periphery.sub_array import CellLoad, Plan, Sensed, Written, sub_array_figures
from spinpim.bench.workload import Workload
from spinpim.circuit import Cell, SenseAmp
from spinpim.device import Device
from spinpim.estimate import Estimate

UNIT = "organisations/s"

MANY = Choices(
    rows=tuple(range(64, 641, 64)),
    columns=tuple(range(64, 545, 32)),
    mux=(1, 2),
    flavours=("high_performance", "low_operating_power", "low_standby_power"),
)
COUNT = len(MANY.rows) * len(MANY.columns) * len(MANY.mux) * len(MANY.flavours)


def organisation_one() -> Workload:
    """One sub-array of 512 x 256 with its bank; its sensing is known."""
    cmos = process("cmos_45nm")
    cell = CellLoad(5.7e-7, 6.6e-7, 3e-16, 1.5e-15, 2e-16, 5e3, 1.0, 1.2, 3.3e-4, 1.1)
    sensed, written = Sensed(4e-9, 1.6e-13, 0.0, 7e-13, 4.8e-11, 1e-12, 1.3e-14), Written(3e-13, 1e-9)

    def run() -> None:
        bank(cmos, sub_array_figures(cmos, Plan(512, 256), cell, sensed, written), 4, 2)

    return Workload(
        "organisation_per_s",
        UNIT,
        1.0,
        run,
        "One sub-array of 512 x 256 put together, and its bank; one core.",
    )


def organisations_many() -> Workload:
    """Everything that `ArrayModel.optimise` does."""
    cell = Cell.load("2t1r_45nm", device=Device.load("perpendicular_memory_60nm"))
    array = ArrayModel(cell, SenseAmp.load("strongarm_45nm"), write=Estimate.from_counts(0, 100_000))

    def run() -> None:
        array.optimise("product", choices=MANY)

    return Workload(
        "organisations_explored_per_s",
        UNIT,
        float(COUNT),
        run,
        f"{COUNT} organisations explored, sensing of every bit line and the Pareto front included; one core.",
    )

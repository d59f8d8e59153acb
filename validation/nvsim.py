"""NVSim as a program: its input files out of a case, its figures out of what it prints.

The program is named by the environment variable SPINPIM_NVSIM; it compiles with ``g++ -std=c++11``.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "SPINPIM_NVSIM"
FLAVOURS = {"high_performance": "HP", "low_operating_power": "LOP", "low_standby_power": "LSTP"}

SECONDS = {"ps": 1e-12, "ns": 1e-9, "us": 1e-6}
JOULES = {"fJ": 1e-15, "pJ": 1e-12, "nJ": 1e-9}
WATTS = {"pW": 1e-12, "nW": 1e-9, "uW": 1e-6, "mW": 1e-3, "W": 1.0}
AREAS = {"um^2": 1e-12, "mm^2": 1e-6}

FIGURES: dict[str, tuple[str, dict[str, float]]] = {
    "area": (r"Total Area = .* = ", AREAS),
    "predecoder delay": (r"Predecoder Latency = ", SECONDS),
    "row decoder delay": (r"Row Decoder Latency = ", SECONDS),
    "bit line delay": (r"Bitline Latency     = ", SECONDS),
    "amplifier delay": (r"Senseamp Latency    = ", SECONDS),
    "mux delay": (r"Mux Latency         = ", SECONDS),
    "precharge delay": (r"Precharge Latency   = ", SECONDS),
    "read delay": (r"Read Latency = ", SECONDS),
    "write delay": (r"Write Latency = ", SECONDS),
    "predecoder energy": (r"Predecoder Dynamic Energy = ", JOULES),
    "row decoder energy": (r"Row Decoder Dynamic Energy = ", JOULES),
    "mux decoder energy": (r"Mux Decoder Dynamic Energy = ", JOULES),
    "cell energy": (r"Bitline & Cell Read Energy = ", JOULES),
    "amplifier energy": (r"Senseamp Dynamic Energy    = ", JOULES),
    "precharge energy": (r"Precharge Dynamic Energy   = ", JOULES),
    "read energy": (r"Read Dynamic Energy = ", JOULES),
    "write energy": (r"Write Dynamic Energy = ", JOULES),
    "leakage": (r"Leakage Power = ", WATTS),
}
"""Text before each figure, and its units; the first place where it stands is meant."""


@dataclass(frozen=True)
class Case:
    """One run: organisation, technology, and the cell of 69 F^2 with an access transistor of 8 F."""

    rows: int = 512
    columns: int = 256
    mux: int = 1
    node_nm: int = 45
    flavour: str = "high_performance"
    mode: str = "voltage"
    low_ohm: float = 3e3
    high_ohm: float = 6e3
    read_V: float = 0.4
    signal_V: float = 0.01

    @property
    def name(self) -> str:
        """One line that tells it from others."""
        return " ".join(str(getattr(self, key)) for key in self.__dataclass_fields__)


def program() -> str | None:
    """The program, where the environment names one."""
    return os.environ.get(PROGRAM)


def simulated(case: Case) -> dict[str, float]:
    """Figures of a run in SI."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sot.cell").write_text(_cell(case))
        (Path(folder) / "run.cfg").write_text(_configuration(case))
        done = subprocess.run(
            [str(program()), "run.cfg"], cwd=folder, capture_output=True, text=True, check=True
        )
    return {what: _figure(done.stdout, *FIGURES[what]) for what in FIGURES}


def _figure(printed: str, before: str, units: dict[str, float]) -> float:
    found = re.search(
        before + r"(-?[0-9.]+)(" + "|".join(re.escape(unit) for unit in units) + r")\b", printed
    )
    if found is None:
        raise RuntimeError(f"NVSim printed no {before!r}:\n{printed[-2000:]}")
    return float(found[1]) * units[found[2]]


def _cell(case: Case) -> str:
    return f"""-MemCellType: MRAM
-CellArea (F^2): 69
-CellAspectRatio: 1.34
-ResistanceOn (ohm): {case.low_ohm:g}
-ResistanceOff (ohm): {case.high_ohm:g}
-ReadMode: {case.mode}
-ReadVoltage (V): {case.read_V:g}
-MinSenseVoltage (mV): {1e3 * case.signal_V:g}
-ReadPower (uW): 30
-ResetMode: current
-ResetCurrent (uA): 80
-ResetPulse (ns): 1
-ResetEnergy (pJ): 0.1
-SetMode: current
-SetCurrent (uA): 80
-SetPulse (ns): 1
-SetEnergy (pJ): 0.1
-AccessType: CMOS
-VoltageDropAccessDevice (V): 0.15
-AccessCMOSWidth (F): 8
"""


def _configuration(case: Case) -> str:
    return f"""-DesignTarget: RAM
-OptimizationTarget: ReadLatency
-EnablePruning: Yes
-ProcessNode: {case.node_nm}
-Capacity (KB): {case.rows * case.columns // 8192}
-WordWidth (bit): {case.columns // case.mux}
-DeviceRoadmap: {FLAVOURS[case.flavour]}
-LocalWireType: LocalAggressive
-LocalWireRepeaterType: RepeatedNone
-LocalWireUseLowSwing: No
-GlobalWireType: GlobalAggressive
-GlobalWireRepeaterType: RepeatedNone
-GlobalWireUseLowSwing: No
-Routing: H-tree
-InternalSensing: true
-MemoryCellInputFile: sot.cell
-Temperature (K): 350
-BufferDesignOptimization: latency
-ForceBank (Total AxB, Active CxD): 1x1, 1x1
-ForceMat (Total AxB, Active CxD): 1x1, 1x1
-ForceMuxSenseAmp: {case.mux}
-ForceMuxOutputLev1: 1
-ForceMuxOutputLev2: 1
"""

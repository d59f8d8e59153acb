"""Transistors and gates: capacitance, resistance, delay, leakage, outline."""

from __future__ import annotations

import math
from typing import NamedTuple

from spinpim.array.periphery.process import Process

_SWITCHED_SHARE = 0.5
"""A gate has switched when its output has come half way."""

_STACK_LEAKAGE = {1: 1.0, 2: 0.48, 3: 0.31}
"""Mean leakage of a NAND over that of its p-channel devices side by side, by inputs; NVSim's constants."""

_FOLDING_HEIGHT_SHARE = 0.5
"""Share of the height of a strip in which a gate folds when its capacitance is counted."""


_LEAST_FINGER = 0.25
"""Share of its height that a folded finger keeps in a low strip, whatever folding takes."""


class Factors(NamedTuple):
    """By what energy, delay, area and leakage of circuits are multiplied; 1: as the models give them."""

    energy: float = 1.0
    delay: float = 1.0
    area: float = 1.0
    leakage: float = 1.0


class Block(NamedTuple):
    """What a circuit takes: outline [m], delay [s], energy [J], leakage [W], ramp of its output [s]."""

    width_m: float = 0.0
    height_m: float = 0.0
    delay_s: float = 0.0
    energy_J: float = 0.0
    leakage_W: float = 0.0
    ramp_s: float = 0.0

    @property
    def area_m2(self) -> float:
        """Outline [m^2]."""
        return self.width_m * self.height_m

    def scaled(self, factors: Factors) -> Block:
        """The block with energy, delay and leakage multiplied; the outline stays."""
        return self._replace(
            energy_J=self.energy_J * factors.energy,
            delay_s=self.delay_s * factors.delay,
            leakage_W=self.leakage_W * factors.leakage,
        )


def switching_delay(time_constant_s: float, feedback: float, ramp_s: float) -> tuple[float, float]:
    r"""Delay of a stage and ramp of its output, its input rising in a ramp.

    .. math:: t = \tau \sqrt{\ln^2 v + 2 \beta (1 - v) \frac{t_r}{\tau}}, \qquad t_{r,out} = \frac{t}{1 - v},
              \qquad v = \tfrac12

    Parameters
    ----------
    time_constant_s : float
        Resistance times load [s].
    feedback : float
        1 / (transconductance times resistance) [1].
    ramp_s : float
        Time in which the input goes through the whole swing [s]; 0 for a step.

    Examples
    --------
    >>> round(switching_delay(1.0, 0.5, 0.0)[0], 4)  # a step: ln 2
    0.6931

    References
    ----------
    M. A. Horowitz, Timing models for MOS circuits, Stanford University, technical report SEL83-003 (1983).
    """
    rest = 1.0 - _SWITCHED_SHARE
    slow = 2.0 * feedback * rest * ramp_s * time_constant_s
    delay = math.sqrt((math.log(_SWITCHED_SHARE) * time_constant_s) ** 2 + slow)
    return delay, delay / rest


def gate_F(cmos: Process, width_m: float) -> float:
    """Capacitance of gates of that width together [F]."""
    return cmos.gate_F_per_m * width_m


def drain_F(cmos: Process, width_m: float, height_m: float, *, series: int = 1, parallel: int = 1) -> float:
    """Capacitance of the drains of one polarity of a gate [F].

    Parameters
    ----------
    cmos : Process
        Transistors.
    width_m : float
        Width of each device [m].
    height_m : float
        Greatest height of a finger [m]; wider devices are folded, every second finger sharing its drain.
    series, parallel : int
        Devices in series, whose inner nodes count, too; devices side by side.
    """
    fingers, finger_m = _folded(cmos, width_m, height_m)
    inner = series * (fingers - 1) + series - 1
    length = parallel * (_contact(cmos) + inner * cmos.gate_gap_m)
    edge = 2.0 * length + (finger_m if fingers % 2 else 0.0)
    return (
        length * finger_m * cmos.junction_F_per_m2
        + edge * cmos.edge_F_per_m
        + fingers * finger_m * cmos.gate_edge_F_per_m
    )


def resistance_n_ohm(cmos: Process, width_m: float) -> float:
    """Effective resistance of a switching n-channel device [ohm]."""
    return cmos.resistance_n_ohm_m / width_m


def resistance_p_ohm(cmos: Process, width_m: float) -> float:
    """Effective resistance of a switching p-channel device [ohm]."""
    return cmos.resistance_p_ohm_m / width_m


def inverter_leakage_W(cmos: Process, width_n_m: float, width_p_m: float) -> float:
    """Leakage of an inverter: whichever channel leaks more closed, the gate of the other open [W]."""
    through_n, through_p = cmos.off_n_A_per_m * width_n_m, cmos.off_p_A_per_m * width_p_m
    open_m = width_p_m if through_n > through_p else width_n_m
    return cmos.supply_V * (max(through_n, through_p) + cmos.gate_leakage_A_per_m * open_m)


def nand_leakage_W(cmos: Process, inputs: int, width_n_m: float, width_p_m: float) -> float:
    """Leakage of a NAND, mean over its inputs [W]."""
    through = cmos.off_p_A_per_m * width_p_m * inputs * _STACK_LEAKAGE[inputs]
    return cmos.supply_V * (through + cmos.gate_leakage_A_per_m * 0.5 * inputs * width_n_m)


def outline(
    cmos: Process, inputs: int, width_n_m: float, width_p_m: float, height_m: float
) -> tuple[float, float]:
    """Width and height of a NAND, an inverter (1 input) or a single device (the other width 0) [m].

    Transistors higher than their share of ``height_m`` are folded.
    """
    both = width_n_m > 0.0 and width_p_m > 0.0
    free = height_m - cmos.well_gap_m if both else height_m
    total = width_n_m + width_p_m
    widths, heights = [], []
    for width, stacked in ((width_n_m, True), (width_p_m, False)):
        if width == 0.0:
            continue
        fingers, finger_m = _folded(cmos, width, free * width / total if both else free)
        gap = cmos.gate_gap_m if stacked else _contact(cmos)
        unit = fingers * cmos.feature_m + (fingers - 1) * cmos.gate_gap_m
        widths.append(2.0 * _contact(cmos) + inputs * unit + (inputs - 1) * gap)
        heights.append(finger_m)
    rails = cmos.well_gap_m + 2.0 * cmos.rail_m if both else 0.0
    return max(widths), math.fsum(heights) + rails


def folding_heights(cmos: Process, width_n_m: float, width_p_m: float) -> tuple[float, float]:
    """Greatest finger of each polarity in half a strip of gates [m]."""
    free = _FOLDING_HEIGHT_SHARE * cmos.gate_height_m
    if width_n_m == 0.0 or width_p_m == 0.0:
        return free, free
    free -= cmos.well_gap_m
    share_p = width_p_m / (width_n_m + width_p_m)
    return free * (1.0 - share_p), free * share_p


def _contact(cmos: Process) -> float:
    """Room of a contact between gates [m]."""
    return cmos.contact_m + 2.0 * cmos.contact_gate_m


def _folded(cmos: Process, width_m: float, height_m: float) -> tuple[int, float]:
    """Fingers of a transistor and their height [m]."""
    if width_m < height_m:
        return 1, width_m
    return math.ceil(width_m / max(height_m - cmos.fold_margin_m, _LEAST_FINGER * height_m)), height_m

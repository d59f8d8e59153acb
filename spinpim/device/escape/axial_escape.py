"""Escape where everything is symmetric about z, or almost."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spinpim.device.density.axial_drive import axial_drives, is_axial
from spinpim.device.escape.axial_rates import axial_escape_rate_per_s
from spinpim.device.escape.driven_well import DrivenWell, EscapeRate, escape_result
from spinpim.device.escape.passage_time import PASSAGE_POINTS, log_axial_passage, log_closed_form
from spinpim.errors import InputError

Array = NDArray[np.float64]

LARGEST_SERIES_TERM = 0.1
"""Last term of the closed form above which it is refused: the rate is then off by up to that much."""

NEARLY_AXIAL, NEARLY_STILL = 0.5, 0.2
"""In-plane field over b_T, and `stirring`, up to which the pass is a ring that the field only modulates."""


def axial_escape(cell: DrivenWell, method: str) -> EscapeRate:
    """Everything along z: the torque is a potential."""
    up = float(cell.side[2])
    rate_D, exponent, bend = _potential(cell, cell.row)
    ends = np.array([1.0, 2.0, 4.0])
    # Energy alone decides whether the other state exists: its slope at the other pole.
    still = _potential(cell, np.where(np.arange(15) == 13, 0.0, cell.row))[1]
    if still[:3] @ (ends * np.array([1.0, -1.0, -1.0])) >= 0.0:
        return escape_result(-math.inf, 0.0, method, "The field leaves no other state to be lost to.")
    if method == "fokker-planck":
        name = "P" if up > 0.0 else "AP"
        value = axial_escape_rate_per_s(
            cell.row, damping=cell.device.damping, initial_state=name, asymmetry=cell.device.stt_asymmetry
        )
        log_value = math.log(value) if value > 0.0 else -math.inf
        return escape_result(log_value, 1e-6, method, "Axial symmetry about z, rates above 1e-290/s.")
    if method == "closed_form":
        return _brown(rate_D, exponent)
    fine = log_axial_passage(exponent, bend)
    coarse = log_axial_passage(exponent, bend, PASSAGE_POINTS // 2 + 1)
    z = np.linspace(-1.0, 1.0, 2001)
    height = z * (exponent[0] + z * (exponent[1] + z**2 * exponent[2])) + exponent[3] * np.log1p(bend * z)
    error = math.expm1(abs(fine - coarse)) + min(1.0, 10.0 * math.exp(height.min() - height[-1]))
    sentence = "Axial symmetry about z, any drive; from the pole of the well to m_z = -0.99 of the other."
    return escape_result(math.log(rate_D) - fine, error, "passage", sentence)


def _potential(cell: DrivenWell, row: Array) -> tuple[float, Array, float]:
    """Diffusion constant [1/s], and exponent of the law of z along the well: coefficients and bend."""
    device, up = cell.device, float(cell.side[2])
    drive = axial_drives(row[None, :], device.damping, device.stt_asymmetry, 1.0)[0]
    exponent = drive[1:] / drive[0] * np.array([up, 1.0, 1.0, 1.0])
    return float(drive[0]), exponent, device.stt_asymmetry * up


def _brown(rate_D: float, exponent: Array) -> EscapeRate:
    if exponent[2] != 0.0 or exponent[3] != 0.0:
        raise InputError(
            "The closed form is derived for a first-order anisotropy and a torque without asymmetry; use "
            "method 'passage'."
        )
    stability = float(exponent[1])
    field = float(exponent[0]) / (2.0 * stability)
    if not -1.0 < field < 1.0:
        raise InputError(
            f"The closed form needs a barrier: field plus torque are {field:.3g} of the anisotropy field, "
            "outside -1 to 1. Use method 'passage'."
        )
    log_rate, last = log_closed_form(stability, field)
    if last > LARGEST_SERIES_TERM:
        raise InputError(
            f"The barrier of {stability * (1.0 + field) ** 2:.3g} k_B T is too low for the closed form, "
            f"whose last term is {last:.2g}; use method 'passage'."
        )
    sentence = "Axial symmetry, first-order anisotropy; error below the last term of its series."
    return escape_result(log_rate + math.log(2.0 * stability * rate_D), last, "closed_form", sentence)


def upright_well(cell: DrivenWell) -> DrivenWell | None:
    """The well without its in-plane field, where that is weak enough for `ring_escape`; else None."""
    row = cell.row.copy()
    row[:2] = 0.0
    across = float(np.hypot(cell.row[0], cell.row[1])) / float(row[14])
    if cell.device.easy_axis != "z" or across > NEARLY_AXIAL or not is_axial(row[None, :]):
        return None
    if stirring(cell, across) <= NEARLY_STILL:
        return DrivenWell(cell.device, row, cell.side)
    return None


def stirring(cell: DrivenWell, across: float) -> float:
    r"""Diffusion over the pass by precession in an in-plane field, over the thermal one [1].

    .. math:: \frac{h_x^2 (2\Delta)^{3/2}}{\alpha}, \qquad h_x = \frac{B_x}{B_k}

    from the correlation time of the azimuth on the top of the barrier, whose width is one over the root of
    twice Delta. ``across`` is B_x/b_T.
    """
    double = float(cell.row[14]) / (cell.row[5] - cell.row[3] + cell.row[9])
    return float(across**2 * math.sqrt(double) / cell.device.damping)


def ring_escape(upright: DrivenWell, across: float) -> EscapeRate:
    """Axial passage with the mean over the ring of passes that a weak in-plane field modulates."""
    base = axial_escape(upright, "passage")
    _, exponent, _ = _potential(upright, upright.row)
    top = min(1.0, abs(float(exponent[0])) / (2.0 * float(exponent[1])))
    modulation = across * math.sqrt(1.0 - top * top)
    log_value = base.log_value + math.log(float(np.i0(modulation)))
    error = base.relative_error + 0.12 * modulation + 0.6 * stirring(upright, across)
    sentence = "Almost axial: an in-plane field below half of the thermal field b_T."
    return escape_result(log_value, error, "passage", sentence)

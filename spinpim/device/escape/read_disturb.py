"""Probability that an access which is not meant to write leaves the other state behind."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite, state
from spinpim.device.density.axial_drive import is_axial
from spinpim.device.density.fokker_planck_axial import axial_disturb_probability
from spinpim.device.dynamics.linearised import constant_rows
from spinpim.device.escape.escape_rates import EscapeRate, escape_rate, stationary_device
from spinpim.device.mtj import Device
from spinpim.errors import InputError

Array = NDArray[np.float64]

METHODS = ("auto", "rate", "fokker-planck")
SETTLING = 8.0
"""Default rest after the access, in damping times: what is over the barrier reaches the other well."""

DELAY = 12.0
"""Damping times, at most, by which the first escapes lag behind a constant hazard."""

LONG_ACCESS = 300.0
"""Damping times after which the first escapes no longer matter and "auto" takes the rate."""


@dataclass(frozen=True, slots=True)
class ReadDisturb:
    """A disturb probability with its accuracy and how it was obtained.

    Attributes
    ----------
    value, log_value : float
        Probability of one access [1] and its natural logarithm.
    relative_error : float
        Of the method within the macrospin model [1].
    method : str
        "rate" or "fokker-planck".
    rate : EscapeRate
        The escape rate under the read drive.
    valid_range : str
        Where the method holds, in a sentence.
    """

    value: float
    log_value: float
    relative_error: float
    method: str
    rate: EscapeRate
    valid_range: str


def read_disturb_probability(
    device: Device,
    initial_state: str,
    *,
    mtj_voltage_V: float,
    access_time_s: float,
    sot_current_A: float = 0.0,
    settle_time_s: float | None = None,
    method: str = "auto",
) -> ReadDisturb:
    r"""Probability that one access flips a stored state.

    "rate" adds the hazards of access, rest and twelve damping times without drive,

    .. math:: P = 1 - e^{-\Gamma(V)\,t - \Gamma(0)\,(t_{rest} + 12\,\tau_D)}

    The twelve stand for the trials that are near the pass when the access begins or ends: under a voltage
    that holds the state they and the rest are nearly all of the disturb. "fokker-planck" follows the density
    through a rectangular access and a rest, exact for a junction with everything along z. A trial over the
    barrier takes some damping times to the other side, and until then no flux flows: a short access disturbs
    less than the rates say, by orders of magnitude below a few damping times. "auto" takes the density where
    it applies and the access is short or holds the state; else the rates, an upper estimate.

    Parameters
    ----------
    device : Device
        The junction at its temperature.
    initial_state : str
        "P" or "AP": the stored state.
    mtj_voltage_V : float
        Junction voltage of the access [V]; positive favours P. VCMA of either sign is included.
    access_time_s : float
        How long it lasts [s], > 0.
    sot_current_A : float
        Channel current meanwhile [A], that of a half-selected cell.
    settle_time_s : float, optional
        Rest before the state counts [s]; by default eight damping times.
    method : str
        "auto", "rate" or "fokker-planck".

    Returns
    -------
    ReadDisturb

    Raises
    ------
    InputError
        If an argument is out of range, the state does not exist, or the method does not hold for this drive.

    Notes
    -----
    Macrospin, constant voltage. A junction with thermal paths is at its stationary temperature from the first
    instant of the access to the last, and at its own in the rest.

    Examples
    --------
    >>> device = Device.load("perpendicular_memory_60nm")
    >>> access = {"mtj_voltage_V": -0.4, "access_time_s": 5e-9}
    >>> exact = read_disturb_probability(device, "P", **access)
    >>> bound = read_disturb_probability(device, "P", **access, method="rate")
    >>> exact.method, exact.value < bound.value
    ('fokker-planck', True)

    References
    ----------
    Z. Li and S. Zhang, Phys. Rev. B 69, 134416 (2004), doi:10.1103/PhysRevB.69.134416;
    W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012), arXiv:1202.2621.
    """
    name = state("initial_state", initial_state)
    access = finite("access_time_s", access_time_s, above=0.0)
    rest = SETTLING * device.damping_time_s
    if settle_time_s is not None:
        rest = finite("settle_time_s", settle_time_s, 0.0)
    if method not in METHODS:
        raise InputError(f"method must be one of {METHODS}; instead received {method!r:.60}.")
    rate = escape_rate(device, name, mtj_voltage_V=mtj_voltage_V, sot_current_A=sot_current_A)
    driven = stationary_device(device, name, mtj_voltage_V, sot_current_A)
    drives = (driven, sot_current_A, mtj_voltage_V), (device, 0.0, 0.0)
    rows = np.concatenate(
        [
            constant_rows(one, np.zeros((1, 3)), np.array([current]), np.array([voltage]))
            for one, current, voltage in drives
        ]
    )
    axial = device.easy_axis == "z" and is_axial(rows)
    if method == "fokker-planck" and not axial:
        raise InputError(
            "The density in time is solved for junctions with all fields and torques along z; use method "
            "'rate', or write_error_rate by splitting for one pulse."
        )
    undriven = escape_rate(device, name)
    followed = access < LONG_ACCESS * device.damping_time_s or rate.log_value < undriven.log_value
    possible = max(rate.log_value, undriven.log_value) > -math.inf
    if method == "fokker-planck" or (method == "auto" and axial and followed and possible):
        return _followed(device, name, rate, rows, access, rest)
    return _hazard(device, rate, undriven, access, rest)


def _hazard(
    device: Device, rate: EscapeRate, undriven: EscapeRate, access_s: float, rest_s: float
) -> ReadDisturb:
    """Constant hazards: driven from the first instant on, undriven in the rest and about both its ends."""
    delay = DELAY * device.damping_time_s
    driven_log = rate.log_value + math.log(access_s)
    undriven_log = undriven.log_value + math.log(rest_s + delay)
    log_hazard = float(np.logaddexp(driven_log, undriven_log))
    value = -math.expm1(-math.exp(min(log_hazard, 700.0)))
    log_value = math.log(value) if value > 0.0 else log_hazard
    error = 0.0
    if log_hazard > -math.inf:
        share = math.exp(driven_log - log_hazard)
        error = share * (rate.relative_error + delay / access_s)
        # A long rest is a hazard like the access; a short one is followed by next to none of the delay.
        error += (1.0 - share) * (undriven.relative_error + min(1.0, 2.0 * delay / (rest_s + delay)))
    sentence = (
        "Accesses long against the damping time that do not hold the state; an upper estimate for others. "
        + rate.valid_range
    )
    return ReadDisturb(value, log_value, error, "rate", rate, sentence)


def _followed(
    device: Device, name: str, rate: EscapeRate, rows: Array, access_s: float, rest_s: float
) -> ReadDisturb:
    """Density through the access and the rest after it."""
    times, table = [0.0, access_s], rows[[0, 0]]
    if rest_s > 0.0:
        times, table = [0.0, access_s, access_s, access_s + rest_s], rows[[0, 0, 1, 1]]
    found = axial_disturb_probability(
        times,
        table,
        rest_row=rows[1],
        damping=device.damping,
        initial_state=name,
        asymmetry=device.stt_asymmetry,
    )
    sentence = (
        f"Axial symmetry about z; rectangular access, then a rest of {rest_s:.3g} s, in which the undriven "
        "state is lost as well."
    )
    return ReadDisturb(found.value, found.log_value, found.relative_error, "fokker-planck", rate, sentence)

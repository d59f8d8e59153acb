"""Write error of a perpendicular junction under a constant spin-transfer torque, without units."""

from __future__ import annotations

import math

import numpy as np

from spinpim.checks import finite
from spinpim.device.density.fokker_planck_axial import (
    RELATIVE_TOLERANCE,
    FailureProbability,
    solve_probability,
)


def perpendicular_write_error(
    stability: float,
    overdrive: float,
    duration: float,
    *,
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> FailureProbability:
    r"""Write error of a macrospin by the Fokker-Planck equation, at any depth.

    .. math::

        \partial_\tau p = -\partial_z\left[(1-z^2)\left((z-i)\,p - \frac{\partial_z p}{2\Delta}\right)\right]

    Parameters
    ----------
    stability : float
        Delta [1], > 0.
    overdrive : float
        i, current over the critical one [1].
    duration : float
        tau, pulse over the relaxation time (1 + alpha^2)/(alpha gamma B_k) [1], > 0.
    relative_tolerance : float
        Largest accepted relative error [1].

    Returns
    -------
    FailureProbability
        P(z > 0) at the end, from the Boltzmann law of the upper half at the start.

    Raises
    ------
    InputError
        If an argument is out of range or the tolerance is not reached.

    Examples
    --------
    >>> f"{perpendicular_write_error(60.0, 3.0, 5.0).value:.3e}"
    '1.898e-07'

    References
    ----------
    W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012), arXiv:1202.2621.
    """
    diffusion = 0.5 / finite("stability", stability, above=0.0)
    rest = np.array([diffusion, 0.0, 0.5, 0.0, 0.0])
    driven = rest - finite("overdrive", overdrive) * np.array([0.0, 1.0, 0.0, 0.0, 0.0])
    time = np.array([0.0, finite("duration", duration, above=0.0)])
    drives = np.stack([driven, driven])
    return solve_probability(time, drives, rest, 0.0, ends_above=True, tolerance=relative_tolerance)


def write_error_closed_form(stability: float, overdrive: float, duration: float) -> float:
    r"""Write error by a closed form for strong drives.

    .. math::

        W = 1 - \exp\left[-\frac{C^2 \Delta (i-1)}{i\,e^{2(i-1)\tau} - 1}\right], \qquad
        C^2 = 2^{2i/(i+1)} \left(\frac{i-1}{i}\right)^{2/(i+1)}

    Near the pole the tilt spreads as a Gaussian; each trial then follows the flow at zero temperature. C is
    the angle to which a linear flow would carry the trial that comes to the film plane just in time.

    Parameters
    ----------
    stability : float
        Delta [1], > 0.
    overdrive : float
        i, current over the critical one [1], > 1.
    duration : float
        tau, pulse over the relaxation time (1 + alpha^2)/(alpha gamma B_k) [1], > 0.

    Returns
    -------
    float
        P(z > 0) at the end [1].

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    Within 1 % of the Fokker-Planck equation at i = 3 and Delta = 60; 7 to 22 % too high at i = 2 and
    tau = 4 to 10, because the equation decays faster than 2(i - 1) by about 1/Delta.

    Examples
    --------
    >>> ratio = write_error_closed_form(60.0, 3.0, 4.0) / perpendicular_write_error(60.0, 3.0, 4.0).value
    >>> bool(abs(ratio - 1.0) < 0.01)
    True

    References
    ----------
    W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012), arXiv:1202.2621, with pi^2/4 in the place of C^2.
    """
    delta, i = finite("stability", stability, above=0.0), finite("overdrive", overdrive, above=1.0)
    tau = finite("duration", duration, above=0.0)
    amplitude = 2.0 ** (2.0 * i / (i + 1.0)) * ((i - 1.0) / i) ** (2.0 / (i + 1.0))
    # i e^x - 1 over e^x, so that a long pulse does not overflow.
    shrunk = math.exp(-2.0 * (i - 1.0) * tau)
    return -math.expm1(-amplitude * delta * (i - 1.0) * shrunk / (i - shrunk))

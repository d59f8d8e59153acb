"""Noise of one access: what thermal and shot noise leave on the sensed node at the strobe."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.constants import BOLTZMANN, ELEMENTARY_CHARGE

FloatArray = NDArray[np.float64]


def junction_noise_A2_per_Hz(
    current_A: ArrayLike, voltage_V: ArrayLike, conductance_S: ArrayLike, temperature_K: float
) -> FloatArray:
    r"""Current noise of a tunnel junction, thermal and shot noise in one.

    .. math:: S_I = 2 e I \coth\frac{e V}{2 k_B T} \;\to\; 4 k_B T G \quad (V \to 0)

    Parameters
    ----------
    current_A, voltage_V : array
        Through and across the junction [A], [V].
    conductance_S : array
        Conductance [S]; the limit at zero voltage.
    temperature_K : float
        Temperature [K].

    Returns
    -------
    array
        One-sided spectral density [A^2/Hz].

    Examples
    --------
    >>> thermal = junction_noise_A2_per_Hz(0.0, 0.0, 1e-4, 300.0)
    >>> bool(np.isclose(thermal, junction_noise_A2_per_Hz(1e-9, 1e-5, 1e-4, 300.0), rtol=1e-6))
    True

    References
    ----------
    Ya. M. Blanter, M. Büttiker, Phys. Rep. 336, 1 (2000), doi:10.1016/S0370-1573(99)00123-4.
    """
    voltage = np.abs(np.asarray(voltage_V, dtype=np.float64))
    argument = ELEMENTARY_CHARGE * voltage / (2.0 * BOLTZMANN * temperature_K)
    biased = argument > 1e-6
    shot = 2.0 * ELEMENTARY_CHARGE * np.abs(current_A) / np.tanh(np.where(biased, argument, 1.0))
    thermal = thermal_noise_A2_per_Hz(conductance_S, temperature_K)
    return np.asarray(np.where(biased, shot, thermal))


def thermal_noise_A2_per_Hz(
    conductance_S: ArrayLike, temperature_K: float, excess_factor: float = 1.0
) -> FloatArray:
    """Thermal current noise 4 k_B T gamma G of a conductance or a transistor [A^2/Hz]."""
    conductance = np.asarray(conductance_S, dtype=np.float64)
    return 4.0 * BOLTZMANN * temperature_K * excess_factor * conductance


def series_noise_A2_per_Hz(
    junction_A2_per_Hz: FloatArray, junction_S: FloatArray, path_S: FloatArray, temperature_K: float
) -> FloatArray:
    r"""Noise current into the line of a junction in series with a transistor.

    .. math:: S = \frac{S_J / G_J^2 + 4 k_B T R_s}{(1/G_J + R_s)^2}, \qquad R_s = 1/G - 1/G_J

    Parameters
    ----------
    junction_A2_per_Hz : array
        Junction noise [A^2/Hz].
    junction_S, path_S : array
        Differential conductance of the junction and of the whole path [S].
    temperature_K : float
        Temperature [K].

    Returns
    -------
    array
        Norton noise of the path [A^2/Hz].
    """
    series_ohm = 1.0 / path_S - 1.0 / junction_S
    voltage_noise = junction_A2_per_Hz / junction_S**2 + 4.0 * BOLTZMANN * temperature_K * series_ohm
    return np.asarray(voltage_noise * path_S**2)


def line_noise_sigma_V(noise_A2_per_Hz: float, conductance_S: float, capacitance_F: float) -> float:
    r"""Noise voltage on a line of one pole.

    .. math:: \sigma^2 = \frac{S}{4 G C}

    With thermal noise alone this is the kT/C noise of the line, which is therefore not added again.

    Parameters
    ----------
    noise_A2_per_Hz : float
        Noise current into the line [A^2/Hz].
    conductance_S : float
        Differential conductance of the cells [S].
    capacitance_F : float
        Line [F], > 0.

    Returns
    -------
    float
        Standard deviation [V].

    Examples
    --------
    >>> thermal = float(thermal_noise_A2_per_Hz(1e-4, 300.0))
    >>> round(1e3 * line_noise_sigma_V(thermal, 1e-4, 30e-15), 3)  # sqrt(kT/C)
    0.372
    """
    return float(np.sqrt(noise_A2_per_Hz / (4.0 * conductance_S * capacitance_F)))

"""Escape from an energy well over its lowest pass, at any damping and with a weak torque.

Langer's rate holds where damping takes more than k_B T in a turn, energy diffusion where it takes less; a
random walk between successive visits to the pass leads from one to the other (Mel'nikov, Meshkov).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.device.escape.energy_orbits import Orbits, Torque, well_orbits
from spinpim.device.landscape import Landscape

Array = NDArray[np.float64]

LEAST_SLOPE = 0.1
"""Net loss over damping loss, in the orbit of the pass, below which the random walk is not solved."""

BALANCED = -0.3
"""The same, below which the pass is no longer the bottleneck."""

CELLS_PER_SPREAD, WIDEST_CELL, CELLS_END = 3.0, 0.35, 9.0
LEAST_LOSS = 0.03
"""Loss in a turn over k_B T below which the walk is the diffusion that `well_orbits` already holds."""

LARGEST_EXPONENT = 600.0
DEPOPULATION_POINTS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """An escape rate and what it rests on.

    Attributes
    ----------
    log_rate : float
        Natural logarithm of the rate over gamma/(1 + alpha^2) [ln T].
    loss : float
        Energy that damping takes between two visits to the pass, over k_B T [1].
    barrier : float
        Exponent of the rate: barrier over k_B T, less what the torque takes from it [1].
    torque : float
        Square of the damping-like field over the downward curvature at the pass [1].
    flatness : float
        Curvature across the pass over b_T [1].
    turned : float
        Factor by which Langer's rate differs from the transition-state one [1].
    far_slope : float
        Net loss over damping loss in the other well, in the orbit of the pass; below 1 where the torque
        holds the state [1].
    """

    log_rate: float
    loss: float
    barrier: float
    torque: float
    flatness: float
    turned: float
    far_slope: float


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """The lowest saddle between two wells.

    Attributes
    ----------
    place : (3,) array
        Unit vector.
    height_T : float
        Energy over M_s V [T].
    down_T, up_T : float
        Magnitudes of the curvatures along and across the way over it [T].
    count : float
        Number of passes, each weighted by the Boltzmann factor of its height over the lowest [1].
    """

    place: Array
    height_T: float
    down_T: float
    up_T: float
    count: float


def lowest_pass(landscape: Landscape, thermal_T: float) -> Pass | None:
    """Lowest saddle of a landscape, or None where there is only one minimum."""
    points = landscape.stationary_points()
    curved = [landscape.curvatures_T(point)[0] for point in points]
    flat = 1e-9 * landscape.scale_T
    saddles = [n for n, (low, high) in enumerate(curved) if low < -flat <= flat + high]
    if sum(low > flat for low, _ in curved) < 2 or not saddles:
        return None
    heights = landscape.energy_T(points[saddles])
    lowest = int(np.argmin(heights))
    down, up = curved[saddles[lowest]]
    count = float(np.exp(-(heights - heights[lowest]) / thermal_T).sum())
    least = flat if up <= flat else float(up)
    return Pass(points[saddles[lowest]], float(heights[lowest]), -float(down), least, count)


def crossing(
    landscape: Landscape, torque: Torque, side: Array, *, damping: float, thermal_T: float
) -> Crossing | None:
    r"""Rate over the lowest pass of a well, or None where the landscape has only one.

    .. math::

        \Gamma = \frac{\gamma}{1+\alpha^2}\;\frac{1}{\tau_1 + \tau_2}\;
        \frac{F}{d_1\kappa_1 d_2\kappa_2/(d_1\kappa_1+d_2\kappa_2)}\;
        \left(\frac{\lambda_+}{\omega_s\,c}\right)^{\beta}, \qquad
        \tau_1 = \int_{e_0}^{e_s} \frac{e^{\Phi(E)}\,dE}{\alpha b_T A(E)}
        \int_{e < E} e^{-\Phi(e)}\,d\Omega, \qquad
        \Phi' = \frac{\kappa}{b_T} = \frac{1}{b_T}\left(1 - \frac{W}{\alpha A}\right)

    A and W are the energies that unit damping takes and the torque gives in a turn, d_i = alpha A_i/(n b_T)
    the losses in both wells between visits to one of n equal passes, F the flux of the walk (`walk_flux`),
    beta = kappa_1 F the share of the Langer regime, lambda_+ the growth rate at the pass over its frequency
    omega_s, and c the part of tau by which A falls below the pass. Without torque it is
    Langer's rate for d >> 1 and half of the energy-diffusion rate to the pass for d << 1.

    Parameters
    ----------
    landscape : Landscape
        Energy of m.
    torque : Torque
        Damping-like fields.
    side : (3,) array
        Easy direction of the well.
    damping : float
        Gilbert damping alpha [1], > 0.
    thermal_T : float
        b_T [T].

    References
    ----------
    J. S. Langer, Ann. Phys. 54, 258 (1969), doi:10.1016/0003-4916(69)90153-5; V. I. Mel'nikov and
    S. V. Meshkov, J. Chem. Phys. 85, 1018 (1986), doi:10.1063/1.451844; P.-M. Dejardin et al., Phys. Rev. E
    63, 021102 (2001), doi:10.1103/PhysRevE.63.021102; D. M. Apalkov and P. B. Visscher, Phys. Rev. B 72,
    180405 (2005), doi:10.1103/PhysRevB.72.180405 (torque in the energy diffusion).
    """
    found = lowest_pass(landscape, thermal_T)
    if found is None:
        return None
    height, down, up, passes = found.height_T, found.down_T, found.up_T, found.count
    near, far = (
        Well.of(well_orbits(landscape, torque, landscape.minimum_near(way), height), damping, thermal_T)
        for way in (side, -side)
    )
    turned = growth_over_frequency(damping, down, up)
    log_rate = _log_rate(near, far, damping, thermal_T, passes, turned)
    loss = damping * near.dissipation_T / (thermal_T * passes)
    strength = (torque.size_T(found.place) / down) ** 2
    barrier = float(near.exponent.max())
    return Crossing(log_rate, loss, barrier, strength, up / thermal_T, turned, far.slope)


def _log_rate(near: Well, far: Well, damping: float, thermal_T: float, passes: float, turned: float) -> float:
    """Logarithm of the rate from one well to the other over gamma/(1 + alpha^2) [ln T]."""
    losses = (
        damping * near.dissipation_T / (thermal_T * passes),
        damping * far.dissipation_T / (thermal_T * passes),
    )
    log_time, fall = _diffusion(near, far, damping, thermal_T)
    if not (fall > 0.0 and math.isfinite(log_time)):
        # The exponent along the orbits left the range of a double; the caller refuses what is no number.
        return math.nan
    log_rate = -log_time
    if near.slope > BALANCED:
        slopes = max(near.slope, LEAST_SLOPE), max(far.slope, LEAST_SLOPE)
        flux = walk_flux(losses, slopes)
        share = min(1.0, flux * slopes[0])
        bridge = math.log(flux / _slow_flux(losses, slopes))
        bridge += share * math.log(turned / fall)
        log_rate += bridge * min(1.0, (near.slope - BALANCED) / (LEAST_SLOPE - BALANCED))
    return log_rate


def growth_over_frequency(damping: float, down_T: float, up_T: float) -> float:
    r"""Growth rate of the unstable motion at a pass over that without damping [1].

    .. math:: \frac{\lambda_+}{\omega_s} =
              \frac{\alpha(c_- - c_+) + \sqrt{\alpha^2(c_- + c_+)^2 + 4 c_- c_+}}{2\sqrt{c_- c_+}}

    Parameters
    ----------
    damping : float
        alpha [1].
    down_T, up_T : float
        Magnitudes of the two curvatures [T], > 0.

    Examples
    --------
    >>> growth_over_frequency(0.0, 0.05, 1.0), growth_over_frequency(0.5, 0.05, 1.0) < 0.5
    (1.0, True)
    """
    root = math.sqrt(damping**2 * (down_T + up_T) ** 2 + 4.0 * down_T * up_T)
    return (damping * (down_T - up_T) + root) / (2.0 * math.sqrt(down_T * up_T))


def walk_flux(losses: tuple[float, float], slopes: tuple[float, float]) -> float:
    r"""Net flux over a pass in units of k_B T times the density that the well extrapolates to the pass [1].

    Between visits a trial takes a Gaussian step of energy, of mean -d_i kappa_i and variance 2 d_i
    (in k_B T), with i = 1 in the well and 2 in the other; at the pass it changes the well if its
    energy is above.

    .. math:: F = \int_0^\infty (f_1 - f_2)\,d\varepsilon, \qquad
              f_i = K_i * (\theta_- f_i + \theta_+ f_j), \qquad f_1 \to e^{-\kappa_1\varepsilon}

    Without torque F = A(d_1) A(d_2)/A(d_1 + d_2) with Mel'nikov's A (`depopulation`); for small losses it
    is d_1 kappa_1 d_2 kappa_2/(d_1 kappa_1 + d_2 kappa_2).

    Parameters
    ----------
    losses, slopes : tuple of float
        d and kappa of the well and of the other one [1], > 0.

    Examples
    --------
    >>> [round(walk_flux((d, d), (1.0, 1.0)), 2) for d in (1.0, 50.0)]
    [0.31, 1.0]
    """
    from scipy.special import ndtr

    if slopes == (1.0, 1.0):
        return depopulation(losses[0]) * depopulation(losses[1]) / depopulation(sum(losses))
    if min(losses) < LEAST_LOSS:
        return _slow_flux(losses, slopes)
    slope, least = slopes[0], min(slopes)
    loss, other_loss = (min(value, 100.0 / least**2) for value in losses)
    spread, widest = math.sqrt(2.0 * loss), math.sqrt(2.0 * max(loss, other_loss))
    cell = min(math.sqrt(2.0 * min(loss, other_loss)) / CELLS_PER_SPREAD, WIDEST_CELL)
    below = int((CELLS_END / slope + 4.0 * widest) / cell)
    above = int((CELLS_END / least + 4.0 * widest) / cell)
    energy = (np.arange(-below, above) + 0.5) * cell
    stays = energy < 0.0
    apart = energy[:, None] - energy[None, :]
    first, second = (
        cell * np.exp(-((apart + d * kappa) ** 2) / (4.0 * d)) / math.sqrt(4.0 * math.pi * d)
        for d, kappa in zip((loss, other_loss), slopes, strict=True)
    )
    system = np.eye(2 * energy.size) - np.block(
        [[first * stays, first * ~stays], [second * ~stays, second * stays]]
    )
    # Scaled to 1 at the lower end, beyond which the density of the well is known.
    end = -below * cell
    known = np.exp(-slope * (energy - end)) * ndtr((end - energy + loss * slope) / spread)
    density = np.linalg.solve(system, np.concatenate([known, np.zeros(energy.size)]))
    crossing_density = (density[: energy.size] - density[energy.size :])[~stays]
    return float(crossing_density.sum() * cell * math.exp(-slope * end))


def _slow_flux(losses: tuple[float, float], slopes: tuple[float, float]) -> float:
    """Flux of the walk for small losses: half of the trials at the pass, or a share, fall into each well."""
    first, second = losses[0] * slopes[0], losses[1] * slopes[1]
    return first * second / (first + second)


def depopulation(loss: float) -> float:
    r"""Mel'nikov's depopulation factor of a well that loses d k_B T between visits to its pass [1].

    .. math:: A(d) = \exp\Big[\frac{1}{2\pi} \int_{-\infty}^{\infty}
              \ln\big(1 - e^{-d(\lambda^2 + 1/4)}\big) \frac{d\lambda}{\lambda^2 + 1/4}\Big]

    Parameters
    ----------
    loss : float
        d [1], > 0.

    Examples
    --------
    >>> round(depopulation(1e-4) / 1e-4, 2), round(depopulation(50.0), 3)
    (0.99, 1.0)

    References
    ----------
    V. I. Mel'nikov and S. V. Meshkov, J. Chem. Phys. 85, 1018 (1986), doi:10.1063/1.451844.
    """
    # lambda = tan(t)/2 takes the weight to 2 dt on (0, pi/2).
    nodes, weights = np.polynomial.legendre.leggauss(DEPOPULATION_POINTS)
    square = 0.25 / np.cos(0.25 * math.pi * (nodes + 1.0)) ** 2
    integral = float(np.sum(weights * np.log(-np.expm1(-loss * square))))
    return math.exp(0.5 * integral)


@dataclass(frozen=True, slots=True, eq=False)
class Well:
    """Energies above the bottom, exponent Phi, dissipation and slope of a well, up to the pass."""

    energy_T: Array
    exponent: Array
    area: Array
    dissipation: Array
    slope: float

    @staticmethod
    def of(orbits: Orbits, damping: float, thermal_T: float) -> Well:
        """Integrate the exponent over the energies of a well's orbits."""
        slope = 1.0 - orbits.uptake_T[1:] / (damping * orbits.dissipation_T[1:])
        slope = np.concatenate([slope[:1], slope])
        rise = 0.5 * (slope[1:] + slope[:-1]) * np.diff(orbits.energy_T) / thermal_T
        exponent = np.concatenate([[0.0], np.cumsum(rise)])
        return Well(orbits.energy_T, exponent, orbits.area, orbits.dissipation_T, float(slope[-1]))

    @property
    def dissipation_T(self) -> float:
        """In the orbit of the pass [T]."""
        return float(self.dissipation[-1])


def _diffusion(near: Well, far: Well, damping: float, thermal_T: float) -> tuple[float, float]:
    """ln(tau_1 + tau_2) of the energy diffusion, and c: constant over true dissipation in tau."""
    top = float(near.exponent.max())
    weight = np.exp(np.minimum(-near.exponent, LARGEST_EXPONENT))
    inside = np.concatenate([[0.0], np.cumsum(0.5 * (weight[1:] + weight[:-1]) * np.diff(near.area))])
    climb = np.empty_like(inside)
    climb[1:] = np.exp(near.exponent[1:] - top) * inside[1:] / near.dissipation[1:]
    climb[0] = climb[1]
    reach = near.exponent[-1] - top + far.exponent - far.exponent[-1]
    if float(reach.max()) > LARGEST_EXPONENT:
        return math.nan, 0.0
    slide = np.exp(reach)
    slide[1:] *= inside[-1] / far.dissipation[1:]
    slide[0] = slide[1]
    total = float(np.trapezoid(climb, near.energy_T) + np.trapezoid(slide, far.energy_T))
    local = thermal_T * sum(
        math.exp(near.exponent[-1] - top) * inside[-1] / well.dissipation_T / max(well.slope, LEAST_SLOPE)
        for well in (near, far)
    )
    return top + math.log(total / (damping * thermal_T)), local / total

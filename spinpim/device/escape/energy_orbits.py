"""What the precession orbits of an energy well lose to damping and take from a torque, energy by energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.device.landscape import Landscape

Array = NDArray[np.float64]

RAYS = 48
RAY_POINTS = 800
ENERGIES = 800


@dataclass(frozen=True, slots=True, eq=False)
class Torque:
    """Field S = d + s p/(1 + chi m . p) whose part across m is a torque of no potential.

    Attributes
    ----------
    channel_T : (3,) array
        d [T].
    junction_T : float
        s [T].
    reference : (3,) array
        Unit vector p.
    asymmetry : float
        chi [1].
    """

    channel_T: Array
    junction_T: float
    reference: Array
    asymmetry: float

    def divergence_T(self, m: Array) -> Array:
        """Divergence of its tangential part on the sphere, at unit vectors (..., 3) [T]."""
        along = m @ self.reference
        shrink = 1.0 + self.asymmetry * along
        junction = -2.0 * along / shrink - self.asymmetry * (1.0 - along**2) / shrink**2
        values: Array = self.junction_T * junction - 2.0 * (m @ self.channel_T)
        return values

    def size_T(self, m: Array) -> float:
        """Length of its tangential part at one unit vector [T]."""
        share = self.junction_T / (1.0 + self.asymmetry * float(m @ self.reference))
        vector = self.channel_T + share * self.reference
        return float(np.linalg.norm(vector - (vector @ m) * m))


@dataclass(frozen=True, slots=True, eq=False)
class Orbits:
    """Integrals over the part of a well below each energy; per period of the orbit that borders it.

    Attributes
    ----------
    energy_T : (n,) array
        Energies over M_s V, from the minimum to the pass [T].
    area : (n,) array
        Solid angle [1].
    dissipation_T : (n,) array
        Energy that unit damping takes in a turn [T].
    uptake_T : (n,) array
        Energy that the torque gives in a turn [T].
    """

    energy_T: Array
    area: Array
    dissipation_T: Array
    uptake_T: Array


def well_orbits(landscape: Landscape, torque: Torque, minimum: Array, top_T: float) -> Orbits:
    r"""Area, dissipation and uptake of the orbits around a minimum, up to the energy of the pass.

    .. math::

        \oint |\nabla e|\,dl = \int_{e(\mathbf m)<E} \nabla^2 e\,d\Omega, \qquad
        \oint \frac{\mathbf S\cdot\nabla e}{|\nabla e|}\,dl = \int_{e<E} \nabla\cdot\mathbf S_\perp\,d\Omega

    Parameters
    ----------
    landscape : Landscape
        Energy of m.
    torque : Torque
        Damping-like fields S.
    minimum : (3,) array
        Unit vector at the bottom of the well.
    top_T : float
        Energy of the pass over M_s V [T].

    Notes
    -----
    The orbits must be crossed once by each meridian about the minimum, as those of a uniaxial or biaxial
    layer in a field are.
    """
    tangents = landscape.curvatures_T(minimum)[1]
    azimuth = 2.0 * np.pi * (np.arange(RAYS) + 0.5) / RAYS
    polar = np.pi * np.linspace(0.0, 1.0, RAY_POINTS)[:, None]
    across = np.cos(azimuth)[:, None] * tangents[0] + np.sin(azimuth)[:, None] * tangents[1]
    bottom = float(landscape.energy_T(minimum))
    levels = bottom + (top_T - bottom) * np.linspace(0.0, 1.0, ENERGIES)
    sums = np.zeros((3, ENERGIES))
    for direction in across:
        m = np.cos(polar) * minimum + np.sin(polar) * direction
        energy = landscape.energy_T(m)
        # No orbit of the well lies beyond the highest point of a ray.
        end = int(np.argmax(energy)) + 1
        rising = np.maximum.accumulate(energy[:end])
        flat = np.sin(polar[:, 0])
        densities = np.stack([flat, flat * laplacian_T(landscape, m), flat * torque.divergence_T(m)])
        step = np.pi / (RAY_POINTS - 1)
        within = np.zeros_like(densities)
        within[:, 1:] = np.cumsum(0.5 * step * (densities[:, 1:] + densities[:, :-1]), axis=1)
        for total, values in zip(sums, within, strict=True):
            total += np.interp(levels, rising, values[:end])
    area, dissipation, uptake = sums * (2.0 * np.pi / RAYS)
    return Orbits(levels, area, dissipation, uptake)


def laplacian_T(landscape: Landscape, m: Array) -> Array:
    """Laplacian of the energy on the sphere at unit vectors (..., 3) [T]."""
    quadratic = np.sum((m @ landscape.stiffness_T) * m, axis=-1)
    square = m[..., 2] ** 2
    second = (1.0 - 3.0 * square) - (3.0 * square - 5.0 * square**2)
    values: Array = (
        3.0 * quadratic
        - np.trace(landscape.stiffness_T)
        + 2.0 * (m @ landscape.field_T)
        - landscape.second_order_T * second
    )
    return values

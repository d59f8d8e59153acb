"""One step of the stochastic Landau-Lifshitz-Gilbert equation, written once as scalar functions.

Kernels only: fields in tesla, no units, no checks, no allocation. Axes and signs: film normal +z, channel
current +x, spin polarisation of a positive current in a channel with positive spin Hall angle +y.

    T     = -gamma m x B - gamma B_DL m x (m x sigma) - gamma B_FL m x sigma  (and the same with p for STT)
    dm/dt = (T + alpha m x T) / (1 + alpha^2)

Every torque has the form -gamma m x B', so the whole equation needs one effective field and one slope.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy", forceinline=True)
def effective_field(m, external, stiffness, reference, sot, stt):
    """Field whose precession gives every torque [T].

    ``m``, ``external``, ``stiffness``, ``reference`` are triples; ``stiffness`` is the diagonal of the
    anisotropy and demagnetising tensor; ``sot`` and ``stt`` are pairs (damping-like, field-like) [T].
    m x (m x s) = m x (field m x s): a damping-like torque is a field B_DL (m x s).
    """
    mx, my, mz = m
    px, py, pz = reference
    sot_damping_like, sot_field_like = sot
    stt_damping_like, stt_field_like = stt
    bx = external[0] + stiffness[0] * mx - sot_damping_like * mz
    by = external[1] + stiffness[1] * my + sot_field_like
    bz = external[2] + stiffness[2] * mz + sot_damping_like * mx
    bx = bx + stt_damping_like * (my * pz - mz * py) + stt_field_like * px
    by = by + stt_damping_like * (mz * px - mx * pz) + stt_field_like * py
    bz = bz + stt_damping_like * (mx * py - my * px) + stt_field_like * pz
    return bx, by, bz


@njit(cache=True, error_model="numpy", forceinline=True)
def slope(m, field, damping):
    """-(m x B + alpha m x (m x B)): dm per unit of gamma dt / (1 + alpha^2)."""
    mx, my, mz = m
    bx, by, bz = field
    along = mx * bx + my * by + mz * bz
    square = mx * mx + my * my + mz * mz
    # The predicted m is not of unit length, so m.m is kept in m x (m x B) = m (m.B) - B (m.m).
    return (
        -(my * bz - mz * by) - damping * (mx * along - bx * square),
        -(mz * bx - mx * bz) - damping * (my * along - by * square),
        -(mx * by - my * bx) - damping * (mz * along - bz * square),
    )


@njit(cache=True, error_model="numpy", forceinline=True)
def heun_step(m, thermal, now, after, reference, damping, scale):
    """Advance m by one Heun step and renormalise; converges to the Stratonovich solution.

    ``now`` and ``after`` are the drive at both ends of the step, each (external, stiffness, sot, stt);
    ``thermal`` is the one thermal field of the whole step [T]; ``scale`` = gamma dt / (1 + alpha^2) [1/T].

    References: J. L. Garcia-Palacios and F. J. Lazaro, Phys. Rev. B 58, 14937 (1998).
    """
    external, stiffness, sot, stt = now
    b = effective_field(m, external, stiffness, reference, sot, stt)
    k1 = slope(m, (b[0] + thermal[0], b[1] + thermal[1], b[2] + thermal[2]), damping)
    predicted = (m[0] + scale * k1[0], m[1] + scale * k1[1], m[2] + scale * k1[2])
    external, stiffness, sot, stt = after
    b = effective_field(predicted, external, stiffness, reference, sot, stt)
    k2 = slope(predicted, (b[0] + thermal[0], b[1] + thermal[1], b[2] + thermal[2]), damping)
    half = 0.5 * scale
    x = m[0] + half * (k1[0] + k2[0])
    y = m[1] + half * (k1[1] + k2[1])
    z = m[2] + half * (k1[2] + k2[2])
    inverse_norm = 1.0 / np.sqrt(x * x + y * y + z * z)
    return x * inverse_norm, y * inverse_norm, z * inverse_norm

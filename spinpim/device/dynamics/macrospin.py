"""One step of the stochastic Landau-Lifshitz-Gilbert equation, written once as scalar functions.

Kernels only: fields in tesla, no units, no checks, no allocation. Axes and signs: film normal +z, channel
current +x, spin polarisation of a positive current in a channel with positive spin Hall angle +y.

    T     = -gamma m x B - gamma B_DL m x (m x sigma) - gamma B_FL m x sigma  (and the same with p for STT)
    dm/dt = (T + alpha m x T) / (1 + alpha^2)

Every torque has the form -gamma m x B', so the whole equation needs one effective field and one slope. The
same functions serve float64 and float32 lanes, the recorder and the CUDA kernel: a literal would turn a
float32 into a float64, so the few numbers that are needed come in as arguments.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, error_model="numpy", forceinline=True)
def effective_field(m, drive, reference, asymmetry, one):
    r"""Field whose precession gives every torque [T].

    .. math::

        \mathbf B' = \mathbf b + C \mathbf m + q\,m_z (1 - m_z^2)\,\hat z
            + \mathbf m \times \Big(\mathbf d + \frac{s\,\mathbf p}{1 + \chi\,\mathbf m\cdot\mathbf p}\Big)

    ``drive`` is ``(b, C, q, d, s)``: b holds applied, Oersted and field-like fields; C = (xx, yy, zz, xy, xz,
    yz) demagnetisation and anisotropy of first order; q that of second order; d = B_DL sigma of the channel;
    s the damping-like field of the junction current at m . p = 0. ``reference`` is p, ``asymmetry`` chi.
    m x (m x d) = m x (field m x d): a damping-like torque is the field m x d.
    """
    mx, my, mz = m
    (bx, by, bz), (cxx, cyy, czz, cxy, cxz, cyz), quartic, (dx, dy, dz), stt = drive
    px, py, pz = reference
    pull = stt / (one + asymmetry * (mx * px + my * py + mz * pz))
    dx, dy, dz = dx + pull * px, dy + pull * py, dz + pull * pz
    return (
        bx + cxx * mx + cxy * my + cxz * mz + (my * dz - mz * dy),
        by + cxy * mx + cyy * my + cyz * mz + (mz * dx - mx * dz),
        bz + cxz * mx + cyz * my + (czz + quartic * (one - mz * mz)) * mz + (mx * dy - my * dx),
    )


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
def total_slope(m, thermal, drive, constants):
    """Slope of m in the drive and the thermal field; ``constants`` = (p, chi, alpha, one)."""
    reference, asymmetry, damping, one = constants
    bx, by, bz = effective_field(m, drive, reference, asymmetry, one)
    return slope(m, (bx + thermal[0], by + thermal[1], bz + thermal[2]), damping)


@njit(cache=True, error_model="numpy", forceinline=True)
def heun_step(m, thermal, now, after, constants, scale, half_scale):
    """Advance m by one Heun step and renormalise; converges to the Stratonovich solution.

    ``now`` and ``after`` are the drive at both ends of the step; ``thermal`` is the one thermal field of the
    whole step [T]; ``scale`` = gamma dt / (1 + alpha^2) [1/T].

    References: J. L. Garcia-Palacios and F. J. Lazaro, Phys. Rev. B 58, 14937 (1998).
    """
    one = constants[3]
    k1 = total_slope(m, thermal, now, constants)
    predicted = (m[0] + scale * k1[0], m[1] + scale * k1[1], m[2] + scale * k1[2])
    k2 = total_slope(predicted, thermal, after, constants)
    x = m[0] + half_scale * (k1[0] + k2[0])
    y = m[1] + half_scale * (k1[1] + k2[1])
    z = m[2] + half_scale * (k1[2] + k2[2])
    inverse_norm = one / math.sqrt(x * x + y * y + z * z)
    return x * inverse_norm, y * inverse_norm, z * inverse_norm


@njit(cache=True, error_model="numpy", forceinline=True)
def at_warmth(cold, rise, warmth):
    """Drive at a junction that is ``warmth`` kelvin warmer than the table took it, to first order."""
    (bx, by, bz), (cxx, cyy, czz, cxy, cxz, cyz), quartic, (dx, dy, dz), stt = cold
    (ux, uy, uz), (vxx, vyy, vzz, vxy, vxz, vyz), bend, (wx, wy, wz), push = rise
    return (
        (bx + warmth * ux, by + warmth * uy, bz + warmth * uz),
        (
            cxx + warmth * vxx,
            cyy + warmth * vyy,
            czz + warmth * vzz,
            cxy + warmth * vxy,
            cxz + warmth * vxz,
            cyz + warmth * vyz,
        ),
        quartic + warmth * bend,
        (dx + warmth * wx, dy + warmth * wy, dz + warmth * wz),
        stt + warmth * push,
    )

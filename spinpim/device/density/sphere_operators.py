"""Drift and diffusion on the unit sphere as stencils in the degree l and the order m of spherical harmonics.

A density is expanded in orthonormal complex harmonics, p(m) = sum a_lm Y_lm(m), with a_l,-m = (-1)^m
conj(a_lm). Multiplication by a component of m and the rotations couple only neighbours in (l, m), so every
drift whose field is a polynomial in m is a small table of coefficients per coupling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

REACH = 4
"""Largest change of l that one drift couples: the damping of a field of third order."""

DRIFT_COLUMNS = 14
"""Columns of `drift_row` [T]: field x y z; stiffness xx yy zz xy xz yz; second order; damping-like x y z;
thermal weight."""

AXIS_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Stencil:
    """A linear operator on expansion coefficients.

    Attributes
    ----------
    entries : dict
        ``entries[dl, dm][m - lowest, l]`` multiplies the coefficient at (l + dl, m + dm) in the result at
        (l, m); complex arrays, 0 where |m| > l.
    lowest : int
        Order m of the first row of each array.
    """

    entries: dict[tuple[int, int], NDArray[np.complex128]]
    lowest: int

    def __add__(self, other: Stencil) -> Stencil:
        total = dict(self.entries)
        for step, values in other.entries.items():
            total[step] = total[step] + values if step in total else values
        return Stencil(total, self.lowest)

    def __rmul__(self, factor: complex) -> Stencil:
        return Stencil({step: factor * values for step, values in self.entries.items()}, self.lowest)

    def __sub__(self, other: Stencil) -> Stencil:
        return self + (-1.0) * other

    def __matmul__(self, other: Stencil) -> Stencil:
        """Product of operators; wrong within reach of the largest l and of the lowest m > -l."""
        total = Stencil({}, self.lowest)
        for (dl, dm), left in self.entries.items():
            for (el, em), right in other.entries.items():
                product = left * _moved(right, dm, dl)
                total = total + Stencil({(dl + el, dm + em): product}, self.lowest)
        return total

    def trimmed(self, degree: int) -> Stencil:
        """The same operator with its result kept up to ``degree`` only, without couplings that vanish."""
        orders = slice(0, degree - self.lowest + 1)
        cut = {step: values[orders, : degree + 1] for step, values in self.entries.items()}
        return Stencil({step: values for step, values in cut.items() if np.any(values)}, self.lowest)

    def matrix(self, degree: int, first: int = 0) -> csr_matrix:
        """Sparse complex matrix on all coefficients of ``first`` <= l <= ``degree``.

        The coefficient (l, m) is at l (l + 1) + m - first^2. Needs a stencil with ``lowest`` <= -degree.
        """
        from scipy.sparse import coo_matrix

        degrees = np.arange(degree + 1)[None, :]
        orders = np.arange(self.lowest, self.lowest + next(iter(self.entries.values())).shape[0])[:, None]
        rows, columns, values = [], [], []
        for (dl, dm), entry in self.entries.items():
            to_l, to_m = degrees + dl, orders + dm
            kept = (np.abs(orders) <= degrees) & (degrees >= first)
            kept &= (to_l >= first) & (to_l <= degree) & (np.abs(to_m) <= to_l)
            rows.append((degrees * (degrees + 1) + orders)[kept])
            columns.append((to_l * (to_l + 1) + to_m)[kept])
            values.append(entry[:, : degree + 1][kept])
        size = (degree + 1) ** 2 - first**2
        place = np.concatenate(rows) - first**2, np.concatenate(columns) - first**2
        return coo_matrix((np.concatenate(values), place), shape=(size, size)).tocsr()


@dataclass(frozen=True, slots=True, eq=False)
class SphereOperators:
    """The elementary operators for l up to a degree, and all m or only those near m >= 0.

    Attributes
    ----------
    degree : int
        Largest l whose results are right after `Stencil.trimmed`.
    position : tuple of Stencil
        M_i: multiplication by m_i.
    rotation : tuple of Stencil
        R_i: component i of m x grad, that is i L_i.
    divergence : tuple of Stencil
        div(e_i,tangential p) = (G_i - 2 M_i) p, with G_i the tangential gradient.
    gradient : tuple of Stencil
        G_i = [lap, M_i]/2 + M_i.
    laplacian : Stencil
        -l (l + 1).
    """

    degree: int
    position: tuple[Stencil, Stencil, Stencil]
    rotation: tuple[Stencil, Stencil, Stencil]
    divergence: tuple[Stencil, Stencil, Stencil]
    gradient: tuple[Stencil, Stencil, Stencil]
    laplacian: Stencil


def sphere_operators(degree: int, *, all_orders: bool = False) -> SphereOperators:
    r"""Elementary operators in orthonormal complex spherical harmonics (Condon-Shortley phase).

    .. math:: \nabla_i = \tfrac12[\nabla^2, m_i] + m_i, \qquad
              \nabla\cdot(\hat e_{i,\perp}\,p) = (\nabla_i - 2 m_i)\,p

    Parameters
    ----------
    degree : int
        Largest l.
    all_orders : bool, optional
        Give every m from -degree on; the default starts at m = 0, which is enough for a real density.

    References
    ----------
    D. A. Varshalovich, A. N. Moskalev and V. K. Khersonskii, Quantum Theory of Angular Momentum (1988),
    ch. 5; W. T. Coffey and Yu. P. Kalmykov, The Langevin Equation (2012), ch. 7, for this use of them.

    Examples
    --------
    >>> operators = sphere_operators(3, all_orders=True)
    >>> matrix = operators.position[2].trimmed(3).matrix(3)
    >>> float(round(matrix[0, 2].real, 6))  # <Y_00| m_z |Y_10> = 1/sqrt(3)
    0.57735
    """
    largest = degree + REACH
    lowest = -largest if all_orders else -REACH
    l = np.arange(largest + 1, dtype=float)[None, :]  # noqa: E741 - its name in every formula
    m = np.arange(lowest, largest + 1, dtype=float)[:, None]
    below = np.maximum((2 * l - 1) * (2 * l + 1), 1.0)
    above = (2 * l + 1) * (2 * l + 3)
    zed = {(-1, 0): _root((l * l - m * m) / below), (1, 0): _root(((l + 1) ** 2 - m * m) / above)}
    raise_ = {
        (-1, -1): -_root((l + m - 1) * (l + m) / below),
        (1, -1): _root((l - m + 1) * (l - m + 2) / above),
    }
    lower = {
        (1, 1): -_root((l + m + 1) * (l + m + 2) / above),
        (-1, 1): _root((l - m) * (l - m - 1) / below),
    }
    up, down = {(0, -1): _root((l - m + 1) * (l + m))}, {(0, 1): _root((l + m + 1) * (l - m))}
    inside = np.abs(m) <= l

    def stencil(parts: dict[tuple[int, int], NDArray[np.float64]], factor: complex = 1.0) -> Stencil:
        return Stencil({step: factor * np.where(inside, part, 0.0) for step, part in parts.items()}, lowest)

    position = (
        stencil(raise_, 0.5) + stencil(lower, 0.5),
        stencil(raise_, -0.5j) + stencil(lower, 0.5j),
        stencil(zed),
    )
    rotation = (
        stencil(up, 0.5j) + stencil(down, 0.5j),
        stencil(up, 0.5) + stencil(down, -0.5),
        stencil({(0, 0): m + 0.0 * l}, 1j),
    )
    halves = tuple(_commutator_half(component, l) for component in position)
    return SphereOperators(
        degree,
        position,
        rotation,
        (halves[0] - position[0], halves[1] - position[1], halves[2] - position[2]),
        (halves[0] + position[0], halves[1] + position[1], halves[2] + position[2]),
        stencil({(0, 0): -l * (l + 1) + 0.0 * m}),
    )


def drift_row(rows_T: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fold the junction's damping-like field into the channel's: (..., 15) drive rows -> (..., 14) [T].

    Holds for an asymmetry chi of 0, where s p / (1 + chi m . p) is the constant vector s p.
    """
    channel = rows_T[..., 10:13] + rows_T[..., 13:14] * reference
    return np.concatenate([rows_T[..., :10], channel, rows_T[..., 14:15]], axis=-1)


def drift_operator(operators: SphereOperators, column: int, damping: float) -> Stencil:
    r"""What 1 T in one column of `drift_row` adds to dp/d(gamma' t).

    .. math::

        \partial_{\gamma' t}\, p = -\nabla\cdot\big[(\mathbf P\times\mathbf m + \mathbf Q_\perp)\,p\big]
            + \alpha\,b_T \nabla^2 p, \qquad
        \mathbf P = \mathbf F - \alpha\mathbf S,\quad \mathbf Q = \mathbf S + \alpha\mathbf F

    with F = b + C m + q m_z (1 - m_z^2) z the fields and S = d + s p the damping-like vectors.

    Parameters
    ----------
    operators : SphereOperators
    column : int
        0 to 13.
    damping : float
        Gilbert damping alpha [1].
    """
    position = operators.position
    if column == DRIFT_COLUMNS - 1:
        whole = damping * operators.laplacian
    elif column >= 10:
        whole = _transport(operators, column - 10, None, -damping, 1.0)
    elif column == 9:
        cubic = position[2] - position[2] @ position[2] @ position[2]
        whole = _transport(operators, 2, cubic, 1.0, damping)
    elif column >= 3:
        first, second = AXIS_PAIRS[column - 3]
        whole = _transport(operators, first, position[second], 1.0, damping)
        if first != second:
            whole = whole + _transport(operators, second, position[first], 1.0, damping)
    else:
        whole = _transport(operators, column, None, 1.0, damping)
    return whole.trimmed(operators.degree)


def _transport(
    operators: SphereOperators, axis: int, profile: Stencil | None, turning: float, pulling: float
) -> Stencil:
    """-div[(turning e_i x m + pulling e_i,tangential) f(m) p], f being the profile."""
    flow = (-turning) * operators.rotation[axis] - pulling * operators.divergence[axis]
    return flow if profile is None else flow @ profile


def _commutator_half(component: Stencil, degrees: NDArray[np.float64]) -> Stencil:
    """[lap, A]/2."""
    here = -degrees * (degrees + 1)
    return Stencil(
        {
            (dl, dm): 0.5 * (here + (degrees + dl) * (degrees + dl + 1)) * values
            for (dl, dm), values in component.entries.items()
        },
        component.lowest,
    )


def _root(square: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square root; the negative values lie where |m| > l and are not used."""
    return np.sqrt(np.maximum(square, 0.0))


def _moved(values: NDArray[np.complex128], orders: int, degrees: int) -> NDArray[np.complex128]:
    """Values at (m + orders, l + degrees), 0 where the array has none."""
    moved = np.zeros_like(values)
    rows, columns = values.shape
    moved[max(0, -orders) : rows - max(0, orders), max(0, -degrees) : columns - max(0, degrees)] = values[
        max(0, orders) : rows - max(0, -orders), max(0, degrees) : columns - max(0, -degrees)
    ]
    return moved

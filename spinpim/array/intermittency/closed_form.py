"""Progress by formula, where power comes in equal portions; nothing is simulated."""

from __future__ import annotations

import math

from spinpim.checks import finite
from spinpim.errors import InputError

SMALLEST_J, LARGEST_J = 1e-100, 1e100
"""Numbers beyond would not be held by the arithmetic."""


def forward_progress(
    *,
    period_J: float,
    operation_J: float,
    every: float,
    save_J: float,
    restore_J: float = 0.0,
    harvested_J: float = 0.0,
) -> float:
    r"""Kept work over the energy of an active period, on average over where the cut falls.

    .. math::

        p = \frac{1 - e_D / E - e_R (1 - h) / E}{\left(1 + \frac{e_B}{n \epsilon}\right) (1 - h)},
        \qquad h = \epsilon_C / \epsilon

    with the energy that is lost at a cut, half an interval or, if the cut falls into a save, all of it and
    half of the save,

    .. math::

        e_D = (1 - h) \left[ (1 - c) \frac{n \epsilon}{2}
        + c \left(n \epsilon + \frac{e_B}{2}\right) \right], \qquad c = \frac{e_B}{e_B + n \epsilon}

    Parameters
    ----------
    period_J : float
        Energy of an active period that was stored before, E [J].
    operation_J : float
        Energy of an operation [J].
    every : float
        Operations between saves, n.
    save_J, restore_J : float
        Energy of a save and of a restore, e_B and e_R [J].
    harvested_J : float
        What comes in during an operation, below its energy, epsilon_C [J]; during saves and restores alike.

    Returns
    -------
    float
        Progress [1]; above 1 where much comes in while it works, 0 where an interval does not fit.

    Raises
    ------
    InputError
        If a number is out of range, or as much comes in as is spent.

    References
    ----------
    J. San Miguel et al., The EH model: early design space exploration of intermittent processor
    architectures, MICRO 2018; there a cut does not fall into a save.

    Examples
    --------
    >>> round(forward_progress(period_J=1.0, operation_J=1e-3, every=10, save_J=1e-3), 3)
    0.904
    """
    period = finite("period_J", period_J, above=0.0)
    interval = finite("every", every, above=0.0) * finite("operation_J", operation_J, above=0.0)
    save, restore = finite("save_J", save_J, 0.0), finite("restore_J", restore_J, 0.0)
    share = finite("harvested_J", harvested_J, 0.0) / operation_J
    if share >= 1.0:
        raise InputError("harvested_J must be below operation_J; with as much there are no cuts.")
    net = 1.0 - share
    if interval < SMALLEST_J:
        raise InputError(f"every operations take {interval:.3g} J; give at least {SMALLEST_J:g}.")
    in_save = save / (save + interval)
    dead = net * ((1.0 - in_save) * 0.5 * interval + in_save * (interval + 0.5 * save))
    left = 1.0 - dead / period - restore * net / period
    return max(0.0, left) / ((1.0 + save / interval) * net)


def best_interval(*, period_J: float, operation_J: float, save_J: float) -> float:
    r"""Operations between saves at which saving and repeating cost least together.

    .. math:: n = \frac{1}{\epsilon} \sqrt{2 e_B E}

    Parameters
    ----------
    period_J, operation_J, save_J : float
        Energy between two cuts, of an operation, of a save [J].

    References
    ----------
    J. W. Young, A first order approximation to the optimum checkpoint interval, Commun. ACM 17, 530 (1974),
    with energies in place of times; valid while a save takes little of the energy between two cuts.

    Examples
    --------
    >>> round(best_interval(period_J=1e-6, operation_J=1e-10, save_J=1e-10))
    141
    """
    save, period = finite("save_J", save_J, 0.0, LARGEST_J), finite("period_J", period_J, 0.0, LARGEST_J)
    return math.sqrt(2.0 * save * period) / finite("operation_J", operation_J, SMALLEST_J)

r"""Ratios of a merit of the memory and of a baseline, and how far bounds move them.

Above 1 the memory is better. Of a ratio r three statements are made: at nominal numbers; with every bound
against or for the memory at once; and with independent bounds,

.. math:: \ln r_\pm = \ln r \pm \sqrt{\sum_i (\Delta_i^\pm)^2}

with the largest rise and fall of the logarithm by each number i alone, and never beyond all bounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from spinpim.study.comparison.filling import smooth_rate
from spinpim.study.comparison.levers import Kind
from spinpim.study.comparison.sides import Side

Merit = Literal["energy", "speed", "energy_and_area", "speed_once"]
MERITS: tuple[Merit, ...] = get_args(Merit)

MEANINGS: dict[Merit, str] = {
    "energy": "images per joule",
    "speed": "images per second on equal area, copies in fractions",
    "energy_and_area": "images per joule and square metre",
    "speed_once": "images per second, each layer held once",
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A merit of the memory over that of a baseline [1]; above 1 the memory is better.

    Attributes
    ----------
    nominal : float
        With every number at its value.
    low, high : float
        With all bounds together against and for the memory.
    independent_low, independent_high : float
        With bounds combined as if they had nothing to do with each other.
    """

    nominal: float
    low: float
    high: float
    independent_low: float
    independent_high: float


@dataclass(frozen=True, slots=True)
class Swing:
    """What one lever does to a ratio.

    Attributes
    ----------
    lever, kind, of : str
        As in `Lever`.
    labels, ratios : tuple
        Each end that can be built, and the ratio there [1].
    errors : tuple of float
        Worst error of an AND in the memory at each end, static and temporal together [1].
    refused : tuple of str
        Why other ends cannot be built.
    """

    lever: str
    kind: Kind
    of: str
    labels: tuple[str, ...]
    ratios: tuple[float, ...]
    errors: tuple[float, ...]
    refused: tuple[str, ...]

    def span(self, nominal: float) -> float:
        """Largest over smallest ratio, the nominal one among them, as a logarithm [1]."""
        both = (*self.ratios, nominal)
        return math.log(max(both) / min(both))


def merits(side: Side, area_m2: float) -> dict[Merit, float]:
    """How good a machine is, larger is better; see ``MEANINGS``.

    Parameters
    ----------
    side : Side
        A network on a machine.
    area_m2 : float
        Of the chip on which "speed" is compared [m^2].
    """
    return {
        "energy": 1.0 / side.energy_J,
        "speed": smooth_rate(side, area_m2),
        "energy_and_area": side.images_per_J_m2,
        "speed_once": 1.0 / side.interval_s,
    }


def ratio(nominal: float, against: float, for_it: float, alone: Iterable[Sequence[float]]) -> Ratio:
    """Put a ratio together.

    Parameters
    ----------
    nominal, against, for_it : float
        Ratio at nominal numbers, and with all bounds against and for the memory [1].
    alone : iterable of sequences of float
        Ratios with one number moved to each of its bounds [1].

    Examples
    --------
    >>> found = ratio(2.0, 1.0, 4.0, [[1.0, 4.0]])
    >>> round(found.independent_low, 9), round(found.independent_high, 9)
    (1.0, 4.0)
    """
    falls, rises = [0.0], [0.0]
    for ratios in alone:
        moved = [0.0, *(math.log(one / nominal) for one in ratios)]
        falls.append(min(moved))
        rises.append(max(moved))
    return Ratio(
        nominal=nominal,
        low=against,
        high=for_it,
        # Logarithms of large terms of a sum overstate them: no more than all bounds together.
        independent_low=max(against, nominal * math.exp(-math.hypot(*falls))),
        independent_high=min(for_it, nominal * math.exp(math.hypot(*rises))),
    )

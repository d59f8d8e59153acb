"""A machine in a given area, or with a given number of digits: how many images per second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from spinpim.array.scheduling import balanced_copies
from spinpim.study.comparison.sides import Side

ROUNDING = 1.0 + 1e-12
"""A machine fits on a chip of its own size, whatever the last bits of sums say."""

Measure = Literal["area", "capacity"]


@dataclass(frozen=True, slots=True)
class Filled:
    """A machine that fills a chip.

    Attributes
    ----------
    machines : int
        Whole machines beside each other, each with a digital unit of its own; 0 where not even one fits.
    copies : tuple of int
        Of each layer in each machine.
    images_per_s : float
        Of all together [1/s]; 0 where none fits.
    area_m2, bits : float
        Taken of the chip [m^2], [1].
    """

    machines: int
    copies: tuple[int, ...]
    images_per_s: float
    area_m2: float
    bits: float


def smooth_rate(side: Side, area_m2: float) -> float:
    r"""Images per second on an area if copies beyond the first could be fractions [1/s].

    With areas a, times t and windows w of the layers, and S and s of what they share, the highest rate f of m
    machines, m >= 1 and a fraction, too, for which

    .. math:: m \left(S + \sum_i a_i \max\left(1, \frac{f}{m} t_i\right)\right) \le A, \qquad
              \frac{f}{m} \le \min\left(\frac{1}{s}, \frac{w_i}{t_i}\right)

    An upper bound of `fill` without its steps, for ratios and levers.

    Parameters
    ----------
    side : Side
        The machine with its network.
    area_m2 : float
        Size of the chip [m^2].

    Returns
    -------
    float
        0 where the layers do not fit even once.
    """
    rates = _kinks(side)
    if area_m2 * ROUNDING < _area_at(side, rates[0]):
        return 0.0
    # The area of a machine is convex in its rate, so that its rate per area is highest at a kink.
    best = max(rates, key=lambda rate: rate / _area_at(side, rate))
    if _area_at(side, best) <= area_m2 * ROUNDING:
        return best * area_m2 / _area_at(side, best)
    below = max(rate for rate in rates if _area_at(side, rate) <= area_m2 * ROUNDING)
    above = min(rate for rate in rates if rate > below)
    share = (area_m2 - _area_at(side, below)) / (_area_at(side, above) - _area_at(side, below))
    return below + max(0.0, share) * (above - below)


def _kinks(side: Side) -> list[float]:
    """Rates of one machine between which its area is a line, from layers held once to the highest [1/s]."""
    once = [1.0 / stage.time_s(1) for stage in side.stages]
    limits = [stage.windows * rate for stage, rate in zip(side.stages, once, strict=True)]
    highest = min([*limits, 1.0 / side.shared_s] if side.shared_s else limits)
    return sorted({highest, min(highest, *once), *(rate for rate in once if rate < highest)})


def _area_at(side: Side, rate: float) -> float:
    """Area of a machine at a rate [m^2]."""
    held = (stage.area_m2 * max(1.0, rate * stage.time_s(1)) for stage in side.stages)
    return side.shared_area_m2 + math.fsum(held)


def fill(side: Side, measure: Measure, room: float) -> Filled:
    """Fill a chip with copies of layers and of whole machines so that it makes most images per second.

    Parameters
    ----------
    side : Side
        The machine with its network.
    measure : str
        "area": room in m^2. "capacity": room in digits held.
    room : float
        Size of the chip.

    Returns
    -------
    Filled

    Notes
    -----
    Of 1, 2, 4, 8, ... whole machines, and of as many as fit, the copies of layers are those of
    `balanced_copies`, and the fastest is taken. A machine whose layers share all parts is held whole.
    """
    sizes = [stage.area_m2 if measure == "area" else stage.bits for stage in side.stages]
    shared = side.shared_area_m2 if measure == "area" else side.shared_bits
    least = shared + math.fsum(sizes)
    most = math.floor(room / least * ROUNDING)
    if most < 1:
        return Filled(0, (1,) * len(side.stages), 0.0, 0.0, 0.0)
    return max(
        (_filled(side, machines, sizes, room / machines - shared) for machines in _tries(most)),
        key=lambda found: found.images_per_s,
    )


def _filled(side: Side, machines: int, sizes: list[float], room: float) -> Filled:
    copies = balanced_copies(
        [stage.windows for stage in side.stages],
        sizes,
        lambda layer, count: side.stages[layer].time_s(count),
        room,
        side.shared_s,
    )
    times = [stage.time_s(count) for stage, count in zip(side.stages, copies, strict=True)]
    each = list(zip(side.stages, copies, strict=True))
    return Filled(
        machines=machines,
        copies=tuple(copies),
        images_per_s=machines / max(side.shared_s, *times),
        area_m2=machines * (side.shared_area_m2 + math.fsum(n * stage.area_m2 for stage, n in each)),
        bits=machines * (side.shared_bits + math.fsum(n * stage.bits for stage, n in each)),
    )


def _tries(most: int) -> list[int]:
    """Numbers of machines that are tried: powers of two, and as many as fit."""
    return sorted({*(1 << step for step in range(most.bit_length())), most})

"""A published ratio beside the one that comes out, and what would have to be assumed to get it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spinpim.errors import InputError
from spinpim.study.comparison.levers import End, Kind, Lever, Pair
from spinpim.study.comparison.ratios import Merit, Ratio, Swing

FAMILIES = {"reram": ("crossbar",), "cmos": ("mac_array", "binary_weight")}
"""Structures of the accelerators that each claim is about."""

LEAST_STEP = 1.01
"""A lever that moves a ratio by less than a hundredth is left out of a way."""


@dataclass(frozen=True, slots=True)
class Step:
    """One assumption more on the way to a claim.

    Attributes
    ----------
    lever, kind, label : str
        Lever, its kind, and the end to which it is moved.
    ratio : float
        With all steps so far [1].
    """

    lever: str
    kind: Kind
    label: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Claimed:
    """A published ratio and this package's.

    Attributes
    ----------
    family : str
        "reram" or "cmos".
    merit : str
        "energy" or "speed".
    published : float
        The ratio that is claimed [1].
    source : str
        Where.
    baseline, precision : str
        What stands for the accelerator of the claim, and at which digits.
    found : Ratio
        What comes out.
    others : tuple of (str, str, float)
        Every baseline of the family, its precision, and the ratio over it at nominal numbers [1].
    steps : tuple of Step
        Levers moved to the end that leads towards the claim, one on top of the other, the most effective
        first, until the claim is passed or no lever is left.
    error : float
        Worst error of an AND in the memory at the end of the way, static and temporal together [1].
    energy_then : float
        Ratio of images per joule at the end of the way [1]: what a way to speed does to energy.
    """

    family: str
    merit: Merit
    published: float
    source: str
    baseline: str
    precision: str
    found: Ratio
    others: tuple[tuple[str, str, float], ...]
    steps: tuple[Step, ...]
    error: float
    energy_then: float

    @property
    def within_bounds(self) -> bool:
        """Whether the bounds of the numbers alone hold the claim."""
        return self.found.low <= self.published <= self.found.high

    @property
    def reached(self) -> bool:
        """Whether the way passes the claim."""
        last = self.steps[-1].ratio if self.steps else self.found.nominal
        return _beyond(last, self.published, self.published > self.found.nominal)


def way_to(
    target: float,
    start: float,
    pair: Pair,
    levers: Sequence[Lever],
    swings: Sequence[Swing],
    evaluate: Callable[[Pair], float],
) -> tuple[tuple[Step, ...], Pair]:
    """Move levers, the most effective first, until a ratio is passed.

    Parameters
    ----------
    target, start : float
        Ratio wanted, and that of ``pair`` [1].
    pair : Pair
        Where to begin.
    levers, swings : sequences of Lever and of Swing
        What may be moved, and what each does by itself.
    evaluate : callable
        Ratio of a pair [1]; ``InputError`` if it cannot be built.

    Returns
    -------
    tuple of Step, Pair
        The way, and the pair at its end. A step that cannot be built on top of the others, or no longer helps
        there, is left out.
    """
    upwards = target > start
    steps: list[Step] = []
    here, value = pair, start
    for lever, end in _by_effect(start, upwards, levers, swings):
        if _beyond(value, target, upwards):
            break
        try:
            there = end.change(here)
            moved = evaluate(there)
        except InputError:
            continue
        if (moved / value if upwards else value / moved) < LEAST_STEP:
            continue
        here, value = there, moved
        steps.append(Step(lever.name, lever.kind, end.label, value))
    return tuple(steps), here


def _by_effect(
    start: float, upwards: bool, levers: Sequence[Lever], swings: Sequence[Swing]
) -> list[tuple[Lever, End]]:
    """The end of each lever that leads towards the target, the most effective first."""
    found = []
    for lever, swing in zip(levers, swings, strict=True):
        reached = dict(zip(swing.labels, swing.ratios, strict=True))
        ends = [end for end in lever.ends if end.label in reached]
        if not ends:
            continue
        best = max(ends, key=lambda end: reached[end.label] if upwards else -reached[end.label])
        effect = math.log(reached[best.label] / start)
        if (effect if upwards else -effect) > math.log(LEAST_STEP):
            found.append((abs(effect), lever, best))
    found.sort(key=lambda one: -one[0])
    return [(lever, end) for _, lever, end in found]


def _beyond(value: float, target: float, upwards: bool) -> bool:
    return value >= target if upwards else value <= target

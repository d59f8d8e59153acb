"""Wrong answers of the memory that a network meets while it is trained (needs torch when used)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from spinpim.checks import finite

HIGHEST = 0.4
"""Highest rate to train with: beyond it little of a sum is left."""


@dataclass(frozen=True, slots=True)
class TrainingFaults:
    r"""Errors of ANDs in the forward pass of a training, by their effect on sums.

    A sum of products of whole weights and activations is, in the memory,
    :math:`S = 2 D - (2^N - 1) C`: weighted counts D of the digits of N-digit weights, and C of the all-ones
    row that all filters share.

    Attributes
    ----------
    flips : float
        Probability that an access answers wrongly, new at each access and alike for all patterns [1].
    wrong_pairs : float
        Probability that a cell answers wrongly to an activation digit each time, alike for all patterns [1].
        Every step of the training meets a chip of its own.

    Raises
    ------
    InputError
        If a probability is not in 0..0.4.

    Notes
    -----
    The mean of a sum is taken as set right by the digital unit, see `spinpim.network.recentring.recentred`: a
    network learns to bear what differs from access to access and from chip to chip, and stays as good without
    errors. Flips enter by their variance, as normal numbers: right where many of them meet in a sum. Wrong
    pairs are exact, attributed to the weight cell as on the chips of ``execute``.

    Examples
    --------
    >>> TrainingFaults(flips=0.01).any
    True
    """

    flips: float = 0.0
    wrong_pairs: float = 0.0

    def __post_init__(self) -> None:
        """Check the probabilities."""
        for name in ("flips", "wrong_pairs"):
            object.__setattr__(self, name, finite(name, getattr(self, name), 0.0, HIGHEST))

    @property
    def any(self) -> bool:
        """Whether anything goes wrong."""
        return self.flips + self.wrong_pairs > 0.0


class FlippedSum(NamedTuple):
    """Sum after flips: ``gain`` times the right one, plus ``offset``, plus normal numbers of two deviations.

    ``own`` is new for each filter, ``shared`` one for all filters of a window: that of the all-ones row.
    """

    gain: float
    offset: float
    own: float
    shared: float


def flipped_sum(elements: int, weight_bits: int, activation_bits: int, rate: float) -> FlippedSum:
    r"""Mean and deviations of a sum whose accesses flip, all patterns alike.

    .. math:: E[S'] = (1 - 2p) S + p K (2^N - 1)(2^M - 1), \qquad
              \mathrm{Var}\,S' = p (1 - p) K \frac{4^M - 1}{3}
              \left[4\,\frac{4^N - 1}{3} + (2^N - 1)^2\right]

    where the second part of the bracket is that of the all-ones row.

    Parameters
    ----------
    elements : int
        Products K of a sum, padding included.
    weight_bits, activation_bits : int
        Digits N of a weight, -1 and +1 or the affine numbers of `spinpim.network.folding.weight_coding`, and
        M of an activation.
    rate : float
        Probability p of a flip per access [1].

    Examples
    --------
    >>> flipped_sum(100, 1, 1, 0.5)
    FlippedSum(gain=0.0, offset=50.0, own=10.0, shared=5.0)
    """
    top, levels = (1 << weight_bits) - 1, (1 << activation_bits) - 1
    each = rate * (1.0 - rate) * elements * ((1 << 2 * activation_bits) - 1) / 3.0
    own = math.sqrt(4.0 * each * ((1 << 2 * weight_bits) - 1) / 3.0)
    return FlippedSum(1.0 - 2.0 * rate, rate * elements * top * levels, own, top * math.sqrt(each))


def wrong_pair_changes(
    codes: Any, weight_bits: int, rate: float, uniforms: Any, ones_uniforms: Any
) -> tuple[Any, Any]:
    r"""Changes of the weights of a layer, and of its sums, that fixed wrong answers of its pairs amount to.

    A cell with the number u of its own answers 1 to both activation digits where u < p, and 0 to both
    where u >= 1 - p: all patterns are then wrong with probability p.

    Parameters
    ----------
    codes : array or tensor of whole numbers, shape (filters, ...)
        Weights as codes 0..2^N - 1.
    weight_bits : int
        Digits N.
    rate : float
        Probability p of a wrong pair [1], 0..0.5.
    uniforms : array or tensor, shape (weight_bits, filters, ...)
        Numbers u in [0, 1), one per weight cell.
    ones_uniforms : array or tensor, shape (...)
        Those of the all-ones row.

    Returns
    -------
    weights : array or tensor, shape (filters, ...)
        To be added to the weights 2 code - (2^N - 1).
    sums : array or tensor, shape (filters,)
        To be added to a sum, in units of the highest activation code.
    """
    top = (1 << weight_bits) - 1
    weights, sums = top * _fallen(1.0, ones_uniforms, rate), -top * (ones_uniforms < rate).sum()
    for digit in range(weight_bits):
        ones = (codes // (1 << digit)) % 2
        weights = weights - (2 << digit) * _fallen(ones, uniforms[digit], rate)
        always = (uniforms[digit] < rate).reshape(len(codes), -1)
        sums = sums + (2 << digit) * always.sum(1)
    return weights, sums


def _fallen(ones: Any, uniforms: Any, rate: float) -> Any:
    """Digits 1 whose pair does not answer the activation digit but the same to both."""
    return ones * ((uniforms < rate) | (uniforms >= 1.0 - rate))

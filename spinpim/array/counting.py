"""How many full adders count the ones of so many answers, and how deep they stand."""

from __future__ import annotations

import math


def count_bits(inputs: int) -> int:
    """Binary places of the largest count of that many inputs.

    Examples
    --------
    >>> [count_bits(n) for n in (1, 3, 4, 128)]
    [1, 2, 3, 8]
    """
    return inputs.bit_length()


def full_adders(inputs: int) -> int:
    r"""Full adders that count the ones of that many inputs.

    Each full adder turns three bits of one weight into two, of weights one and two; a counter of n inputs
    whose result has b places needs

    .. math:: n - b

    full adders when :math:`n = 2^b - 1`, and at most b - 1 half adders more otherwise, counted as full ones.

    Examples
    --------
    >>> full_adders(3), full_adders(7), full_adders(128)
    (1, 4, 127)
    """
    missing = (1 << count_bits(inputs)) - 1 - inputs
    return inputs - count_bits(inputs) + (0 if missing == 0 else count_bits(inputs) - 1)


def count_depth(inputs: int) -> int:
    """Full-adder delays in a counter of that many inputs: a carry-save tree and its final ripple.

    Each level leaves two of three bits, so that the depth of the tree is log(n/2)/log(3/2); the ripple
    passes the places above the first two.

    Examples
    --------
    >>> count_depth(3), count_depth(128)
    (1, 17)
    """
    tree = max(1, math.ceil(math.log(max(inputs, 3) / 2.0, 1.5)))
    return tree + max(0, count_bits(inputs) - 2)

"""From trained real numbers to whole ones: weights rounded, batch normalisation folded into a line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.quantise import BitCoding


def weight_coding(bits: int) -> BitCoding:
    """Coding of DoReFa weights: -1, +1 for one digit, the affine numbers for more."""
    return BitCoding("bipolar" if bits == 1 else "affine", bits)


def whole_weights(weights: NDArray[Any], bits: int) -> tuple[NDArray[np.int64], float]:
    r"""Whole numbers and the one scalar that together are the quantised weights of a layer.

    .. math:: n = 1:\quad w \approx E\,\mathrm{sign}(w), \quad E = \mathrm{mean}|w|; \qquad
              n > 1:\quad w \approx \frac{2q}{2^n - 1} - 1, \quad
              q = \mathrm{round}\left((2^n - 1)\left(\frac{\tanh w}{2 \max|\tanh w|} + \tfrac12\right)\right)

    Parameters
    ----------
    weights : array of float, any shape
        Trained weights of one layer [1]; zero counts as positive.
    bits : int
        Digits of a weight, 1 to 8.

    Returns
    -------
    array of int64, same shape
        Values of `weight_coding`.
    float
        What one unit of them is worth [1].

    Raises
    ------
    InputError
        If a weight is not finite, or all are zero.

    Examples
    --------
    >>> whole_weights(np.array([0.5, -0.25, 0.0]), 1)
    (array([ 1, -1,  1]), 0.25)
    >>> whole_weights(np.array([1.0, -1.0, 0.1]), 2)
    (array([ 3, -3,  1]), 0.3333333333333333)

    References
    ----------
    S. Zhou et al., DoReFa-Net, arXiv:1606.06160 (2016), equations 7 and 9.
    """
    real = np.asarray(weights, dtype=np.float64)
    if not np.all(np.isfinite(real)) or not np.any(real):
        raise InputError("the trained weights must be finite and not all zero; the training has diverged.")
    if bits == 1:
        return np.where(real >= 0.0, 1, -1).astype(np.int64), float(np.mean(np.abs(real)))
    top = (1 << bits) - 1
    squashed = np.tanh(real)
    codes = np.rint(top * (squashed / (2.0 * np.max(np.abs(squashed))) + 0.5)).astype(np.int64)
    return 2 * codes - top, 1.0 / top


def fold(
    normalisation: dict[str, NDArray[np.float64]],
    epsilon: float,
    *,
    sum_unit: float,
    output_bits: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Scale and offset per channel that turn an integer sum into the normalised, rescaled output.

    .. math:: o = L\left(\gamma \frac{u a - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta\right)
              = \mathrm{scale} \cdot a + \mathrm{offset}

    with the unit u of the sum a, and L = 2^n - 1 for n-digit outputs or 1 for class scores.

    Parameters
    ----------
    normalisation : dict of arrays, shape (channels,)
        "gain" gamma, "bias" beta, "mean" mu and "variance" sigma^2 of the batch normalisation [1].
    epsilon : float
        Added to the variance [1].
    sum_unit : float
        What one unit of the sum of whole products is worth where the normalisation was trained [1].
    output_bits : int or None
        Digits of the activations handed on; None in the last layer.

    Returns
    -------
    scale, offset : array of float64, shape (channels,)
        See `spinpim.network.Affine`.

    Examples
    --------
    >>> plain = {"gain": 1.0, "bias": 0.0, "mean": 0.0, "variance": 1.0}
    >>> one = {name: np.array([value]) for name, value in plain.items()}
    >>> scale, offset = fold(one, 0.0, sum_unit=0.5 / 15, output_bits=4)
    >>> float(scale[0]), float(offset[0])
    (0.5, 0.0)
    """
    levels = 1 if output_bits is None else (1 << output_bits) - 1
    gain = levels * normalisation["gain"] / np.sqrt(normalisation["variance"] + epsilon)
    scale = gain * sum_unit
    offset = levels * normalisation["bias"] - gain * normalisation["mean"]
    return scale, offset

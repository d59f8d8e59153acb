"""Normals in float32 from the same random words as `noise.normal_pair`.

Kernels only: numbers in, numbers out, no checks. A float32 trajectory follows the float64 one of the same
address until rounding separates them. The float64 form rounded to float32 step by step would not do: 32-bit
words have more digits than a float32, so the words are centred as integers before they are converted.

There is no branch and no call, only arithmetic and selections, so that a loop over lanes becomes vector code;
every constant is a float32, because a literal would turn the sums into float64. The polynomials have the
least greatest error over their range (2e-9); what remains is the rounding of float32.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_F32 = np.float32
_I32 = np.int32
_U32 = np.uint32


@njit(cache=True, error_model="numpy", forceinline=True)
def uniform_logarithm_float32(word):
    """Ln of the uniform number u = (word + 1/2) 2^-32 of a uint32 word, relative error below 2e-7.

    With u = f 2^k and f in [1/2, 1), ln u = k ln 2 + 2 artanh(s), s = (f - 1)/(f + 1). For words in the upper
    half f - 1 is taken from the complement of the word, exactly; 1 - u would have lost its digits near u = 1.
    """
    upper = _I32(word) < _I32(0)
    folded = _I32(~word) if upper else _I32(word)
    v = (_F32(folded) + _F32(0.5)) * _F32(2.0**-32)
    bits = _F32(v).view(np.int32)
    fraction = _I32((bits & _I32(0x007FFFFF)) | _I32(0x3F000000)).view(np.float32)
    excess = -v if upper else fraction - _F32(1.0)
    power = _F32(0.0) if upper else _F32(_I32((bits >> _I32(23)) - _I32(126)))
    s = excess / (excess + _F32(2.0))
    z = s * s
    series = ((_F32(0.2842924) * z + _F32(0.27906534)) * z + _F32(0.40028296)) * z + _F32(0.66666272)
    square = _F32(0.5) * excess * excess
    logarithm = excess - (square - s * (square + z * series))
    # The first part of ln 2 has 16 bits, so its product with the power is exact.
    return power * _F32(0.693145751953125) + (power * _F32(1.42860682e-6) + logarithm)


@njit(cache=True, error_model="numpy", forceinline=True)
def normal_pair_float32(radius_word, angle_word):
    """Two independent standard normals from two uint32 words (Box and Muller), tails to 6.7 sigma.

    The two highest bits of the angle word choose the quadrant: sine or cosine first, and the signs. The other
    thirty give the angle within it, from -pi/4 to pi/4. The difference from `noise.normal_pair` is below
    2.5e-7 times the radius of the pair, 2.5e-7 for radii below one, and has a root mean square of 5e-8.
    """
    radius = math.sqrt(_F32(-2.0) * uniform_logarithm_float32(radius_word))
    centred = _I32(_I32(_I32(angle_word & _U32(0x3FFFFFFF)) << _I32(1)) - _I32(0x3FFFFFFF))
    angle = _F32(centred) * _F32(0.25 * np.pi * 2.0**-30)
    z = angle * angle
    sine = ((_F32(-1.9496e-4) * z + _F32(8.33198e-3)) * z - _F32(0.16666651)) * (z * angle) + angle
    cosine = ((_F32(2.44384515e-5) * z - _F32(1.38873675e-3)) * z + _F32(4.16666469e-2)) * (z * z)
    cosine = cosine + (_F32(1.0) - _F32(0.5) * z)
    swap = _I32(angle_word & _U32(0x40000000)) != _I32(0)
    first = radius * (sine if swap else cosine)
    second = radius * (cosine if swap else sine)
    # Signs by their bit: negative first in the two middle quadrants, negative second in the two last.
    first_sign = _U32(_U32(angle_word ^ _U32(angle_word << _U32(1))) & _U32(0x80000000))
    second_sign = _U32(angle_word & _U32(0x80000000))
    return (
        _U32(_F32(first).view(np.uint32) ^ first_sign).view(np.float32),
        _U32(_F32(second).view(np.uint32) ^ second_sign).view(np.float32),
    )

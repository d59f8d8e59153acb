"""How the operators of QONNX and of plain ONNX round: steps in float32, limits, scale and zero point."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.network.onnx_reader.graph import Operator
from spinpim.network.onnx_reader.values import Constant, Levels, Step, apply, step
from spinpim.network.quantise import MAXIMUM_BITS, BitCoding

ROUNDINGS = {"ROUND": "round", "HALF_EVEN": "round", "FLOOR": "floor", "CEIL": "ceil"}
MOST_BITS = 32
"""Of a bias, which stays outside the memory."""


class Rounding(NamedTuple):
    """Steps from a real number to a level, the limits of the level, and what it then stands for."""

    steps: tuple[Step, ...]
    low: int
    high: int
    scale: NDArray[np.float32]
    zero: NDArray[np.int64]
    bipolar: bool = False


def qonnx_rounding(operator: Operator, constants: list[NDArray[Any]]) -> Rounding:
    """What Quant (x, scale, zero point, bits) or BipolarQuant (x, scale) does.

    The limits are applied before rounding, after the zero point has been added in float32.

    Raises
    ------
    InputError
        If its numbers are none that a quantiser can have.
    """
    scale = _scale(operator, constants[0])
    if operator.kind == "BipolarQuant":
        return Rounding((step("at_least", 0.0),), -1, 1, scale, np.zeros(1, np.int64), bipolar=True)
    zero, bits = _zero(operator, constants[1]), _bits(operator, constants[2])
    signed, narrow = bool(operator.attributes.get("signed", 1)), bool(operator.attributes.get("narrow", 1))
    mode = str(operator.attributes.get("rounding_mode", "ROUND")).upper()
    if mode not in ROUNDINGS:
        raise InputError(
            f"{operator.where}: rounding_mode {mode} is not read; use one of {', '.join(ROUNDINGS)}."
        )
    steps = [step("divide", scale)] + ([step("add", zero)] if np.any(zero) else [])
    if bits == 1 and signed:
        if np.any(zero):
            raise InputError(f"{operator.where}: one signed bit is -1 or +1 and has no zero point.")
        return Rounding((*steps, step("at_least", 0.0)), -1, 1, scale, zero, bipolar=True)
    high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1 - narrow
    low = narrow - (1 << (bits - 1)) if signed else 0
    steps += [step("clip", low, high), step(ROUNDINGS[mode])]
    return Rounding(tuple(steps), low, high, scale, zero)


def linear_rounding(operator: Operator, scale: NDArray[Any], zero: NDArray[Any]) -> Rounding:
    """What QuantizeLinear does: the zero point is added to the rounded number, and then limited.

    Raises
    ------
    InputError
        If its numbers are none that a quantiser can have.
    """
    low, high = type_limits(operator, zero)
    checked, whole = _scale(operator, scale), zero.astype(np.int64)
    added = [step("add", whole)] if np.any(whole) else []
    steps = (step("divide", checked), step("round"), *added, step("clip", low, high))
    return Rounding(steps, low, high, checked, whole)


def type_limits(operator: Operator, array: NDArray[Any]) -> tuple[int, int]:
    """Least and greatest number of an integer type, those of four bits included.

    Raises
    ------
    InputError
        If it is another type.
    """
    name = array.dtype.name
    if not name.startswith(("int", "uint")) or not name.removeprefix("u").removeprefix("int").isdigit():
        raise InputError(f"{operator.where}: quantised numbers must be integers; these are {name}.")
    bits = int(name.removeprefix("u").removeprefix("int"))
    return (0, (1 << bits) - 1) if name.startswith("u") else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def rounded(operator: Operator, array: NDArray[Any], rounding: Rounding) -> Constant:
    """Constants after rounding, as whole numbers that no scale belongs to yet.

    Raises
    ------
    InputError
        If the scale does not fit the constants.
    """
    if array.dtype != np.float32:
        raise InputError(f"{operator.where}: constants to quantise must be float32; these are {array.dtype}.")
    if not np.all(np.isfinite(array)):
        raise InputError(f"{operator.where}: constants to quantise must be finite.")
    try:
        fits = np.broadcast_shapes(array.shape, rounding.scale.shape, rounding.zero.shape) == array.shape
    except ValueError:
        fits = False
    if not fits and max(rounding.scale.size, rounding.zero.size) > 1:
        raise InputError(
            f"{operator.where}: scale of shape {rounding.scale.shape} does not fit constants of shape "
            f"{array.shape}."
        )
    with np.errstate(over="ignore"):
        values = apply(array, rounding.steps).reshape(array.shape).astype(np.int64)
    values = 2 * values - 1 if rounding.bipolar else values
    none = np.zeros(1, np.int64)
    return Constant(values, Levels(values, rounding.low, rounding.high, None, none, rounding.bipolar))


def made_real(operator: Operator, levels: Levels, scale: NDArray[Any], zero: NDArray[np.int64]) -> Constant:
    """Constants as real numbers of float32, which remember the whole numbers.

    Raises
    ------
    InputError
        If scale or zero point do not fit.
    """
    checked = _scale(operator, scale)
    try:
        array = ((levels.values - zero).astype(np.float32) * checked).astype(np.float32)
    except ValueError:
        array = np.empty(0, np.float32)
    if array.size != levels.values.size:
        raise InputError(
            f"{operator.where}: scale of shape {scale.shape} does not fit constants of shape "
            f"{levels.values.shape}."
        )
    shaped = Levels(levels.values, levels.low, levels.high, checked, zero, levels.bipolar)
    return Constant(array.reshape(levels.values.shape), shaped)


def coding_of(where: str, low: int, high: int, *, bipolar: bool = False) -> BitCoding:
    """Return the coding with the fewest digits that holds all numbers from low to high.

    Raises
    ------
    InputError
        If it needs more than eight.

    Examples
    --------
    >>> coding_of("here", -7, 7), coding_of("here", 0, 7)
    (BitCoding(name='signed', bits=4), BitCoding(name='unsigned', bits=3))
    """
    if bipolar:
        return BitCoding("bipolar", 1)
    bits = max(1, high.bit_length()) if low >= 0 else max((-low - 1).bit_length(), high.bit_length()) + 1
    if bits > MAXIMUM_BITS:
        raise InputError(
            f"{where}: {low}..{high} needs {bits} bits; the memory takes at most {MAXIMUM_BITS}. Quantise "
            "to fewer."
        )
    return BitCoding("unsigned" if low >= 0 else "signed", bits)


def _scale(operator: Operator, scale: NDArray[Any]) -> NDArray[np.float32]:
    if scale.dtype != np.float32 or not scale.size:
        raise InputError(f"{operator.where}: its scale must be of float32; it is {scale.dtype}.")
    if not np.all((scale >= 1e-30) & (scale <= 1e30)):
        raise InputError(f"{operator.where}: its scale must lie in 1e-30..1e30.")
    return scale


def _zero(operator: Operator, zero: NDArray[Any]) -> NDArray[np.int64]:
    real = zero.astype(np.float64)
    if not real.size or not np.all(np.abs(real) < 1 << 24) or np.any(np.rint(real) != real):
        raise InputError(
            f"{operator.where}: its zero point must be whole, or its numbers are no whole multiples of their "
            f"scale; it is {real.flat[0] if real.size else 'empty'}."
        )
    return real.astype(np.int64)


def _bits(operator: Operator, bits: NDArray[Any]) -> int:
    number = float(bits.flat[0]) if bits.size == 1 else 0.0
    if not number.is_integer() or not 1 <= number <= MOST_BITS:
        raise InputError(
            f"{operator.where}: its bits must be one whole number from 1 to {MOST_BITS}; got "
            f"{bits.ravel()[:4]}."
        )
    return int(number)

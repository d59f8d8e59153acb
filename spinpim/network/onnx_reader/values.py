"""What the tensors of an ONNX graph stand for while it is read.

Shapes are those of this package: height, width and channels of one image. ``flat`` says that the file has
made two axes of them, batch and features, in its own order (channel, row, column).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.network.quantise import BitCoding
from spinpim.network.single_precision import SinglePrecision, single_step
from spinpim.network.window import Window

Shape = tuple[int, int, int]
Step = tuple[str, NDArray[np.float32], NDArray[np.float32]]
"""Operation of `SinglePrecision` with its two constants, which broadcast against the tensor of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Whole numbers that stand for the real numbers ``(levels - zero) * scale``.

    Attributes
    ----------
    values : array of int64
        Whole numbers.
    low, high : int
        The limits that the file gives them.
    scale : array of float32
        Broadcasts against the values; None before the file has turned them into real numbers.
    zero : array of int64
        Broadcasts against the values.
    bipolar : bool
        -1 and +1 instead of a range.
    """

    values: NDArray[np.int64]
    low: int
    high: int
    scale: NDArray[np.float32] | None
    zero: NDArray[np.int64]
    bipolar: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A tensor of constants, and how its numbers are made of whole ones, if the file says so."""

    array: NDArray[Any]
    levels: Levels | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Codes that a node hands on; ``scale`` is None where the file has whole numbers, too."""

    node: str
    shape: Shape
    coding: BitCoding
    scale: NDArray[np.float32] | None
    zero: int
    flat: bool = False

    @property
    def reals(self) -> NDArray[np.float64]:
        """Scale by channel, of float32 precision."""
        scale = np.ones(1) if self.scale is None else self.scale
        return np.broadcast_to(scale.astype(np.float64), self.shape[2:])


@dataclass(frozen=True, slots=True, eq=False)
class Reals:
    """Real numbers that a node hands on, all of them float32 numbers."""

    node: str
    shape: Shape
    flat: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """The image before it is quantised: a byte, made a real number by float32 arithmetic."""

    shape: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Dot:
    """Sums of a layer whose quantiser is still to come."""

    layer: dict[str, Any]
    unit: NDArray[np.float64]
    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """Sums of windows of a tensor; a window of one element is the tensor itself."""

    of: Codes | Reals
    window: Window


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """Sum of two tensors."""

    of: tuple[Codes | Reals, Codes | Reals]


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """Steps on sums, of which no node is made before it is known how they are rounded.

    Attributes
    ----------
    source : Image, Dot, Mean or Join
        Whose sums.
    shape : tuple of int
        Of the tensor.
    steps : tuple of Step
        With constants of shape (channels,).
    name : str
        Name for the node.
    maxima : tuple of (str, Window)
        Largest values taken meanwhile. They are taken of the codes instead, which is the same as long as no
        later step falls, since all steps of a channel rise or stay.
    flat : bool
        Two axes in the file.
    whole : tuple of int or None
        Limits of the numbers if the file has rounded them already but they are not complete.
    """

    source: Image | Dot | Mean | Join
    shape: Shape
    steps: tuple[Step, ...] = ()
    name: str = ""
    maxima: tuple[tuple[str, Window], ...] = ()
    flat: bool = False
    whole: tuple[int, int] | None = None

    def then(self, *steps: Step) -> Pending:
        """The same with more steps."""
        return replace(self, steps=self.steps + steps)


Value = Constant | Codes | Reals | Pending
Tensor = Codes | Reals | Pending


def file_shape(value: Tensor) -> tuple[int, ...]:
    """Shape that the tensor has in the file."""
    height, width, channels = value.shape
    return (1, height * width * channels) if value.flat else (1, channels, height, width)


def falls(step: Step) -> bool:
    """Whether a step turns the order of any channel round."""
    return step[0] in ("multiply", "divide") and bool(np.any(step[1] < 0))


def apply(values: NDArray[np.float32], steps: tuple[Step, ...]) -> NDArray[np.float32]:
    """Result of steps on constants, in the layout of the file."""
    for operation, first, second in steps:
        values = single_step(values, operation, first, second).astype(np.float32)
    return values


def as_steps(
    steps: tuple[Step, ...],
    unit: NDArray[np.float64],
    shift: NDArray[np.float64],
    coding: BitCoding | None,
) -> SinglePrecision:
    """Quantiser with these steps on sums of ``unit`` each."""
    channels = unit.size
    constants = np.empty((len(steps), 2, channels), np.float32)
    for number, (_, first, second) in enumerate(steps):
        constants[number, 0], constants[number, 1] = first, second
    return SinglePrecision(unit, shift, tuple(step[0] for step in steps), constants, coding)


def step(operation: str, first: Any = 0.0, second: Any = 0.0) -> Step:
    """Make a step, constants of float32."""
    return operation, np.asarray(first, np.float32), np.asarray(second, np.float32)

"""A window that slides over an image: size, step, margin and spacing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from spinpim.errors import InputError

LARGEST_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class Window:
    """Where a convolution or a pooling looks.

    Attributes
    ----------
    kernel : tuple of int
        Height and width.
    stride : tuple of int
        Step down and across.
    padding : tuple of int
        Rows and columns put around the image: top, left, bottom, right.
    dilation : tuple of int
        Distance of neighbouring elements down and across; 1 means none is left out.

    Raises
    ------
    InputError
        If a number is not whole or too small, or the margin is as large as the window.

    Examples
    --------
    >>> Window((3, 3), padding=(1, 1, 1, 1)).positions(8, 6)
    (8, 6)
    """

    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        """Check the numbers."""
        for field in fields(self):
            count = 4 if field.name == "padding" else 2
            given: Any = getattr(self, field.name)
            lowest = 0 if field.name == "padding" else 1
            sound = isinstance(given, tuple) and len(given) == count
            if not sound or not all(_whole(number, lowest) for number in given):
                raise InputError(
                    f"{field.name} of a window must be {count} whole numbers of at least {lowest}; "
                    f"got {given!r:.60}."
                )
        for axis, name in enumerate(("height", "width")):
            if max(self.padding[axis], self.padding[axis + 2]) >= self.extent[axis]:
                raise InputError(
                    f"padding {self.padding} must be smaller than the {name} {self.extent[axis]} of the "
                    "window, or some windows would lie wholly beyond the image."
                )
            object.__setattr__(self, "padding", tuple(map(int, self.padding)))
        for name in ("kernel", "stride", "dilation"):
            object.__setattr__(self, name, tuple(map(int, getattr(self, name))))

    @classmethod
    def square(cls, side: int, *, stride: int = 1, padding: int = 0) -> Window:
        """Square window with the same step and margin in both directions."""
        return cls((side, side), (stride, stride), (padding, padding, padding, padding))

    @property
    def extent(self) -> tuple[int, int]:
        """Rows and columns from the first element to the last, both included."""
        down, across = (gap * (side - 1) + 1 for side, gap in zip(self.kernel, self.dilation, strict=True))
        return down, across

    def sees_every_time(self, height: int, width: int) -> bool:
        """Whether each window on an image of that size has at least one element inside it."""
        for axis, size in enumerate((height, width)):
            starts = np.arange(self.positions(height, width)[axis]) * self.stride[axis] - self.padding[axis]
            places = starts[:, np.newaxis] + np.arange(self.kernel[axis]) * self.dilation[axis]
            if not np.all(np.any((places >= 0) & (places < size), axis=1)):
                return False
        return True

    def positions(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of windows on an image of that size; below 1 where it does not fit."""
        down, across = (
            (size + before + after - extent) // step + 1
            for size, before, after, extent, step in zip(
                (height, width), self.padding[:2], self.padding[2:], self.extent, self.stride, strict=True
            )
        )
        return down, across


def _whole(number: Any, lowest: int) -> bool:
    sound = isinstance(number, int | np.integer) and not isinstance(number, bool)
    return sound and lowest <= int(number) <= LARGEST_SIZE

"""The causes of errors of a chip as values: each by itself, to be combined, changed or left out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import finite, instance, shown, whole
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.array.model import ArrayModel

NEVER = 2**62
"""Number of an image that no run reaches."""


class ColumnErrors(Protocol):
    """What a column answers wrongly; ``spinpim.circuit`` provides it as ``Sensing``."""

    def column_errors(
        self, standard_normals: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fixed and temporal error probabilities (columns, 4) of drawn columns (columns, 3)."""


@dataclass(frozen=True, slots=True)
class StuckCells:
    """Cells that hold one digit for good, whatever is written: shorts, open vias, pinned layers.

    Drawn once per chip for the cells of weight rows and of activation rows alike. A stuck cell of an
    activation row meets every window that its row is given to.

    Attributes
    ----------
    at_0, at_1 : float
        Share of the cells stuck at 0 (P) and at 1 (AP) [1], together at most 1.

    Raises
    ------
    InputError
        If a share is out of range.

    Examples
    --------
    >>> StuckCells(at_1=1e-5)
    StuckCells(at_0=0.0, at_1=1e-05)
    """

    at_0: float = 0.0
    at_1: float = 0.0

    def __post_init__(self) -> None:
        """Check the shares."""
        for name in ("at_0", "at_1"):
            object.__setattr__(self, name, finite(name, getattr(self, name), 0.0, 1.0))
        if self.at_0 + self.at_1 > 1.0:
            raise InputError(f"at_0 + at_1 must be at most 1; they are {self.at_0:g} and {self.at_1:g}.")

    @property
    def any(self) -> bool:
        """Whether there are such cells."""
        return self.at_0 + self.at_1 > 0.0


@dataclass(frozen=True, slots=True)
class StateLoss:
    r"""Weight digits that flip while they are kept: by read disturb and by retention, for good.

    A cell has flipped before image i of a run with probability

    .. math:: 1 - \exp\left\{-\lambda t_0 - (i_0 + i)
              \left[-A \ln(1 - p) + \lambda t\right]\right\}

    with A accesses of a weight row per image. Each cell draws once the image at which it flips.

    Attributes
    ----------
    per_access : float
        p, probability that an access flips a weight cell [1]; see ``Sensing.read_disturb_probability``.
    rate_Hz : float
        lambda, flips of a cell per second by heat alone [1/s]; see ``spinpim.device.escape_rate``.
    image_interval_s : float
        t, time between images [s].
    images_before : int
        i_0, images that have passed since the weights were written. A run of 1000 images is, bit for bit in
        these flips, one of 400 and one of 600 with ``images_before=400``.
    seconds_before : float
        t_0, time that has passed since then without images [s].

    Raises
    ------
    InputError
        If a number is out of range.

    Notes
    -----
    Every cell takes the given rates, those of the worst state if they come from a ``Sensing``: an upper
    estimate. A cell that has flipped stays so; the way back, of second order in the flipped share, is left
    out. Flips by the accesses of an image are seen from the next image on. A, the windows of a layer times
    the digits of an activation, has the accesses of a majority but not those repeated because of a parity.
    Activation cells are written anew with each window and are left out.

    Examples
    --------
    >>> loss = StateLoss(per_access=1e-9, images_before=1000)
    >>> f"{loss.share(image=0, accesses=500):.3g}"
    '0.0005'
    """

    per_access: float = 0.0
    rate_Hz: float = 0.0
    image_interval_s: float = 0.0
    images_before: int = 0
    seconds_before: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "per_access", finite("per_access", self.per_access, 0.0, 1.0))
        for name in ("rate_Hz", "image_interval_s", "seconds_before"):
            object.__setattr__(self, name, finite(name, getattr(self, name), 0.0))
        object.__setattr__(self, "images_before", whole("images_before", self.images_before, 0, 2**53))

    @property
    def any(self) -> bool:
        """Whether any cell can flip."""
        timed = self.rate_Hz > 0.0 and (self.image_interval_s > 0.0 or self.seconds_before > 0.0)
        return self.per_access > 0.0 or timed

    def share(self, image: int, accesses: int) -> float:
        """Probability that a cell has flipped before an image of the run [1].

        Parameters
        ----------
        image : int
            Number of the image, from 0 on.
        accesses : int
            Accesses of its row per image.
        """
        passed = self.images_before + image
        each = self._per_image(accesses)
        return float(-np.expm1(-self.rate_Hz * self.seconds_before - (passed * each if passed else 0.0)))

    def first_images(self, uniforms: NDArray[np.float64], accesses: int) -> NDArray[np.int64]:
        """Number of the first image that finds a cell flipped; ``NEVER`` or more if none does.

        Parameters
        ----------
        uniforms : array
            One number in [0, 1) per cell.
        accesses : int
            Accesses of its row per image.
        """
        exposure = -np.log1p(-uniforms) - self.rate_Hz * self.seconds_before
        each = self._per_image(accesses)
        if each == 0.0:
            return np.where(exposure < 0.0, 0, NEVER)
        images = np.minimum(np.floor(exposure / each), float(NEVER)).astype(np.int64)
        return np.maximum(images + 1 - self.images_before, 0)

    def _per_image(self, accesses: int) -> float:
        with np.errstate(divide="ignore"):
            disturb = -accesses * float(np.log1p(-self.per_access)) if self.per_access else 0.0
        return disturb + self.rate_Hz * self.image_interval_s


@dataclass(frozen=True, slots=True)
class Faults:
    """All causes of errors of a chip; what is left out does not happen.

    Attributes
    ----------
    columns : Sensing, SensingParts or None
        Fixed errors by amplifier, drive and reference of a column and by its cell pairs, and the noise of
        each access; ``SensingParts`` leaves some of these out.
    weight_write_error, activation_write_error : float
        Probability that a digit is stored wrongly [1]: of the weights once per chip, of the activations at
        each write.
    stuck : StuckCells
        Cells that hold one digit.
    loss : StateLoss
        Weight digits that flip while they are kept.

    Raises
    ------
    InputError
        If an attribute is of another kind or out of range.

    Examples
    --------
    >>> Faults(stuck=StuckCells(at_0=1e-4)).stuck.any
    True
    """

    columns: ColumnErrors | None = None
    weight_write_error: float = 0.0
    activation_write_error: float = 0.0
    stuck: StuckCells = StuckCells()
    loss: StateLoss = StateLoss()

    def __post_init__(self) -> None:
        """Check what was given."""
        if self.columns is not None:
            check_sensing("columns", self.columns)
        for name in ("weight_write_error", "activation_write_error"):
            object.__setattr__(self, name, finite(name, getattr(self, name), 0.0, 1.0))
        instance("stuck", self.stuck, StuckCells, "StuckCells(...)")
        instance("loss", self.loss, StateLoss, "StateLoss(...)")

    @classmethod
    def of(cls, array: ArrayModel, **changes: Any) -> Faults:
        """Errors of an array: its sensing and its writes; ``changes`` are attributes set otherwise."""
        if not (hasattr(array, "sensing") and hasattr(array, "write")):
            raise InputError(f"array must be of the kind ArrayModel; instead received {shown(array)}.")
        write = array.write.conservative
        own = cls(array.sensing, weight_write_error=write, activation_write_error=write)
        return dataclasses.replace(own, **changes)


def check_sensing(name: str, sensing: Any) -> None:
    """Refuse what does not say how often a two-row AND is wrong.

    Raises
    ------
    InputError
        If it has no errors of columns, or those of another operation.
    """
    if isinstance(sensing, type) or not hasattr(sensing, "column_errors"):
        raise InputError(f"{name} must come from sense(...); instead received {shown(sensing)}.")
    operation, rows = getattr(sensing, "operation", "AND"), getattr(sensing, "rows", 2)
    if (operation, rows) != ("AND", 2):
        raise InputError(
            f"{name} must be the sensing of an AND of two rows; instead received {operation} of {rows}."
        )

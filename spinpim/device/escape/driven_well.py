"""A well under a constant drive, and what is said of the rate out of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device.escape.energy_orbits import Torque
from spinpim.device.landscape import Landscape
from spinpim.device.mtj import Device
from spinpim.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EscapeRate:
    """An escape rate with its accuracy and how it was obtained.

    Attributes
    ----------
    value_per_s, log_value : float
        Rate [1/s] and its natural logarithm; below 1e-308 only the logarithm is left.
    relative_error : float
        Bound of the method within the macrospin model [1]; not that of the device's parameters.
    method : str
        "closed_form", "passage" or "fokker-planck".
    valid_range : str
        Where the method holds, in a sentence.
    """

    value_per_s: float
    log_value: float
    relative_error: float
    method: str
    valid_range: str

    @property
    def low_per_s(self) -> float:
        """Lower bound [1/s]."""
        return self.value_per_s / (1.0 + self.relative_error)

    @property
    def high_per_s(self) -> float:
        """Upper bound [1/s]."""
        return self.value_per_s * (1.0 + self.relative_error)


@dataclass(frozen=True, slots=True, eq=False)
class DrivenWell:
    """A device under a constant drive row, and the well that is asked about."""

    device: Device
    row: Array
    side: Array

    @property
    def torque(self) -> Torque:
        """Damping-like fields S; all their work in a turn is that of the drift S."""
        reference = np.array(self.device.reference_direction)
        return Torque(self.row[10:13], float(self.row[13]), reference, self.device.stt_asymmetry)

    @property
    def landscape(self) -> Landscape:
        r"""Energy of the fields.

        Beside :math:`\mathbf S_\perp` a damping-like field gives the drift
        :math:`\alpha\,\mathbf m\times\mathbf S`, the precession in a field :math:`-\alpha\mathbf S`. S is a
        gradient, so that this drift takes no energy in a turn, and to first order it does not belong here.
        """
        xx, yy, zz, xy, xz, yz = self.row[3:9]
        tensor = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        return Landscape(tensor, float(self.row[9]), self.row[:3])

    @property
    def log_gyration(self) -> float:
        """Natural logarithm of gamma/(1 + alpha^2)."""
        return math.log(GYROMAGNETIC_RATIO / (1.0 + self.device.damping**2))

    @property
    def driven(self) -> bool:
        """Whether a damping-like field acts."""
        return bool(np.any(self.row[10:14] != 0.0))

    @property
    def torque_along_T(self) -> float:
        """Part of the torque along the easy direction of the well, at its bottom [T]."""
        torque = self.torque
        share = torque.junction_T / (1.0 + torque.asymmetry * float(torque.reference @ self.side))
        return float((torque.channel_T + share * torque.reference) @ self.side)

    def check_torque(self) -> None:
        """Refuse a channel torque across the easy axis.

        Raises
        ------
        InputError
            If there is one.
        """
        channel = self.row[10:13]
        across = channel - (channel @ self.side) * self.side
        if np.abs(across).max() > 1e-9 * np.abs(self.row[:14]).max():
            raise InputError(
                "A spin-orbit torque across the easy axis has no potential and takes no energy to first "
                "order, so that closed form and passage do not hold: use method 'fokker-planck' (barriers up "
                "to about 25 k_B T), or write_error_rate by splitting for a pulse."
            )


def escape_result(log_value: float, error: float, method: str, sentence: str) -> EscapeRate:
    """Rate from its logarithm [ln 1/s]; refuses what is no number."""
    if math.isnan(log_value) or math.isnan(error):
        raise InputError(f"The escape rate by {method} is beyond what numbers hold; take a milder drive.")
    return EscapeRate(math.exp(min(log_value, 700.0)), log_value, error, method, sentence)

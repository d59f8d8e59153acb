"""What a machine did with harvested power."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spinpim.array.intermittency.policies import Policy


@dataclass(frozen=True, slots=True, eq=False)
class Intermittent:
    """What a machine did with harvested power; energies that reach it, unless said otherwise.

    Attributes
    ----------
    machine, network : str
        Names.
    policy : Policy
        What was kept.
    time_s : float
        Time that passed [s].
    harvested_J : float
        What the source delivered meanwhile, before any converter [J].
    images, cuts, wakes, restores : int
        Completed images; times that power failed, or that a warning sent it to sleep; times switched on;
        times that something was restored.
    operations, operations_lost : int
        Operations done; those that a cut undid.
    saves, saves_cut : int
        Saves completed, and cut, which the one before outlasts.
    saves_wrong, states_lost : int
        Saves that were found wrong when they were to be restored; times that no save was whole, so that the
        image began anew.
    operation_J, save_J, restore_J, wake_J : float
        Energy of operations, saves, restores and waking up [J].
    lost_J : float
        The part of ``operation_J`` whose operations were undone or not finished [J].
    operation_s, save_s, restore_s, wake_s, off_s : float
        Time of each, and switched off [s].
    state_at_risk_bits : int
        Digits that a cut loses at the worst moment; 0 where a warning comes in time.
    cells_kept : int
        Cells that saves take.
    warning_V : float or None
        Voltage at which it saves and sleeps [V]; None: it is not warned.
    events : array of float64, shape (events, 6)
        The first wakes and cuts: time [s], level [J], operations done and lost, images, switched on.
    """

    machine: str
    network: str
    policy: Policy
    time_s: float
    harvested_J: float
    images: int
    cuts: int
    wakes: int
    restores: int
    operations: int
    operations_lost: int
    saves: int
    saves_cut: int
    saves_wrong: int
    states_lost: int
    operation_J: float
    save_J: float
    restore_J: float
    wake_J: float
    lost_J: float
    operation_s: float
    save_s: float
    restore_s: float
    wake_s: float
    off_s: float
    state_at_risk_bits: int
    cells_kept: int
    warning_V: float | None
    events: NDArray[np.float64] = field(repr=False)

    @property
    def spent_J(self) -> float:
        """All energy that reached the machine [J]."""
        return math.fsum((self.operation_J, self.save_J, self.restore_J, self.wake_J))

    @property
    def on_s(self) -> float:
        """Time switched on [s]."""
        return math.fsum((self.operation_s, self.save_s, self.restore_s, self.wake_s))

    @property
    def images_per_J(self) -> float:
        """Images per harvested joule [1/J]; 0 where nothing was harvested."""
        return self.images / self.harvested_J if self.harvested_J else 0.0

    @property
    def images_per_hour(self) -> float:
        """Images per hour [1/h]."""
        return 3600.0 * self.images / self.time_s

    @property
    def forward_progress(self) -> float:
        """Share of the energy that reached the machine in operations that were not undone [1]."""
        return max(0.0, self.operation_J - self.lost_J) / self.spent_J if self.spent_J else 0.0

    @property
    def forward_progress_time(self) -> float:
        """Share of the time switched on in operations that were not undone [1]."""
        if not self.on_s:
            return 0.0
        return self.operation_s / self.on_s * (1.0 - self.lost_share)

    @property
    def lost_share(self) -> float:
        """Share of the energy of operations that was undone [1]."""
        return min(1.0, self.lost_J / self.operation_J) if self.operation_J else 0.0

    @property
    def repeated_share(self) -> float:
        """Share of the operations that a cut undid [1]."""
        return self.operations_lost / self.operations if self.operations else 0.0

    @property
    def keeping_share(self) -> float:
        """Share of the energy that went into saves and restores [1]."""
        return (self.save_J + self.restore_J) / self.spent_J if self.spent_J else 0.0

    @property
    def cuts_survived(self) -> int:
        """Power cuts after which the image went on from what was kept."""
        return self.restores - self.states_lost

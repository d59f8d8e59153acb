"""SwitchingTable: counts over current and width, mergeable, with intervals and a plain HDF5 file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError
from spinpim.estimate import clopper_pearson
from spinpim.storage import open_result, replace_file, write_axis

SCHEMA = "spinpim-switching-table/1"
RESULTS_SCHEMA = "spinpim-results/1"


@dataclass(frozen=True, slots=True, eq=False)
class SwitchingTable:
    """Switching counts of one device; probabilities are computed, never stored.

    Attributes
    ----------
    device_name, device_fingerprint : str
        Name of the device, and the hash of its numbers: only counts of one device add.
    to : str
        State that counts as switched, "P" or "AP".
    sot_current_A : (currents,) array
        Flat-top current [A], positive in the direction that writes ``to``.
    width_s : (widths,) array
        Flat-top width [s].
    switched, trials : (currents, widths) int array
        Counts [1].
    seeds : tuple of int
        Seeds whose counts are in it; a seed cannot be added twice.
    """

    device_name: str
    device_fingerprint: str
    to: str
    sot_current_A: NDArray[np.float64]
    width_s: NDArray[np.float64]
    switched: NDArray[np.int64]
    trials: NDArray[np.int64]
    seeds: tuple[int, ...]

    def probability(self) -> NDArray[np.float64]:
        """Switching probability (currents, widths) [1]."""
        return np.asarray(self.switched / self.trials, dtype=np.float64)

    def interval(self, confidence: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Limits of the probability, two arrays (currents, widths) [1]; see ``clopper_pearson``.

        Raises
        ------
        InputError
            If the confidence is not between 0 and 1.
        """
        return clopper_pearson(self.switched, self.trials, confidence)

    def __add__(self, other: SwitchingTable) -> SwitchingTable:
        """Merge the counts of two runs on one grid with different seeds."""
        same_grid = np.array_equal(self.sot_current_A, other.sot_current_A) and np.array_equal(
            self.width_s, other.width_s
        )
        same_device = self.device_fingerprint == other.device_fingerprint
        if not (same_grid and same_device and self.to == other.to):
            raise InputError(
                "Switching tables add only when device, direction, currents and widths are the same."
            )
        if set(self.seeds) & set(other.seeds):
            raise InputError(f"Both tables hold counts of seed {sorted(set(self.seeds) & set(other.seeds))}.")
        return SwitchingTable(
            self.device_name,
            self.device_fingerprint,
            self.to,
            self.sot_current_A,
            self.width_s,
            self.switched + other.switched,
            self.trials + other.trials,
            self.seeds + other.seeds,
        )

    def save(self, path: str | Path) -> None:
        """Write an HDF5 file; one already there is replaced only by a whole new one."""
        with replace_file(path) as file:
            file.attrs["schema"] = SCHEMA
            self.write_into(file)

    def write_into(self, group: Any) -> None:
        """Write the counts with dimension scales and units into an open HDF5 group."""
        group.attrs.update(
            {
                "device_name": self.device_name,
                "device_fingerprint": self.device_fingerprint,
                "to": self.to,
                "seeds": np.array(self.seeds, dtype=np.int64),
            }
        )
        write_axis(group, "sot_current_A", self.sot_current_A, "A")
        write_axis(group, "width_s", self.width_s, "s")
        for name, counts in (("switched", self.switched), ("trials", self.trials)):
            data = group.create_dataset(name, data=counts)
            data.attrs["units"] = "1"
            data.dims[0].attach_scale(group["sot_current_A"])
            data.dims[1].attach_scale(group["width_s"])

    @classmethod
    def load(cls, path: str | Path) -> SwitchingTable:
        """Read a file written by ``save``, or the table in the ``results.h5`` of a run.

        Raises
        ------
        InputError
            If the file is missing, not HDF5, or not a switching table.
        """
        with open_result(path, SCHEMA, RESULTS_SCHEMA) as opened:
            # The results of a whole run hold their table in a group of its own.
            file = opened if opened.attrs["schema"] == SCHEMA else opened["switching"]
            try:
                table = cls(
                    str(file.attrs["device_name"]),
                    str(file.attrs["device_fingerprint"]),
                    str(file.attrs["to"]),
                    file["sot_current_A"][()],
                    file["width_s"][()],
                    file["switched"][()],
                    file["trials"][()],
                    tuple(int(seed) for seed in file.attrs["seeds"]),
                )
            except (KeyError, TypeError, ValueError, OSError) as error:
                raise InputError(
                    f"{path}: the switching table is incomplete ({error}); make it again."
                ) from error
        shape = (table.sot_current_A.size, table.width_s.size)
        if (
            table.switched.shape != shape
            or table.trials.shape != shape
            or np.any(table.switched > table.trials)
        ):
            raise InputError(f"{path}: the counts do not fit the axes {shape}; make the table again.")
        return table

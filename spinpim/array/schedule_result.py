"""The value that `schedule` returns: copies, times, power and wear of a network on a chip."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.checks import finite
from spinpim.errors import InputError

YEAR_S = 365.25 * 86400.0


@dataclass(frozen=True, slots=True)
class LayerSchedule:
    """One layer on the chip.

    Attributes
    ----------
    name : str
        Name of the layer.
    copies : int
        How often its weights are held; each copy takes a share of the windows.
    sub_arrays : int
        Of all copies.
    latency_s : float
        Time for an image [s].
    energy_J : float
        Energy for an image, as in the ledger [J].
    writes_per_cell : int
        Times per image that its most written activation cell is written.
    write_power_W, sense_power_W : float
        Power while rows are written, and while they are sensed, in all copies at once [W].
    """

    name: str
    copies: int
    sub_arrays: int
    latency_s: float
    energy_J: float
    writes_per_cell: int
    write_power_W: float
    sense_power_W: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """A network on a chip of a number of sub-arrays.

    Attributes
    ----------
    network : str
        Name of the network.
    layers : tuple of LayerSchedule
        First to last.
    sub_arrays : int
        Sub-arrays of the chip.
    batch : int
        Images between two loads of weights that do not fit together.
    pages : int
        Loads of the chip that the layers need, one after the other; 1: all weights stay.
    load_s_per_image, load_J_per_image : float
        Writing the weights of all pages, shared by the images of a batch [s], [J]; 0 if they stay.
    load_power_W : float
        Highest power while the weights of a page are written [W]; 0 if they stay.
    writes_per_cell : float
        Times per image that the most written cell is written: for activations, or for the weights of pages.
    digital_s : float
        Time of the one digital unit for all layers of an image [s].
    """

    network: str
    layers: tuple[LayerSchedule, ...]
    sub_arrays: int
    batch: int
    pages: int
    load_s_per_image: float
    load_J_per_image: float
    load_power_W: float
    writes_per_cell: float
    digital_s: float

    @property
    def interval_s(self) -> float:
        """Time between images [s]: slowest layer or digital unit; if loaded in turns, all of them."""
        if self.pages > 1:
            return self.latency_s + self.load_s_per_image
        return max(self.digital_s, *(layer.latency_s for layer in self.layers))

    @property
    def latency_s(self) -> float:
        """Time of an image through all layers, weights there [s]."""
        return math.fsum(layer.latency_s for layer in self.layers)

    @property
    def images_per_s(self) -> float:
        """Images per second [1/s]."""
        return 1.0 / self.interval_s

    @property
    def energy_per_image_J(self) -> float:
        """Energy of an image, weight loads of a paged chip included [J]."""
        return math.fsum([layer.energy_J for layer in self.layers] + [self.load_J_per_image])

    @property
    def utilisation(self) -> float:
        """Share of the sub-arrays' time in which their layer is at work on an image [1]."""
        busy = math.fsum(layer.sub_arrays * layer.latency_s for layer in self.layers)
        return busy / (self.sub_arrays * self.interval_s)

    @property
    def average_power_W(self) -> float:
        """Energy of an image over the time between images [W]."""
        return self.energy_per_image_J / self.interval_s

    @property
    def peak_power_W(self) -> float:
        """All layers at their hungrier of writing and sensing together; of pages the hungriest moment [W]."""
        powers = [max(layer.write_power_W, layer.sense_power_W) for layer in self.layers]
        return max(*powers, self.load_power_W) if self.pages > 1 else math.fsum(powers)

    def lifetime_years(self, endurance_cycles: float, images_per_s: float | None = None) -> float:
        """Time until the most written cell has seen ``endurance_cycles`` write pulses [years].

        Parameters
        ----------
        endurance_cycles : float
            Pulses that a cell survives [1]; junctions of 62 nm are reported with more than 5e10.
        images_per_s : float or None
            Frame rate [1/s]; None: as many as the chip can.

        Raises
        ------
        InputError
            If a number is not above 0, or the rate is above what the chip can.

        References
        ----------
        K. Garello et al., Symposium on VLSI Circuits (2018), doi:10.1109/VLSIC.2018.8502269: above 5e10.
        """
        cycles = finite("endurance_cycles", endurance_cycles, above=0.0)
        rate = self.images_per_s if images_per_s is None else finite("images_per_s", images_per_s, above=0.0)
        if rate > self.images_per_s * (1.0 + 1e-9):
            raise InputError(
                f"images_per_s is {rate:g}, but this chip makes {self.images_per_s:.4g} at the most; give a "
                "lower rate or more sub-arrays."
            )
        return finite("lifetime", cycles / (self.writes_per_cell * rate * YEAR_S))

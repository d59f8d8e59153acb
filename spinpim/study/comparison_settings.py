"""Names and numbers of a comparison; the defaults are those of ``spinpim compare``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComparisonSettings:
    """Names and numbers of a comparison; the defaults are those of ``spinpim compare``.

    Attributes
    ----------
    network : str
        Architecture, shipped network, or path.
    bits : str or None
        Digits of weights and activations of an architecture, for example "1:1,1:4"; None: "1:4".
    device, cell, amplifier, array : str
        Shipped names or paths of parameter files.
    baselines : tuple of str
        The same of baselines; empty: all that are shipped.
    claims : str
        Claims file.
    area_m2, capacity_bits : float or None
        Chips of the views of equal area and capacity.
    """

    network: str = "svhn"
    bits: str | None = None
    device: str = "perpendicular_memory_60nm"
    cell: str = "2t1r_45nm"
    amplifier: str = "strongarm_45nm"
    array: str = "array_45nm"
    baselines: tuple[str, ...] = ()
    claims: str = "roohi2019_claims"
    area_m2: float | None = None
    capacity_bits: float | None = None

    def command(self) -> str:
        """The command line that gives the same comparison.

        Examples
        --------
        >>> ComparisonSettings(bits="1:1,2:2", area_m2=2e-5).command().split(" --device")[0]
        'spinpim compare --network svhn --bits 1:1,2:2'
        """
        words = ["spinpim", "compare", "--network", self.network]
        words += ["--bits", self.bits] if self.bits else []
        for name in ("device", "cell", "amplifier", "array", "claims"):
            words += [f"--{name}", getattr(self, name)]
        for name in self.baselines:
            words += ["--baseline", name]
        words += ["--area", repr(1e6 * self.area_m2)] if self.area_m2 is not None else []
        words += ["--capacity", repr(self.capacity_bits)] if self.capacity_bits is not None else []
        return shlex.join(words)

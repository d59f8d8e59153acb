"""Names and numbers of machines on harvested power; the defaults are those of ``spinpim intermittent``."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

OPTIONS = {
    "network": "network",
    "bits": "bits",
    "traces": "trace",
    "policies": "policy",
    "rewrites": "rewrites",
    "checks": "checks",
    "baselines": "baseline",
    "capacitances_F": "capacitor",
    "device": "device",
    "cell": "cell",
    "amplifier": "amplifier",
    "array": "array",
    "columns": "columns",
    "load_ohm": "load-ohm",
    "scale": "scale",
    "on_V": "on",
    "off_V": "off",
    "highest_V": "highest",
    "warning_V": "warning",
    "leakage_ohm": "leakage-ohm",
    "charging": "charging",
    "supplying": "supplying",
    "wake_J": "wake-energy",
    "wake_s": "wake-time",
    "duration_s": "duration",
    "write_error": "write-error",
    "seed": "seed",
}
"""Settings, in the order of the command line, with their options."""

ARGUMENTS = {
    "capacitance_F": "capacitor",
    "charging_efficiency": "charging",
    "supplying_efficiency": "supplying",
}
"""What the library calls some of them."""

DEFAULT_TRACES = ("on_off:power_W=1e-3,mean_on_s=0.05,mean_off_s=0.05,duration_s=60",)
DEFAULT_POLICIES = (
    "volatile",
    "images:1",
    "layers:1",
    "windows:1",
    "operations:1",
    "balanced",
    "additions",
    "threshold",
    "flip_flops",
)


@dataclass(frozen=True, slots=True)
class IntermittentSettings:
    """Names and numbers of machines on harvested power; the defaults are those of ``spinpim intermittent``.

    Attributes
    ----------
    network : str
        Architecture, shipped network, or path.
    bits : str or None
        Digits of weights and activations of an architecture, for example "1:4"; None: "1:4".
    device, cell, amplifier, array : str
        Shipped names or paths of parameter files.
    traces : tuple of str
        Recordings by path, or laws with their numbers, such as "square:power_W=1e-3,period_s=0.1,duty=0.5".
    columns : str or None
        What recordings hold that do not say so themselves.
    load_ohm : float or None
        On what their voltages were recorded [ohm].
    scale : float
        By which every power is multiplied.
    policies : tuple of str
        Such as "volatile" or "operations:1000".
    rewrites : int
        How often each row of a save may be read back and written again.
    checks : str
        When digits handed on are checked: "at_restore" or "by_row"; see `Policy`.
    baselines : tuple of str
        Other accelerators, which keep nothing.
    capacitances_F : tuple of float
        Capacitors [F].
    on_V, off_V : float
        Voltages at which the memory is switched on and off [V].
    highest_V, warning_V : float or None
        Voltage of a full capacitor, and of the warning [V]; None: as in `Storage`.
    leakage_ohm : float or None
        Of the capacitor [ohm]; None: it does not leak.
    charging, supplying : float
        Efficiencies of the converters [1].
    wake_J, wake_s : float
        Energy and time of waking up, besides weights that were lost [J], [s].
    duration_s : float
        Time to simulate [s].
    write_error : float or None
        Probability that a digit is not written [1]; None: computed from the device.
    seed : int
        Address of all draws.
    map : bool
        Whether break-even curves and the map of the best policies are computed, too.
    """

    network: str = "svhn"
    bits: str | None = None
    device: str = "perpendicular_memory_60nm"
    cell: str = "2t1r_45nm"
    amplifier: str = "strongarm_45nm"
    array: str = "array_45nm"
    traces: tuple[str, ...] = DEFAULT_TRACES
    columns: str | None = None
    load_ohm: float | None = None
    scale: float = 1.0
    policies: tuple[str, ...] = DEFAULT_POLICIES
    rewrites: int = 1
    checks: str = "at_restore"
    baselines: tuple[str, ...] = ()
    capacitances_F: tuple[float, ...] = (1e-6, 1e-5, 1e-4)
    on_V: float = 2.4
    off_V: float = 1.8
    highest_V: float | None = None
    warning_V: float | None = None
    leakage_ohm: float | None = None
    charging: float = 1.0
    supplying: float = 1.0
    wake_J: float = 0.0
    wake_s: float = 0.0
    duration_s: float = 60.0
    write_error: float | None = None
    seed: int = 1
    map: bool = False

    def command(self) -> str:
        """The command line that gives the same result.

        Examples
        --------
        >>> IntermittentSettings(traces=("walk.csv",), policies=("layers",)).command().split(" --rewrites")[0]
        'spinpim intermittent --network svhn --trace walk.csv --policy layers'
        """
        words = ["spinpim", "intermittent"]
        for name, option in OPTIONS.items():
            given = getattr(self, name)
            for value in given if isinstance(given, tuple) else (given,):
                words += [f"--{option}", str(value)] if value is not None else []
        return shlex.join([*words, *(["--map"] if self.map else [])])


def as_typed(sentence: str) -> str:
    """A sentence about a mistake with options in place of names that the library has for them.

    Examples
    --------
    >>> as_typed("give a larger capacitance_F or a larger on_V.")
    'give a larger --capacitor or a larger --on.'
    """
    named = {name: option for name, option in (OPTIONS | ARGUMENTS).items() if "_" in name}
    return re.sub(rf"(?<![\w.:-])({'|'.join(named)})(?!\w)", lambda match: f"--{named[match[1]]}", sentence)

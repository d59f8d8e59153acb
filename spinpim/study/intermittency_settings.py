"""Names and numbers of machines on harvested power; the defaults are those of ``spinpim intermittent``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

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
        words = ["spinpim", "intermittent", "--network", self.network]
        words += ["--bits", self.bits] if self.bits else []
        repeated: tuple[tuple[str, tuple[str | float, ...]], ...] = (
            ("trace", self.traces),
            ("policy", self.policies),
            ("rewrites", (self.rewrites,)),
            ("checks", (self.checks,)),
            ("baseline", self.baselines),
            ("capacitor", self.capacitances_F),
        )
        for name, values in repeated:
            for value in values:
                words += [f"--{name}", str(value)]
        options: dict[str, str | float | None] = {
            "device": self.device,
            "cell": self.cell,
            "amplifier": self.amplifier,
            "array": self.array,
            "columns": self.columns,
            "load-ohm": self.load_ohm,
            "scale": self.scale,
            "on": self.on_V,
            "off": self.off_V,
            "highest": self.highest_V,
            "warning": self.warning_V,
            "leakage-ohm": self.leakage_ohm,
            "charging": self.charging,
            "supplying": self.supplying,
            "wake-energy": self.wake_J,
            "wake-time": self.wake_s,
            "duration": self.duration_s,
            "write-error": self.write_error,
            "seed": self.seed,
        }
        for name, given in options.items():
            words += [f"--{name}", str(given)] if given is not None else []
        return shlex.join([*words, *(["--map"] if self.map else [])])

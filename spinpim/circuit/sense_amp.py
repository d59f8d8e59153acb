"""The sense amplifier: offset out of its transistor pairs, noise, regeneration, energy, area."""

from __future__ import annotations

import dataclasses
import math
import os
from dataclasses import dataclass
from typing import Any

from spinpim.checks import finite
from spinpim.circuit import amplifier_parts as parts
from spinpim.circuit.amplifier_parts import (
    CurrentClamp,
    DevicePair,
    DeviceSize,
    LineDisturbance,
    OffsetCancellation,
)
from spinpim.circuit.changes import check_names, restated
from spinpim.circuit.error_rates import undecided_probability
from spinpim.circuit.transistor import ROOM_TEMPERATURE_K, threshold_sigma_V
from spinpim.errors import InputError
from spinpim.params.amplifier_file import AmplifierFile, load_amplifier
from spinpim.params.schema import ParameterRecord

SUPPLY_RANGE = (0.7, 1.1)
"""Supplies that the laws were fitted to, over that of the file; below, the transistors hardly conduct."""


@dataclass(frozen=True, slots=True)
class SenseAmp:
    """A clocked sense amplifier, SI floats. Use ``SenseAmp.load`` and ``replace``.

    It answers 1 when level - reference - offset + noise > 0: a positive offset asks for a higher level, and
    shifts answers towards 0.

    Attributes
    ----------
    name, title : str
        Short name and one line for people.
    topology : str
        The circuit: "strongarm", "latch", "current_mirror" or "offset_cancelled"; see
        `spinpim.circuit.spice.amplifier_netlists`.
    pairs : tuple of DevicePair
        Matched pairs with their weights in the offset, sizes at area scale 1.
    devices : tuple of DeviceSize
        The other transistors.
    matching_V_m : float
        Pelgrom coefficient A_VT of a pair [V m].
    area_scale : float
        All widths are multiplied by this [1], except those of what stands before the comparator.
    common_mode_reference_V : float
        Common mode of the reference point, at 300 K and ``supply_V`` [V].
    common_mode_supply : float
        Rise of the common mode that undoes one volt of supply in the weights [1].
    common_mode_minimum_V, common_mode_maximum_V : float
        Range of input levels in which the circuit works, at ``supply_V`` [V].
    time_constant_s, time_constant_exponent, supply_exponent, supply_curvature : float
        Regeneration at the reference point [s], its exponents in temperature and supply [1].
    slowing, slowing_scale_V, slowing_supply : float
        Starved input pair, see `regeneration_time_s` [1], [V], [1].
    intercept_s, intercept_exponent, intercept_supply_slope, intercept_supply_curvature : float
        Constant part of the decision at the reference point [s], and what it follows, see `intercept_at_s`.
    output_swing_V, initial_gain, resolution_V : float
        Output difference that counts as decided at ``supply_V`` [V], gain before regeneration [1], smallest
        input difference that the allotted time covers [V].
    input_noise_V : float
        Input noise at area scale 1 and 300 K [V].
    supply_V, fixed_energy_J, scaled_energy_J : float
        Supply [V]; energy of a decision: constant part and part proportional to the area scale [J].
    unit_area_m2, unit_input_capacitance_F, unit_kickback_capacitance_F : float
        Layout [m^2], load on the bit line [F], and charge that a decision pushes into it over the supply [F],
        at area scale 1.
    cancellation : OffsetCancellation or None
        Offset cancellation, if built in.
    clamp : CurrentClamp or None
        Current clamp, if the amplifier senses current.
    disturbance : LineDisturbance or None
        What it pushes into its inputs before enable, if these are not gates.
    records : tuple of ParameterRecord
        The numbers of the file with their sources.
    """

    name: str
    title: str
    topology: str
    pairs: tuple[DevicePair, ...]
    devices: tuple[DeviceSize, ...]
    matching_V_m: float
    area_scale: float
    common_mode_reference_V: float
    common_mode_supply: float
    common_mode_minimum_V: float
    common_mode_maximum_V: float
    time_constant_s: float
    time_constant_exponent: float
    supply_exponent: float
    supply_curvature: float
    slowing: float
    slowing_scale_V: float
    slowing_supply: float
    intercept_s: float
    intercept_exponent: float
    intercept_supply_slope: float
    intercept_supply_curvature: float
    output_swing_V: float
    initial_gain: float
    resolution_V: float
    input_noise_V: float
    supply_V: float
    fixed_energy_J: float
    scaled_energy_J: float
    unit_area_m2: float
    unit_input_capacitance_F: float
    unit_kickback_capacitance_F: float
    cancellation: OffsetCancellation | None
    clamp: CurrentClamp | None
    disturbance: LineDisturbance | None
    records: tuple[ParameterRecord, ...] = dataclasses.field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse numbers that no amplifier can have."""
        parts.check_amplifier(self)

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str]) -> SenseAmp:
        """Read a shipped amplifier by name, or a parameter file by path.

        Raises
        ------
        InputError
            If the file cannot be read; the message has file, key and remedy.

        Examples
        --------
        >>> SenseAmp.load("strongarm_45nm").mode
        'voltage'
        """
        return _from_file(load_amplifier(name_or_path))

    def replace(self, **changes: Any) -> SenseAmp:
        """Return a copy with some attributes changed; the records of changed numbers say so.

        Raises
        ------
        InputError
            If an attribute does not exist or its value is impossible.

        Examples
        --------
        >>> amplifier = SenseAmp.load("strongarm_45nm")
        >>> larger = amplifier.replace(area_scale=2.0 * amplifier.area_scale)
        >>> larger.offset_sigma_V(0.2) < amplifier.offset_sigma_V(0.2)
        True
        """
        check_names(self, changes)
        changed = dataclasses.replace(self, **changes)
        if "records" in changes:
            return changed
        before, after = parts.amplifier_figures(self), parts.amplifier_figures(changed)
        return dataclasses.replace(changed, records=restated(self.records, before, after))

    @property
    def mode(self) -> str:
        """What is compared: "voltage" (constant current into the cells) or "current" (clamped line)."""
        return "voltage" if self.clamp is None else "current"

    @property
    def assumed_count(self) -> int:
        """How many numbers of the file are assumed rather than sourced."""
        return sum(record.status == "assumed" for record in self.records)

    @property
    def area_m2(self) -> float:
        """Layout area [m^2]."""
        return self.unit_area_m2 * self.area_scale

    @property
    def input_capacitance_F(self) -> float:
        """Load on each input [F]."""
        return self.unit_input_capacitance_F * self.area_scale

    @property
    def energy_J(self) -> float:
        """Energy of one decision at the supply of the file, offset cancellation included [J]."""
        return self.energy_at_J()

    def energy_at_J(self, supply_V: float | None = None) -> float:
        r"""Energy of one decision at a supply: charging, so it goes with the square of the supply.

        .. math:: E = (E_0 + a E_1 + E_{oc}) (V_{dd}/V_0)^2
        """
        extra = 0.0 if self.cancellation is None else self.cancellation.extra_energy_J
        return (self.fixed_energy_J + self.scaled_energy_J * self.area_scale + extra) * self._relative(
            supply_V
        ) ** 2

    def device_size_m(self, part: str) -> tuple[float, float]:
        """Drawn width, area scale included, and length of a pair or device by its name [m].

        Raises
        ------
        InputError
            If the amplifier has no such part.
        """
        sizes = {one.name: (one.width_m, one.length_m) for one in self.pairs}
        sizes |= {one.name: (one.width_m, one.length_m) for one in self.devices}
        if part in sizes:
            width_m, length_m = sizes[part]
            return width_m * self._width_scale(part), length_m
        raise InputError(f"Amplifier {self.name} has no part {part!r}.")

    def check_inputs(
        self, common_mode_V: float, source_ohm: float | None = None, supply_V: float | None = None
    ) -> None:
        """Refuse inputs at which this amplifier does not work.

        Parameters
        ----------
        common_mode_V : float
            Mean of the two inputs [V].
        source_ohm : float, optional
            Resistance of what drives each input, for a bit line that of its activated cells [ohm]; asked for
            by an amplifier that pushes current into its inputs before enable.
        supply_V : float, optional
            Supply [V]; that of the file by default. Both limits of the common mode move with it.

        Raises
        ------
        InputError
            If the common mode is outside the working range, or the amplifier would shift its own inputs.

        Examples
        --------
        >>> SenseAmp.load("strongarm_45nm").check_inputs(0.2, 6e3)
        >>> try:
        ...     SenseAmp.load("latch_45nm").check_inputs(0.25, 6e3)
        ... except InputError as refused:
        ...     print(str(refused)[:65])
        Amplifier latch_45nm: its inputs are at 0.25 V, outside 0.6..0.95
        """
        shift = 0.0 if supply_V is None else supply_V - self.supply_V
        low = self.common_mode_minimum_V + shift if self.common_mode_minimum_V else 0.0
        high = self.common_mode_maximum_V + shift
        if not low <= common_mode_V <= high:
            raise InputError(
                f"Amplifier {self.name}: its inputs are at {common_mode_V:.3g} V, outside "
                f"{low:.3g}..{high:.3g} V where it works. Change the read current, or choose an "
                f"amplifier for this level."
            )
        if self.disturbance is None or source_ohm is None:
            return
        pushed = self.line_disturbance_V(common_mode_V, source_ohm, supply_V)
        if pushed > self.disturbance.limit_V:
            raise InputError(
                f"Amplifier {self.name}: before enable it pushes a current into its inputs that shifts lines "
                f"of {source_ohm:.4g} ohm at {common_mode_V:.3g} V by {1e3 * pushed:.3g} mV, more than the "
                f"{1e3 * self.disturbance.limit_V:.3g} mV allowed. Raise the common mode, or choose an "
                f"amplifier whose inputs are gates."
            )

    def line_disturbance_V(
        self, common_mode_V: float, source_ohm: float, supply_V: float | None = None
    ) -> float:
        r"""Shift of the inputs by the current that the amplifier pushes into them before enable.

        .. math:: \Delta V = a I_d R \exp\frac{V_0 - V_{cm} + V_{dd} - V_{dd,0}}{v_d}

        Parameters
        ----------
        common_mode_V, source_ohm : float
            Mean of the inputs [V] and resistance of what drives each [ohm].
        supply_V : float, optional
            Supply [V]; that of the file by default.

        Returns
        -------
        float
            Shift [V], 0 for an amplifier whose inputs are gates.

        Notes
        -----
        The cross-coupled transistors of a latch with pass gates conduct the more the lower the lines are. The
        differential shift has the same origin: its positive feedback passes one at a shift of about v_d.
        """
        if self.disturbance is None:
            return 0.0
        raised = self.common_mode_reference_V - common_mode_V
        raised += 0.0 if supply_V is None else supply_V - self.supply_V
        exponent = min(raised / self.disturbance.scale_V, 100.0)
        return self.area_scale * self.disturbance.current_A * source_ohm * math.exp(exponent)

    def offset_by_pair_V(
        self,
        common_mode_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
    ) -> dict[str, float]:
        r"""Standard deviation of the input offset by the pair that causes it; they add in squares.

        .. math:: \sigma_i = r\, w_i(V_{cm}, T, V_{dd}) \frac{A_{VT}}{\sqrt{W_i L_i}}

        Parameters
        ----------
        common_mode_V : float
            Mean of the two inputs [V].
        temperature_K : float
            Temperature [K].
        supply_V : float, optional
            Supply [V]; that of the file by default.

        Returns
        -------
        dict of str to float
            Standard deviation by pair [V]; r is the residual of the offset cancellation, 1 without.

        Notes
        -----
        Offset is linear in the threshold shifts to 1 % out to seven sigma. Weights are fits to simulated ones
        within the common-mode range of the file, 0.7..1.1 V and -40..125 degC; see `DevicePair`.

        Examples
        --------
        >>> parts = SenseAmp.load("strongarm_minimum_45nm").offset_by_pair_V(0.2)
        >>> max(parts, key=parts.get)
        'input_pair'

        References
        ----------
        M. J. M. Pelgrom et al., IEEE J. Solid-State Circuits 24, 1433 (1989), doi:10.1109/JSSC.1989.572629.
        """
        residual = 1.0 if self.cancellation is None else self.cancellation.residual
        supply = self._relative(supply_V)
        common_mode = (common_mode_V - self.common_mode_reference_V) / self.supply_V
        common_mode -= self.common_mode_supply * (supply - 1.0)
        offsets = {}
        for place, pair in enumerate(self.pairs):
            width = pair.width_m * self._width_scale(pair.name)
            one = threshold_sigma_V(self.matching_V_m, width, pair.length_m)
            weight = pair.weight_at(common_mode, temperature_K, supply)
            offsets[pair.name or f"pair {place + 1}"] = residual * weight * math.sqrt(2.0) * one
        return offsets

    def offset_sigma_V(
        self,
        common_mode_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
    ) -> float:
        """Standard deviation of the input offset between amplifiers [V]; see `offset_by_pair_V`."""
        return math.hypot(*self.offset_by_pair_V(common_mode_V, temperature_K, supply_V).values())

    def noise_sigma_V(self, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
        r"""Input noise of one decision: kT/C-like, so it scales as sqrt(T / area) [V].

        .. math:: \sigma_n^2 = \sigma_1^2 \frac{T}{300\,K\; a} + \sigma_{oc}^2
        """
        own = self.input_noise_V * math.sqrt(temperature_K / ROOM_TEMPERATURE_K / self.area_scale)
        stored = 0.0 if self.cancellation is None else self.cancellation.noise_V
        return math.hypot(own, stored)

    def kickback_V(self, line_capacitance_F: float, supply_V: float | None = None) -> float:
        """Step on a line of a capacitance when the amplifier decides [V]: C_k V_dd / (C_k + C_line)."""
        pushed = self.unit_kickback_capacitance_F * self.area_scale
        return pushed * self.supply_V * self._relative(supply_V) / (pushed + line_capacitance_F)

    def regeneration_time_s(
        self,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        r"""Time constant of regeneration.

        .. math::

            \tau = \tau_0 \Big(\frac{T}{300\,K}\Big)^p v^{\,a + b \ln v} F, \quad v = V_{dd}/V_{dd,0}, \quad
            F = \frac{1 + e}{1 + e_0}, \quad e = e_0 \exp\frac{V_{cm} - V_0 - s (V_{dd} - V_{dd,0})}{v_c}

        Parameters
        ----------
        temperature_K : float
            Temperature [K].
        supply_V, common_mode_V : float, optional
            Supply and mean of the inputs [V]; those of the reference point by default.

        Returns
        -------
        float
            Time constant [s].

        Notes
        -----
        F is the slowing by an input pair that starves as the common mode nears the supply. Fits to 0.7..1.1 V
        and -40..125 degC.
        """
        relative = self._relative(supply_V)
        supplied = math.log(relative)
        exponent = (self.supply_exponent + self.supply_curvature * supplied) * supplied
        exponent += self.time_constant_exponent * math.log(temperature_K / ROOM_TEMPERATURE_K)
        return self.time_constant_s * math.exp(exponent) * self._starved(relative, common_mode_V)

    def intercept_at_s(
        self,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        r"""Constant part of the decision time [s]; arguments as in `regeneration_time_s`.

        .. math:: t_0 (T/300)^q \max(0, 1 + c_1 u + c_2 u^2) F^2, \qquad u = V_{dd}/V_{dd,0} - 1
        """
        change = self._relative(supply_V) - 1.0
        supplied = 1.0 + self.intercept_supply_slope * change + self.intercept_supply_curvature * change**2
        warmed = math.pow(temperature_K / ROOM_TEMPERATURE_K, self.intercept_exponent)
        starved = self._starved(change + 1.0, common_mode_V)
        return self.intercept_s * warmed * max(0.0, supplied) * starved**2

    def decision_time_s(
        self,
        difference_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        r"""Time from enable to a decided output, offset cancellation included.

        .. math:: t = t_0 + \tau \ln\frac{V_{sw}}{A_0 |\Delta V|}

        Parameters
        ----------
        difference_V : float
            Input difference after the offset [V], not zero.
        temperature_K : float
            Temperature [K].
        supply_V, common_mode_V : float, optional
            Supply and mean of the inputs [V]; those of the reference point by default.

        Returns
        -------
        float
            Time [s]; never below t_0. Enable is half way up an edge of 20 ps.

        Raises
        ------
        InputError
            If the difference is zero: a latch in balance decides at no definite time.

        Examples
        --------
        >>> amplifier = SenseAmp.load("strongarm_minimum_45nm")
        >>> round(1e12 * amplifier.decision_time_s(20e-3))
        45
        """
        if difference_V == 0.0 or not math.isfinite(difference_V):
            raise InputError(f"difference_V must be finite and not zero; instead received {difference_V}.")
        swing = self.output_swing_V * self._relative(supply_V)
        gain = max(0.0, math.log(swing / (self.initial_gain * abs(difference_V))))
        extra = 0.0 if self.cancellation is None else self.cancellation.extra_time_s
        start = self.intercept_at_s(temperature_K, supply_V, common_mode_V)
        return start + self.regeneration_time_s(temperature_K, supply_V, common_mode_V) * gain + extra

    def undecided_input_V(
        self,
        time_s: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        r"""Largest input difference that is still undecided after a time from enable [V].

        .. math:: \Delta V = \frac{V_{sw}}{A_0} e^{-(t - t_0)/\tau}
        """
        extra = 0.0 if self.cancellation is None else self.cancellation.extra_time_s
        elapsed = time_s - extra - self.intercept_at_s(temperature_K, supply_V, common_mode_V)
        elapsed /= self.regeneration_time_s(temperature_K, supply_V, common_mode_V)
        swing = self.output_swing_V * self._relative(supply_V)
        return swing / self.initial_gain * math.exp(min(-elapsed, 100.0))

    def undecided_probability(
        self,
        time_s: float,
        margin_V: float,
        sigma_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
    ) -> float:
        r"""Probability that the amplifier has not decided after a time from enable (metastability).

        .. math:: P = \Pr(|m + \sigma z| < \Delta V(t)) \approx 2\, \Delta V(t)\, f(0)

        Parameters
        ----------
        time_s : float
            Time from enable [s].
        margin_V, sigma_V : float
            Mean and standard deviation of the input difference after the offset [V], sigma > 0.
        temperature_K, supply_V
            As in `decision_time_s`.

        Returns
        -------
        float
            Probability [1]; at 1 V below 1e-20 after half a nanosecond, at 0.7 V not.

        Examples
        --------
        >>> amplifier = SenseAmp.load("strongarm_minimum_45nm")
        >>> amplifier.undecided_probability(0.5e-9, 10e-3, 20e-3) < 1e-20
        True
        >>> amplifier.undecided_probability(0.5e-9, 10e-3, 20e-3, supply_V=0.7) > 1e-10
        True
        """
        finite("sigma_V", sigma_V, above=0.0)
        finite("margin_V", margin_V)
        window = self.undecided_input_V(time_s, temperature_K, supply_V)
        return float(undecided_probability(margin_V, sigma_V, window))

    def _relative(self, supply_V: float | None) -> float:
        """Supply over that of the file; outside the fitted range the laws would be guesses."""
        if supply_V is None:
            return 1.0
        lowest, highest = (self.supply_V * bound for bound in SUPPLY_RANGE)
        return finite("supply_V", supply_V, lowest, highest) / self.supply_V

    def _width_scale(self, part: str) -> float:
        return 1.0 if part in parts.FIXED else self.area_scale

    def _starved(self, relative_supply: float, common_mode_V: float | None) -> float:
        above = 0.0 if common_mode_V is None else common_mode_V - self.common_mode_reference_V
        above -= self.slowing_supply * self.supply_V * (relative_supply - 1.0)
        share = self.slowing * math.exp(min(above / self.slowing_scale_V, 100.0))
        return (1.0 + share) / (1.0 + self.slowing)


def _from_file(file: AmplifierFile) -> SenseAmp:
    offset, decision, layout = file.offset, file.decision, file.layout
    return SenseAmp(
        name=file.name,
        title=file.title,
        topology=file.topology,
        pairs=parts.pairs(file),
        devices=parts.devices(file),
        matching_V_m=offset.matching.si,
        area_scale=layout.area_scale.si,
        common_mode_reference_V=offset.common_mode_reference.si,
        common_mode_supply=offset.common_mode_supply.si,
        common_mode_minimum_V=offset.common_mode_minimum.si,
        common_mode_maximum_V=offset.common_mode_maximum.si,
        time_constant_s=decision.time_constant.si,
        time_constant_exponent=decision.temperature_exponent.si,
        supply_exponent=decision.supply_exponent.si,
        supply_curvature=decision.supply_curvature.si,
        slowing=decision.slowing.si,
        slowing_scale_V=decision.slowing_scale.si,
        slowing_supply=decision.slowing_supply.si,
        intercept_s=decision.intercept.si,
        intercept_exponent=decision.intercept_exponent.si,
        intercept_supply_slope=decision.intercept_supply_slope.si,
        intercept_supply_curvature=decision.intercept_supply_curvature.si,
        output_swing_V=decision.output_swing.si,
        initial_gain=decision.initial_gain.si,
        resolution_V=decision.resolution.si,
        input_noise_V=file.noise.input_noise.si,
        supply_V=file.energy.supply.si,
        fixed_energy_J=file.energy.fixed.si,
        scaled_energy_J=file.energy.per_area_scale.si,
        unit_area_m2=layout.unit_area.si,
        unit_input_capacitance_F=layout.unit_input_capacitance.si,
        unit_kickback_capacitance_F=layout.unit_kickback_capacitance.si,
        cancellation=parts.cancellation(file.offset_cancellation),
        clamp=parts.clamp(file.clamp),
        disturbance=parts.disturbance(file.line_disturbance),
        records=file.records(),
    )

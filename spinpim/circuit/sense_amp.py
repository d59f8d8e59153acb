"""The sense amplifier: offset out of its transistor pairs, noise, regeneration, energy, area."""

from __future__ import annotations

import dataclasses
import math
import os
from dataclasses import dataclass
from typing import Any

from spinpim.circuit import amplifier_parts as parts
from spinpim.circuit.amplifier_parts import CurrentClamp, DevicePair, OffsetCancellation
from spinpim.circuit.changes import check_names, restated
from spinpim.circuit.transistor import ROOM_TEMPERATURE_K, threshold_sigma_V
from spinpim.errors import InputError
from spinpim.params.amplifier_file import AmplifierFile, load_amplifier
from spinpim.params.schema import ParameterRecord


@dataclass(frozen=True, slots=True)
class SenseAmp:
    """A clocked sense amplifier, SI floats. Use ``SenseAmp.load`` and ``replace``.

    It answers 1 when level - reference - offset + noise > 0: a positive offset asks for a higher level, and
    shifts answers towards 0.

    Attributes
    ----------
    name, title : str
        Short name and one line for people.
    pairs : tuple of DevicePair
        Matched pairs, sizes at area scale 1.
    matching_V_m : float
        Pelgrom coefficient A_VT of a pair [V m].
    area_scale : float
        All widths are multiplied by this [1].
    common_mode_reference_V, common_mode_floor, common_mode_scale_V : float
        Common-mode law of the offset, see `offset_sigma_V` [V], [1], [V].
    common_mode_minimum_V, common_mode_maximum_V : float
        Range of input levels in which the circuit works [V].
    temperature_ceiling, temperature_scale_K : float
        Temperature law of the offset [1], [K].
    time_constant_s, time_constant_exponent, intercept_s : float
        Regeneration at 300 K [s], its temperature exponent [1], constant part of the decision [s].
    output_swing_V, initial_gain, resolution_V : float
        Output difference that counts as decided [V], gain before regeneration [1], smallest input
        difference that the allotted time covers [V].
    input_noise_V : float
        Input noise at area scale 1 and 300 K [V].
    supply_V, fixed_energy_J, scaled_energy_J : float
        Supply [V]; energy of a decision: constant part and part proportional to the area scale [J].
    unit_area_m2, unit_input_capacitance_F : float
        Layout [m^2] and load on the bit line [F] at area scale 1.
    cancellation : OffsetCancellation or None
        Offset cancellation, if built in.
    clamp : CurrentClamp or None
        Current clamp, if the amplifier senses current.
    records : tuple of ParameterRecord
        The numbers of the file with their sources.
    """

    name: str
    title: str
    pairs: tuple[DevicePair, ...]
    matching_V_m: float
    area_scale: float
    common_mode_reference_V: float
    common_mode_floor: float
    common_mode_scale_V: float
    common_mode_minimum_V: float
    common_mode_maximum_V: float
    temperature_ceiling: float
    temperature_scale_K: float
    time_constant_s: float
    time_constant_exponent: float
    intercept_s: float
    output_swing_V: float
    initial_gain: float
    resolution_V: float
    input_noise_V: float
    supply_V: float
    fixed_energy_J: float
    scaled_energy_J: float
    unit_area_m2: float
    unit_input_capacitance_F: float
    cancellation: OffsetCancellation | None
    clamp: CurrentClamp | None
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
        """Energy of one decision, offset cancellation included [J]."""
        extra = 0.0 if self.cancellation is None else self.cancellation.extra_energy_J
        return self.fixed_energy_J + self.scaled_energy_J * self.area_scale + extra

    def offset_sigma_V(self, common_mode_V: float, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
        r"""Standard deviation of the input offset from one amplifier to the next.

        .. math::

            \sigma_{os} = r\, c(V_{cm})\, h(T) \sqrt{2 \sum_{pairs} w_i^2 \frac{A_{VT}^2}{2 W_i L_i}}, \quad
            c = f + (1-f) e^{-(V_{cm}-V_0)/v}, \quad h = g - (g-1) e^{-(T-300)/T_s}

        Parameters
        ----------
        common_mode_V : float
            Mean of the two inputs [V].
        temperature_K : float
            Temperature [K].

        Returns
        -------
        float
            Standard deviation [V]; r is the residual of the offset cancellation, 1 without.

        Notes
        -----
        Offset is linear in the threshold shifts to 1 % out to seven sigma for this kind of latch. The laws in
        common mode and temperature are fits to 0.1..0.4 V and -40..125 degC.

        References
        ----------
        M. J. M. Pelgrom et al., IEEE J. Solid-State Circuits 24, 1433 (1989), doi:10.1109/JSSC.1989.572629.
        """
        variance = 0.0
        for pair in self.pairs:
            one = threshold_sigma_V(self.matching_V_m, pair.width_m * self.area_scale, pair.length_m)
            variance += 2.0 * (pair.weight * one) ** 2
        excess = math.exp(-(common_mode_V - self.common_mode_reference_V) / self.common_mode_scale_V)
        bias = self.common_mode_floor + (1.0 - self.common_mode_floor) * excess
        cooling = math.exp(-(temperature_K - ROOM_TEMPERATURE_K) / self.temperature_scale_K)
        heat = self.temperature_ceiling - (self.temperature_ceiling - 1.0) * cooling
        residual = 1.0 if self.cancellation is None else self.cancellation.residual
        return residual * bias * heat * math.sqrt(variance)

    def noise_sigma_V(self, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
        r"""Input noise of one decision: kT/C-like, so it scales as sqrt(T / area) [V].

        .. math:: \sigma_n^2 = \sigma_1^2 \frac{T}{300\,K\; a} + \sigma_{oc}^2
        """
        own = self.input_noise_V * math.sqrt(temperature_K / ROOM_TEMPERATURE_K / self.area_scale)
        stored = 0.0 if self.cancellation is None else self.cancellation.noise_V
        return math.hypot(own, stored)

    def regeneration_time_s(self, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
        """Time constant of regeneration, tau (T/300)^p [s]."""
        return self.time_constant_s * math.pow(
            temperature_K / ROOM_TEMPERATURE_K, self.time_constant_exponent
        )

    def decision_time_s(self, difference_V: float, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
        r"""Time from enable to a decided output, offset cancellation included.

        .. math:: t = t_0 + \tau \ln\frac{V_{sw}}{A_0 |\Delta V|}

        Parameters
        ----------
        difference_V : float
            Input difference after the offset [V], not zero.
        temperature_K : float
            Temperature [K].

        Returns
        -------
        float
            Time [s]; never below t_0.

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
        gain = max(0.0, math.log(self.output_swing_V / (self.initial_gain * abs(difference_V))))
        extra = 0.0 if self.cancellation is None else self.cancellation.extra_time_s
        return self.intercept_s + self.regeneration_time_s(temperature_K) * gain + extra

    def undecided_input_V(self, time_s: float, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
        r"""Largest input difference that is still undecided after a time from enable [V].

        .. math:: \Delta V = \frac{V_{sw}}{A_0} e^{-(t - t_0)/\tau}
        """
        extra = 0.0 if self.cancellation is None else self.cancellation.extra_time_s
        elapsed = (time_s - self.intercept_s - extra) / self.regeneration_time_s(temperature_K)
        return self.output_swing_V / self.initial_gain * math.exp(-elapsed)


def _from_file(file: AmplifierFile) -> SenseAmp:
    offset, decision, layout = file.offset, file.decision, file.layout
    return SenseAmp(
        name=file.name,
        title=file.title,
        pairs=(
            parts.pair(file.input_pair),
            parts.pair(file.cross_coupled_n),
            parts.pair(file.cross_coupled_p),
        ),
        matching_V_m=offset.matching.si,
        area_scale=layout.area_scale.si,
        common_mode_reference_V=offset.common_mode_reference.si,
        common_mode_floor=offset.common_mode_floor.si,
        common_mode_scale_V=offset.common_mode_scale.si,
        common_mode_minimum_V=offset.common_mode_minimum.si,
        common_mode_maximum_V=offset.common_mode_maximum.si,
        temperature_ceiling=offset.temperature_ceiling.si,
        temperature_scale_K=offset.temperature_scale.si,
        time_constant_s=decision.time_constant.si,
        time_constant_exponent=decision.temperature_exponent.si,
        intercept_s=decision.intercept.si,
        output_swing_V=decision.output_swing.si,
        initial_gain=decision.initial_gain.si,
        resolution_V=decision.resolution.si,
        input_noise_V=file.noise.input_noise.si,
        supply_V=file.energy.supply.si,
        fixed_energy_J=file.energy.fixed.si,
        scaled_energy_J=file.energy.per_area_scale.si,
        unit_area_m2=layout.unit_area.si,
        unit_input_capacitance_F=layout.unit_input_capacitance.si,
        cancellation=parts.cancellation(file.offset_cancellation),
        clamp=parts.clamp(file.clamp),
        records=file.records(),
    )

"""The sense amplifier: offset out of its transistor pairs, noise, regeneration, energy, area."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import Any

from spinpim.circuit import amplifier_decision, amplifier_inputs, amplifier_offset
from spinpim.circuit.amplifier_figures import amplifier_figures, check_amplifier
from spinpim.circuit.amplifier_parts import (
    CurrentClamp,
    DevicePair,
    DeviceSize,
    LineDisturbance,
    OffsetCancellation,
)
from spinpim.circuit.amplifier_reading import amplifier_arguments
from spinpim.circuit.amplifier_supply import drawn_size_m, relative_supply
from spinpim.circuit.changes import check_names, restated
from spinpim.circuit.transistor import ROOM_TEMPERATURE_K
from spinpim.params.amplifier_file import load_amplifier
from spinpim.params.schema import ParameterRecord

CANCELLING_EXPONENT = 5.6
"""Of the supply, in the energy of the inverters that cancel an offset: 0.9 to 1.1 V of the shipped one."""


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
    systematic_offset_V : float
        Offset that every one of these has [V]. The laws hold with it taken up by the reference, so that no
        margin and no error contains it.
    time_constant_s, time_constant_exponent, supply_exponent, supply_curvature : float
        Regeneration at the reference point and area scale 1 [s], its exponents in temperature and supply [1].
    load_share : float
        Part of that time constant that the load on the outputs makes, which does not grow with the area [1].
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
        Supply at which these figures hold, a column decides at that of its cell [V]; energy of a decision:
        constant part and part proportional to the area scale [J].
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
    systematic_offset_V: float
    time_constant_s: float
    load_share: float
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
        check_amplifier(self)

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
        return cls(**amplifier_arguments(load_amplifier(name_or_path)))

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
        before, after = amplifier_figures(self), amplifier_figures(changed)
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
        r"""Energy of one decision at a supply: charges go with its square, what cancels an offset with more.

        .. math:: E = (E_0 + a E_1) (V_{dd}/V_0)^2 + E_{oc} (V_{dd}/V_0)^{5.6}

        The exponent is that of whole columns of transistors from 0.9 to 1.1 V.
        """
        extra = 0.0 if self.cancellation is None else self.cancellation.extra_energy_J
        charged = self.fixed_energy_J + self.scaled_energy_J * self.area_scale
        relative = relative_supply(self, supply_V)
        return float(charged * relative**2 + extra * relative**CANCELLING_EXPONENT)

    def device_size_m(self, part: str) -> tuple[float, float]:
        """Drawn width, area scale included, and length of a pair or device by its name [m].

        Raises
        ------
        InputError
            If the amplifier has no such part.
        """
        return drawn_size_m(self, part)

    def check_inputs(
        self, common_mode_V: float, source_ohm: float | None = None, supply_V: float | None = None
    ) -> None:
        """Refuse inputs at which this amplifier does not work; see `amplifier_inputs.check_inputs`."""
        amplifier_inputs.check_inputs(self, common_mode_V, source_ohm, supply_V)

    def line_disturbance_V(
        self, common_mode_V: float, source_ohm: float, supply_V: float | None = None
    ) -> float:
        """Shift of the inputs by the current that the amplifier pushes into them before enable.

        See `amplifier_inputs.line_disturbance_V`.
        """
        return amplifier_inputs.line_disturbance_V(self, common_mode_V, source_ohm, supply_V)

    def offset_by_pair_V(
        self,
        common_mode_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
    ) -> dict[str, float]:
        """Standard deviation of the input offset by the pair that causes it.

        See `amplifier_offset.offset_by_pair_V`.
        """
        return amplifier_offset.offset_by_pair_V(self, common_mode_V, temperature_K, supply_V)

    def offset_sigma_V(
        self,
        common_mode_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
    ) -> float:
        """Standard deviation of the input offset between amplifiers [V].

        See `amplifier_offset.offset_sigma_V`.
        """
        return amplifier_offset.offset_sigma_V(self, common_mode_V, temperature_K, supply_V)

    def noise_sigma_V(self, temperature_K: float = ROOM_TEMPERATURE_K) -> float:
        """Input noise of one decision: kT/C-like, so it scales as sqrt(T / area) [V].

        See `amplifier_offset.noise_sigma_V`.
        """
        return amplifier_offset.noise_sigma_V(self, temperature_K)

    def kickback_V(self, line_capacitance_F: float, supply_V: float | None = None) -> float:
        """Step on a line of a capacitance when the amplifier decides [V]: C_k V_dd / (C_k + C_line).

        See `amplifier_inputs.kickback_V`.
        """
        return amplifier_inputs.kickback_V(self, line_capacitance_F, supply_V)

    def regeneration_time_s(
        self,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        """Time constant of regeneration; see `amplifier_decision.regeneration_time_s`."""
        return amplifier_decision.regeneration_time_s(self, temperature_K, supply_V, common_mode_V)

    def intercept_at_s(
        self,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        """Constant part of the decision time [s]; see `amplifier_decision.intercept_at_s`."""
        return amplifier_decision.intercept_at_s(self, temperature_K, supply_V, common_mode_V)

    def decision_time_s(
        self,
        difference_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        """Time from enable to a decided output, offset cancellation included.

        See `amplifier_decision.decision_time_s`.
        """
        return amplifier_decision.decision_time_s(self, difference_V, temperature_K, supply_V, common_mode_V)

    def undecided_input_V(
        self,
        time_s: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
        common_mode_V: float | None = None,
    ) -> float:
        """Largest input difference that is still undecided after a time from enable [V].

        See `amplifier_decision.undecided_input_V`.
        """
        return amplifier_decision.undecided_input_V(self, time_s, temperature_K, supply_V, common_mode_V)

    def undecided_probability(
        self,
        time_s: float,
        margin_V: float,
        sigma_V: float,
        temperature_K: float = ROOM_TEMPERATURE_K,
        supply_V: float | None = None,
    ) -> float:
        """Probability that the amplifier has not decided after a time from enable (metastability).

        See `amplifier_decision.undecided_probability`.
        """
        return amplifier_decision.undecided_probability(
            self, time_s, margin_V, sigma_V, temperature_K, supply_V
        )

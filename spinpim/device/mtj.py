"""The device: one three-terminal magnetic tunnel junction with its derived figures."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim import checks
from spinpim.constants import BOLTZMANN, GYROMAGNETIC_RATIO, VACUUM_PERMEABILITY
from spinpim.device.demagnetisation import elliptic_cylinder_factors
from spinpim.device.from_file import check_stated, device_fields
from spinpim.device.landscape import Landscape
from spinpim.device.material import (
    ANISOTROPY_EXPONENT,
    MAGNETISATION_EXPONENT,
    magnetisation_A_per_m,
    magnetisation_ratio,
    second_order_T,
    stiffness_T,
)
from spinpim.device.provenance import changed_records, fingerprint
from spinpim.device.pulse import Pulse, WriteSettings
from spinpim.device.thresholds import antidamping_critical_field, sot_critical_field, torque_field_T
from spinpim.device.validity import AXES, UNIT_TOLERANCE, check_device
from spinpim.device.warming import Warming
from spinpim.errors import InputError
from spinpim.params import DeviceFile, ParameterRecord, load_device


@dataclass(frozen=True, slots=True)
class Device:
    """One junction, SI floats; axes and signs as in the README. Use ``Device.load`` and ``replace``.

    The reference layer points along +easy axis; P (data 0) means m along it, AP (data 1) against it. A
    positive junction voltage lets electrons flow from the reference into the free layer: it favours P. The
    free layer is then the positive electrode: its electrons are depleted, which raises the perpendicular
    anisotropy when the VCMA coefficient is positive, the usual sign of CoFeB/MgO.

    Attributes
    ----------
    name, title : str
        Short name and one line for people.
    diameter_x_m, diameter_y_m, thickness_m : float
        Axes of the free-layer ellipse along and across the channel current, and its thickness [m].
    saturation_magnetisation_A_per_m, damping : float
        M_s [A/m] and Gilbert damping [1].
    interfacial_anisotropy_J_per_m2, vcma_coefficient_J_per_V_m : float
        K_i [J/m^2] and its change per field in the barrier xi [J/(V m)], K_i(V) = K_i + xi V / t_ox.
    demagnetising_factors : tuple of float
        N_x, N_y, N_z [1].
    easy_axis : str
        "x", "y" or "z".
    resistance_area_product_ohm_m2, tunnel_magnetoresistance, half_bias_voltage_V : float
        Parallel RA [ohm m^2], TMR at zero bias [1], bias at which it has halved [V].
    barrier_thickness_m : float
        Tunnel barrier t_ox [m].
    stt_efficiency, stt_field_like_ratio : float
        Damping-like efficiency [1]; field-like over damping-like [1].
    electrical_diameter_m : float or None
        Diameter that carries the junction current [m]; None takes the ellipse.
    tmr_temperature_coefficient_per_K : float
        Relative change of TMR per kelvin [1/K].
    channel_length_m, channel_width_m, channel_thickness_m, channel_resistivity_ohm_m : float
        Heavy-metal channel along x [m], [ohm m].
    spin_hall_angle, field_like_ratio : float
        Damping-like efficiency, signed [1]; B_FL / B_DL [1].
    temperature_K, reference_temperature_K : float
        Temperature of the device, and that at which its numbers hold [K].
    external_field_T : tuple of float
        Applied field [T].
    sot_polarisation : tuple of float
        Unit vector sigma of the spins that a positive current brings in for a positive spin Hall angle.
    oersted_factor : float
        Share of the thin-sheet Oersted field of the channel that acts on the free layer [1]; 0 leaves it out.
    stt_asymmetry : float
        Slonczewski's asymmetry chi [1]: the STT field is B_STT/(1 + chi m . p), between -1 and 1.
    second_order_anisotropy_J_per_m2 : float
        K_i2 of the energy K_i2 (1 - m_z^2)^2 per area [J/m^2].
    demagnetising_off_diagonal : tuple of float
        N_xy, N_xz, N_yz [1], of an ellipse whose axes are not those of the current.
    curie_temperature_K : float or None
        Curie temperature [K]; without it M_s and K_i do not follow the temperature.
    magnetisation_exponent, anisotropy_exponent : float
        Exponents of M_s(T) and of K_i over M_s [1]; see `spinpim.device.material`.
    warming : Warming or None
        Thermal paths of the currents; without them the junction stays at its temperature.
    write : WriteSettings
        The recommended write pulse.
    records : tuple of ParameterRecord
        The numbers of the file with their sources.

    Raises
    ------
    InputError
        If a number is impossible or the easy axis is not easy.
    """

    name: str
    title: str
    diameter_x_m: float
    diameter_y_m: float
    thickness_m: float
    saturation_magnetisation_A_per_m: float
    damping: float
    interfacial_anisotropy_J_per_m2: float
    vcma_coefficient_J_per_V_m: float
    demagnetising_factors: tuple[float, float, float]
    easy_axis: str
    resistance_area_product_ohm_m2: float
    tunnel_magnetoresistance: float
    half_bias_voltage_V: float
    barrier_thickness_m: float
    stt_efficiency: float
    stt_field_like_ratio: float
    electrical_diameter_m: float | None
    tmr_temperature_coefficient_per_K: float
    channel_length_m: float
    channel_width_m: float
    channel_thickness_m: float
    channel_resistivity_ohm_m: float
    spin_hall_angle: float
    field_like_ratio: float
    temperature_K: float
    reference_temperature_K: float
    external_field_T: tuple[float, float, float]
    write: WriteSettings
    sot_polarisation: tuple[float, float, float] = (0.0, 1.0, 0.0)
    oersted_factor: float = 1.0
    stt_asymmetry: float = 0.0
    second_order_anisotropy_J_per_m2: float = 0.0
    demagnetising_off_diagonal: tuple[float, float, float] = (0.0, 0.0, 0.0)
    curie_temperature_K: float | None = None
    magnetisation_exponent: float = MAGNETISATION_EXPONENT
    anisotropy_exponent: float = ANISOTROPY_EXPONENT
    warming: Warming | None = None
    records: tuple[ParameterRecord, ...] = dataclasses.field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse numbers that no junction can have, and an easy axis that is not easy."""
        check_device(self)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Device:
        """Read a shipped device by name, or a parameter file by path.

        Raises
        ------
        InputError
            If the file cannot be read, or its stated stability contradicts its other numbers.

        Examples
        --------
        >>> Device.load("imec_sot_62nm").easy_axis
        'z'
        """
        return cls.from_file(load_device(name_or_path))

    @classmethod
    def from_file(cls, file: DeviceFile) -> Device:
        """Build a device from a checked parameter file; see ``load``."""
        device = cls(**device_fields(file))
        check_stated(file, device.thermal_stability, device.anisotropy_field_T)
        return device

    def replace(self, **changes: Any) -> Device:
        """Return a copy with some attributes changed; what is derived follows.

        Demagnetising factors follow the lengths. The records of changed numbers lose their source and
        become "assumed", so that reports never cite a number that was not used.

        Raises
        ------
        InputError
            If an attribute does not exist or a value is impossible.

        Examples
        --------
        >>> device = Device.load("imec_sot_62nm")
        >>> device.replace(temperature_K=400.0).thermal_stability < device.thermal_stability
        True
        """
        unknown = set(changes) - {field.name for field in dataclasses.fields(self)}
        if unknown:
            raise InputError(f"Device has no attribute {sorted(unknown)}; see the fields of spinpim.Device.")
        lengths = {"diameter_x_m", "diameter_y_m", "thickness_m"}
        if lengths & set(changes) and "demagnetising_factors" not in changes:
            if any(changes.get("demagnetising_off_diagonal", self.demagnetising_off_diagonal)):
                raise InputError(
                    f"Device {self.name} has off-diagonal demagnetising factors, which do not follow "
                    f"{', '.join(sorted(lengths & set(changes)))}; give demagnetising_factors and "
                    "demagnetising_off_diagonal with the new lengths."
                )
            changes["demagnetising_factors"] = elliptic_cylinder_factors(
                changes.get("diameter_x_m", self.diameter_x_m),
                changes.get("diameter_y_m", self.diameter_y_m),
                changes.get("thickness_m", self.thickness_m),
            )
        changed = dataclasses.replace(self, **changes)
        records = changes.get("records", changed_records(self.records, changes))
        return dataclasses.replace(changed, records=records)

    @property
    def fingerprint(self) -> str:
        """Hash of every number of the device, write settings included; equal devices have equal hashes."""
        return fingerprint(self)

    def relative_sigma(self, key: str) -> float:
        """Relative standard deviation [1] of a number of the parameter file, 0 where none is given.

        Raises
        ------
        InputError
            If the device was loaded from a file that has no such key.
        """
        for record in self.records:
            if record.key == key:
                return abs(record.sigma_si / record.value_si) if record.value_si else 0.0
        raise InputError(f"Device {self.name} has no parameter {key!r} in its file.")

    @property
    def assumed_count(self) -> int:
        """How many numbers of the file are assumed rather than sourced."""
        return sum(record.status == "assumed" for record in self.records)

    @property
    def volume_m3(self) -> float:
        """Free-layer volume, elliptic cylinder [m^3]."""
        return 0.25 * math.pi * self.diameter_x_m * self.diameter_y_m * self.thickness_m

    @property
    def electrical_area_m2(self) -> float:
        """Area that carries the junction current: of the electrical diameter, else of the ellipse [m^2]."""
        if self.electrical_diameter_m is not None:
            return 0.25 * math.pi * self.electrical_diameter_m**2
        return 0.25 * math.pi * self.diameter_x_m * self.diameter_y_m

    @property
    def reference_direction(self) -> tuple[float, float, float]:
        """Unit vector of the reference layer."""
        index = AXES.index(self.easy_axis)
        return (float(index == 0), float(index == 1), float(index == 2))

    def landscape(self, mtj_voltage_V: float = 0.0) -> Landscape:
        """Energy of the directions of m at a junction voltage and the device's temperature."""
        xx, yy, zz, xy, xz, yz = stiffness_T(self, mtj_voltage_V, self.temperature_K)
        tensor = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        second = float(second_order_T(self, self.temperature_K))
        return Landscape(tensor, second, np.array(self.external_field_T))

    @property
    def stiffness_fields_T(self) -> tuple[float, float]:
        """Stiffness against tilting from the easy axis in its two principal planes, the softer first [T]."""
        return self.stiffness_at_T(0.0)

    def stiffness_at_T(self, mtj_voltage_V: float) -> tuple[float, float]:
        """Both stiffness fields at a junction voltage, the softer first [T]."""
        landscape = dataclasses.replace(self.landscape(mtj_voltage_V), field_T=np.zeros(3))
        soft, hard = landscape.curvatures_T(np.array(self.reference_direction))[0]
        return float(soft), float(hard)

    @property
    def anisotropy_field_T(self) -> float:
        """Effective anisotropy field mu0 H_k,eff: the softer of the two stiffness fields [T]."""
        return self.stiffness_fields_T[0]

    @property
    def thermal_stability(self) -> float:
        r"""Barrier without external field over k_B T [1]; to first order Delta = M_s V B_k / (2 k_B T)."""
        barrier_T = 0.5 * self.anisotropy_field_T
        if self.second_order_anisotropy_J_per_m2 != 0.0 or any(self.demagnetising_off_diagonal):
            landscape = dataclasses.replace(self.landscape(), field_T=np.zeros(3))
            minimum = landscape.minimum_near(np.array(self.reference_direction))
            saddle = landscape.lowest_saddle()
            barrier_T = math.inf if saddle is None else saddle[1] - float(landscape.energy_T(minimum))
        return self.moment_A_m2 * barrier_T / (BOLTZMANN * self.temperature_K)

    @property
    def moment_A_m2(self) -> float:
        """Magnetic moment of the free layer at the device's temperature, M_s V [A m^2]."""
        return float(magnetisation_A_per_m(self, self.temperature_K)) * self.volume_m3

    @property
    def resistance_p_ohm(self) -> float:
        """Resistance of the parallel state [ohm]; taken as independent of bias and temperature."""
        return self.resistance_area_product_ohm_m2 / self.electrical_area_m2

    @property
    def resistance_ap_ohm(self) -> float:
        """Resistance of the antiparallel state at zero bias and the device's temperature [ohm]."""
        return float(self.resistance_ohm(-1.0, 0.0))

    def tmr(self, voltage_V: ArrayLike, temperature_K: float | None = None) -> NDArray[np.float64]:
        r"""Tunnel magnetoresistance ratio (R_AP - R_P)/R_P [1] at a bias [V] and a temperature [K].

        .. math:: TMR = \frac{TMR_0\,[1 + c\,(T - T_0)]}{1 + (V/V_h)^2}

        with T_0 = ``reference_temperature_K``, at which the file's numbers hold. Empirical;
        used below one volt and within about 100 K of T_0.
        """
        temperature = self.temperature_K if temperature_K is None else temperature_K
        factor = max(
            0.0, 1.0 + self.tmr_temperature_coefficient_per_K * (temperature - self.reference_temperature_K)
        )
        bias = np.asarray(voltage_V, dtype=np.float64) / self.half_bias_voltage_V
        result: NDArray[np.float64] = self.tunnel_magnetoresistance * factor / (1.0 + bias**2)
        return result

    def resistance_ohm(
        self, cos_angle: ArrayLike, voltage_V: ArrayLike, temperature_K: float | None = None
    ) -> NDArray[np.float64]:
        r"""Junction resistance for a direction of m, a bias and a temperature.

        The conductance is linear in the cosine between free and reference layer:

        .. math::

            G = \tfrac12 G_P (1 + \cos) + \tfrac12 G_{AP} (1 - \cos), \qquad
            G_{AP} = G_P / (1 + TMR(V, T))

        Parameters
        ----------
        cos_angle : array
            m . p [1], +1 is P and -1 is AP.
        voltage_V : array, broadcastable
            Voltage across the junction [V]; the sign does not matter.
        temperature_K : float, optional
            Temperature [K]; the device's own by default.

        Returns
        -------
        array
            Resistance [ohm].

        Examples
        --------
        >>> device = Device.load("imec_sot_62nm")
        >>> bool(device.resistance_ohm(-1.0, 0.0) > device.resistance_ohm(-1.0, 0.4))
        True

        References
        ----------
        J. C. Slonczewski, Phys. Rev. B 39, 6995 (1989), doi:10.1103/PhysRevB.39.6995 (angle).
        """
        cosine = np.asarray(cos_angle, dtype=np.float64)
        antiparallel = 1.0 / (1.0 + self.tmr(voltage_V, temperature_K))
        relative = 0.5 * (1.0 + cosine) + 0.5 * (1.0 - cosine) * antiparallel
        result: NDArray[np.float64] = self.resistance_p_ohm / relative
        return result

    @property
    def channel_resistance_ohm(self) -> float:
        """Resistance of the heavy-metal channel, rho L / (w t) [ohm]."""
        section = self.channel_width_m * self.channel_thickness_m
        return self.channel_resistivity_ohm_m * self.channel_length_m / section

    @property
    def sot_field_T_per_A(self) -> float:
        """Damping-like SOT field per channel current, signed as the spin Hall angle [T/A]."""
        return self.sot_field_at_reference_T_per_A / float(magnetisation_ratio(self, self.temperature_K))

    @property
    def sot_field_at_reference_T_per_A(self) -> float:
        """The same with M_s at the reference temperature [T/A]."""
        density = 1.0 / (self.channel_width_m * self.channel_thickness_m)
        return torque_field_T(
            self.spin_hall_angle, density, self.saturation_magnetisation_A_per_m, self.thickness_m
        )

    @property
    def oersted_field_T_per_A(self) -> float:
        r"""Oersted field along y per channel current, at the middle of the free layer [T/A].

        .. math:: B_y = -f\,\frac{\mu_0}{\pi w} \arctan\frac{w}{t_{ch} + t_F}

        of a thin sheet of the channel's width in its middle plane, half a channel and half a layer below.
        """
        distance = self.channel_thickness_m + self.thickness_m
        sheet = VACUUM_PERMEABILITY / (math.pi * self.channel_width_m)
        return -self.oersted_factor * sheet * math.atan(self.channel_width_m / distance)

    @property
    def stt_field_T_per_V(self) -> float:
        r"""Damping-like STT field per junction voltage at m . p = 0, J = V / RA [T/V].

        At a given voltage the torque of a symmetric junction does not depend on the angle beyond m x (m x p)
        (elastic tunnelling: J. C. Slonczewski, Phys. Rev. B 71, 024411 (2005)); ``stt_asymmetry`` is for
        others (J. C. Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996)).
        """
        return self.stt_field_at_reference_T_per_V / float(magnetisation_ratio(self, self.temperature_K))

    @property
    def stt_field_at_reference_T_per_V(self) -> float:
        """The same with M_s at the reference temperature [T/V]."""
        density = 1.0 / self.resistance_area_product_ohm_m2
        return torque_field_T(
            self.stt_efficiency, density, self.saturation_magnetisation_A_per_m, self.thickness_m
        )

    @property
    def stt_critical_voltage_V(self) -> float:
        """Size of the junction voltage at which STT makes a state unstable, T = 0 [V]; infinite without STT.

        The plain closed form: of the torque at m . p = 0 and the stiffness without any field. What the
        asymmetry, VCMA, external field and field-like torque make of it in each state is in
        `stt_critical_voltage_of`.
        """
        threshold = antidamping_critical_field(self.damping, *self.stiffness_fields_T)
        return threshold / self.stt_field_T_per_V if self.stt_efficiency > 0.0 else math.inf

    def stt_critical_voltage_of(self, state: str) -> float:
        r"""Junction voltage at which STT makes one state unstable, T = 0, signed [V]; infinite without STT.

        .. math:: V_c = \mp\frac{\alpha\,(\bar B \pm B_e)}{b/(1 \pm \chi) + \alpha\,(r b \pm d\bar B/dV)},
                  \qquad \bar B = \tfrac12 (B_1 + B_2)

        upper signs for P: where the trace of the motion linearised about the easy axis e vanishes. b is the
        STT field per volt, r its field-like ratio, B_e the external field along e, and dB/dV the VCMA. The
        junction stays at its temperature. Fields across e and warming are left out.

        Parameters
        ----------
        state : str
            "P", which needs a negative voltage, or "AP".

        Raises
        ------
        InputError
            If the state is neither, or the field along e leaves no such state.

        Examples
        --------
        >>> device = Device.load("perpendicular_memory_60nm")
        >>> device.stt_critical_voltage_of("P") < 0.0 < device.stt_critical_voltage_of("AP")
        True

        References
        ----------
        J. Z. Sun, Phys. Rev. B 62, 570 (2000), doi:10.1103/PhysRevB.62.570.
        """
        side = 1.0 if checks.state("state", state) == "P" else -1.0
        if self.stt_efficiency <= 0.0:
            return -side * math.inf
        along = side * self.external_field_T[AXES.index(self.easy_axis)]
        still = 0.5 * sum(self.stiffness_fields_T) + along
        if self.stiffness_fields_T[0] + along <= 0.0:
            raise InputError(
                f"Device {self.name}: the external field of {along:.3g} T along the easy axis leaves no "
                f"state {state}; lower it."
            )
        # The sum of both stiffness fields is linear in the voltage, and the trace is all that counts.
        per_volt = 0.5 * (sum(self.stiffness_at_T(1.0)) - sum(self.stiffness_at_T(-1.0))) / 2.0
        field_like = self.stt_field_like_ratio * self.stt_field_T_per_V
        torque = self.stt_field_T_per_V / (1.0 + side * self.stt_asymmetry)
        rise = torque + self.damping * (field_like + side * per_volt)
        return -side * self.damping * still / rise if rise > 0.0 else -side * math.inf

    @property
    def sot_critical_current_A(self) -> float | None:
        """Size of the channel current at the SOT instability, T = 0 [A]; None where no closed form holds.

        Perpendicular, slow ramp: K.-S. Lee's closed form with the device's field along the current, for a
        first-order anisotropy of equal stiffness in both planes. It leaves out field-like torque, Oersted
        field, the field's other components and the shape in the plane. In-plane y-type: anti-damping
        threshold of the weaker state in the field along the easy axis. It leaves out the field across it,
        and field-like torque and Oersted field, which add alpha times their ratio to the damping-like field.
        In the shipped devices that is 0.5 to 4 %. Simulate the x-type, and spins that are not along y.
        """
        spins_along_y = abs(abs(self.sot_polarisation[1]) - 1.0) < UNIT_TOLERANCE
        if self.easy_axis == "x" or self.spin_hall_angle == 0.0 or not spins_along_y:
            return None
        if self.easy_axis == "z" and self.second_order_anisotropy_J_per_m2 != 0.0:
            return None
        if self.easy_axis == "y":
            along = abs(self.external_field_T[1])
            soft, hard = self.stiffness_fields_T
            if along >= soft:
                return 0.0
            threshold = antidamping_critical_field(self.damping, soft - along, hard - along)
        else:
            field = abs(self.external_field_T[0])
            if field >= self.anisotropy_field_T:
                return 0.0
            threshold = sot_critical_field(self.anisotropy_field_T, field)
        return threshold / abs(self.sot_field_T_per_A)

    @property
    def damping_time_s(self) -> float:
        """Relaxation time 2 (1 + alpha^2)/(alpha gamma (B_1 + B_2)) with the two stiffness fields [s]."""
        mean = 0.5 * sum(self.stiffness_fields_T)
        return (1.0 + self.damping**2) / (self.damping * GYROMAGNETIC_RATIO * mean)

    def write_pulse(self, to: str = "AP") -> Pulse:
        """Return the recommended write pulse towards "P" (data 0) or "AP" (data 1).

        The junction voltage is positive towards P. The channel current follows the symmetry breaking: its
        sign times that of the spin Hall angle is, towards P, that of the spins' component along the easy
        axis e, and where they have none that of B . (sigma x e) with the external field B. With spins along
        y that is: positive for a y-type junction, the sign of the field along the current for a
        perpendicular one, opposite to that of the field along the normal for an x-type one.

        Raises
        ------
        InputError
            If ``to`` is neither "P" nor "AP".

        Examples
        --------
        >>> Device.load("imec_sot_62nm").write_pulse("P").duration_s > 0
        True
        """
        if to not in ("P", "AP"):
            raise InputError(f"write_pulse writes 'P' (data 0) or 'AP' (data 1); instead received {to!r}.")
        direction = 1.0 if to == "P" else -1.0
        easy = self.reference_direction
        breaking = float(np.dot(self.sot_polarisation, easy))
        if abs(breaking) < UNIT_TOLERANCE:
            breaking = float(np.dot(self.external_field_T, np.cross(self.sot_polarisation, easy)))
        sign = direction * math.copysign(1.0, self.spin_hall_angle) * (-1.0 if breaking < 0.0 else 1.0)
        return Pulse.from_settings(self.write, current_sign=sign, voltage_sign=direction)

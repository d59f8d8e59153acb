"""The device file: one junction on its channel, its surroundings, and the pulse that writes it.

Axes and signs as in the README: the channel current flows along x, the film normal is z.
"""

from __future__ import annotations

import os
from math import pi
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from spinpim.params.load import load
from spinpim.params.schema import ParameterFile, Quantity, Section, quantity
from spinpim.params.stated import stated_mismatch

_TESLA_IS_MU0_M = 'A value in tesla must be written with unit "T"; it is read as mu0 M_s.'
_FIELD_IS_B = "Fields are B; 1 Oe counts as 0.1 mT, and a value in A/m is read as H with B = mu0 H."
_KELVIN = "Temperatures are in kelvin; 27 degC is 300 K."
_LARGEST_SUM_ERROR = 1e-3
_LARGEST_LENGTH_ERROR = 5e-7


def _refuse_half_a_thermal_path(resistance: Quantity | None, time: Quantity | None) -> None:
    """A thermal resistance without its time, or the other way round, heats nothing that can be computed."""
    if (resistance is None) != (time is None):
        raise ValueError("needs both thermal_resistance and thermal_time, or neither.")


class FreeLayer(Section):
    """The magnetic free layer, an ellipse in the film plane."""

    diameter_x: Annotated[
        Quantity, quantity("m", 5e-9, 5e-6, description="Diameter along the channel current")
    ]
    diameter_y: Annotated[Quantity, quantity("m", 5e-9, 5e-6, description="Diameter across the channel")]
    thickness: Annotated[Quantity, quantity("m", 3e-10, 2e-8, description="Magnetic thickness")]
    saturation_magnetisation: Annotated[
        Quantity, quantity("A/m", 1e4, 3e6, description="Saturation magnetisation", hint=_TESLA_IS_MU0_M)
    ]
    damping: Annotated[Quantity, quantity("1", 1e-4, 1, description="Gilbert damping")]
    interfacial_anisotropy: Annotated[
        Quantity,
        quantity("J/m^2", -5e-3, 5e-3, description="Interfacial anisotropy Ki, positive for perpendicular"),
    ]
    vcma_coefficient: Annotated[
        Quantity,
        quantity("J/(V m)", -1e-12, 1e-12, description="Change of Ki per electric field in the barrier"),
    ]
    demagnetising_factor_x: Annotated[
        Quantity | None, quantity("1", 0, 1, description="All three or none; else from the ellipse")
    ] = None
    demagnetising_factor_y: Annotated[
        Quantity | None, quantity("1", 0, 1, description="All three or none; else from the ellipse")
    ] = None
    demagnetising_factor_z: Annotated[
        Quantity | None, quantity("1", 0, 1, description="All three or none; else from the ellipse")
    ] = None

    demagnetising_factor_xy: Annotated[
        Quantity | None, quantity("1", -1, 1, description="Off-diagonal factor of a turned ellipse; else 0")
    ] = None
    demagnetising_factor_xz: Annotated[
        Quantity | None, quantity("1", -1, 1, description="Off-diagonal factor of a tilted layer; else 0")
    ] = None
    demagnetising_factor_yz: Annotated[
        Quantity | None, quantity("1", -1, 1, description="Off-diagonal factor of a tilted layer; else 0")
    ] = None
    second_order_anisotropy: Annotated[
        Quantity | None,
        quantity(
            "J/m^2", -1e-3, 1e-3, description="Second order: Ki2 times sin^4 of the polar angle; else 0"
        ),
    ] = None
    curie_temperature: Annotated[
        Quantity | None,
        quantity(
            "K", 300, 2000, description="Curie temperature; else Ms and Ki keep their value", hint=_KELVIN
        ),
    ] = None
    magnetisation_exponent: Annotated[
        Quantity | None, quantity("1", 0.5, 5, description="Exponent of 1 - (T/Tc)^e in Ms; else 1.5")
    ] = None
    anisotropy_exponent: Annotated[
        Quantity | None, quantity("1", 0.5, 5, description="Ki follows Ms to this power; else 2.18")
    ] = None

    @model_validator(mode="after")
    def _demagnetising_factors_belong_together(self) -> Self:
        factors = [self.demagnetising_factor_x, self.demagnetising_factor_y, self.demagnetising_factor_z]
        given = [factor.si for factor in factors if factor is not None]
        if len(given) in (1, 2):
            raise ValueError(
                f"has {len(given)} of three demagnetising factors; give demagnetising_factor_x, _y and _z, "
                f"or none to have them computed from the ellipse."
            )
        # Rounded, so that 0.066 + 0.911 + 0.022 counts as exactly 1e-3 away from 1.
        if given and round(abs(sum(given) - 1.0), 9) > _LARGEST_SUM_ERROR:
            raise ValueError(
                f"has demagnetising factors that sum to {sum(given):.6g}; their sum must be 1 within "
                f"{_LARGEST_SUM_ERROR:g}. Correct them, or leave all three out to have them computed."
            )
        return self


class Junction(Section):
    """The tunnel junction above the free layer."""

    easy_axis: Literal["x", "y", "z"] = Field(description="Axis of the reference layer and of the two states")
    resistance_area_product: Annotated[
        Quantity, quantity("ohm m^2", 1e-13, 1e-8, description="Parallel resistance times area")
    ]
    tunnel_magnetoresistance: Annotated[
        Quantity, quantity("1", 0.01, 10, description="(R_AP - R_P)/R_P at zero bias")
    ]
    half_bias_voltage: Annotated[
        Quantity, quantity("V", 0.05, 5, description="Bias at which the magnetoresistance has halved")
    ]
    barrier_thickness: Annotated[Quantity, quantity("m", 3e-10, 5e-9, description="Tunnel barrier thickness")]
    stt_efficiency: Annotated[
        Quantity, quantity("1", 0, 1, description="Spin-transfer efficiency of the junction current")
    ]
    stt_field_like_ratio: Annotated[
        Quantity, quantity("1", -2, 2, description="Field-like over damping-like spin-transfer torque")
    ]
    electrical_diameter: Annotated[
        Quantity | None,
        quantity("m", 5e-9, 5e-6, description="Diameter that carries current; else the free-layer ellipse"),
    ] = None
    tmr_temperature_coefficient: Annotated[
        Quantity | None,
        quantity("1/K", -0.01, 0, description="Relative change of magnetoresistance per kelvin; negative"),
    ] = None

    stt_asymmetry: Annotated[
        Quantity | None,
        quantity("1", -0.99, 0.99, description="Slonczewski's chi, torque over 1 + chi cos; else 0"),
    ] = None
    thermal_resistance: Annotated[
        Quantity | None,
        quantity("K/W", 0, 1e8, description="Warming of the free layer per power in the junction; else none"),
    ] = None
    thermal_time: Annotated[
        Quantity | None, quantity("s", 1e-12, 1e-3, description="Time constant of that warming")
    ] = None

    @model_validator(mode="after")
    def _thermal_path_is_whole(self) -> Self:
        _refuse_half_a_thermal_path(self.thermal_resistance, self.thermal_time)
        return self


class Channel(Section):
    """The heavy-metal channel below the free layer."""

    length: Annotated[Quantity, quantity("m", 1e-8, 1e-4, description="Length along the current")]
    width: Annotated[Quantity, quantity("m", 1e-8, 1e-4, description="Width across the current")]
    thickness: Annotated[Quantity, quantity("m", 5e-10, 1e-7, description="Channel thickness")]
    resistivity: Annotated[Quantity, quantity("ohm m", 1e-8, 1e-4, description="Channel resistivity")]
    spin_hall_angle: Annotated[
        Quantity, quantity("1", -5, 5, description="Damping-like efficiency; positive polarises along +y")
    ]
    field_like_ratio: Annotated[
        Quantity, quantity("1", -5, 5, description="Field-like over damping-like field, B_FL/B_DL")
    ]
    polarisation_x: Annotated[
        Quantity | None, quantity("1", -1, 1, description="Spin polarisation, unit vector; else along y")
    ] = None
    polarisation_y: Annotated[
        Quantity | None, quantity("1", -1, 1, description="Spin polarisation, unit vector; else along y")
    ] = None
    polarisation_z: Annotated[
        Quantity | None, quantity("1", -1, 1, description="Spin polarisation, unit vector; else along y")
    ] = None
    oersted_factor: Annotated[
        Quantity | None, quantity("1", 0, 2, description="Share of the thin-sheet Oersted field; else 1")
    ] = None
    thermal_resistance: Annotated[
        Quantity | None,
        quantity("K/W", 0, 1e8, description="Warming of the free layer per power in the channel; else none"),
    ] = None
    thermal_time: Annotated[
        Quantity | None, quantity("s", 1e-12, 1e-3, description="Time constant of that warming")
    ] = None

    @model_validator(mode="after")
    def _thermal_path_is_whole(self) -> Self:
        _refuse_half_a_thermal_path(self.thermal_resistance, self.thermal_time)
        return self

    @model_validator(mode="after")
    def _polarisation_is_a_unit_vector(self) -> Self:
        parts = (self.polarisation_x, self.polarisation_y, self.polarisation_z)
        given = [part.si for part in parts if part is not None]
        length = sum(part**2 for part in given) ** 0.5
        if given and abs(length - 1.0) > _LARGEST_LENGTH_ERROR:
            raise ValueError(
                f"has a spin polarisation of length {length:.6g}; polarisation_x, _y and _z must make a unit "
                "vector, an absent one counts as 0. Leave all three out for the y axis."
            )
        return self


class Environment(Section):
    """Temperature and applied field; a field component that is absent is zero."""

    temperature: Annotated[Quantity, quantity("K", 1, 700, description="Temperature", hint=_KELVIN)]
    external_field_x: Annotated[
        Quantity | None, quantity("T", -5, 5, description="Applied field along the current", hint=_FIELD_IS_B)
    ] = None
    external_field_y: Annotated[
        Quantity | None,
        quantity("T", -5, 5, description="Applied field across the channel", hint=_FIELD_IS_B),
    ] = None
    external_field_z: Annotated[
        Quantity | None, quantity("T", -5, 5, description="Applied field along the normal", hint=_FIELD_IS_B)
    ] = None

    @property
    def external_field_T(self) -> tuple[float, float, float]:
        """Applied field along x, y, z [T]."""
        x, y, z = (
            0.0 if part is None else part.si
            for part in (self.external_field_x, self.external_field_y, self.external_field_z)
        )
        return (x, y, z)


class Write(Section):
    """The pulse recommended for writing this device."""

    sot_current: Annotated[Quantity, quantity("A", 1e-7, 2e-2, description="Channel current, magnitude")]
    width: Annotated[Quantity, quantity("s", 1e-11, 1e-5, description="Flat top of the channel pulse")]
    rise_time: Annotated[Quantity, quantity("s", 0, 1e-6, description="Rise time")]
    fall_time: Annotated[Quantity, quantity("s", 0, 1e-6, description="Fall time")]
    mtj_voltage: Annotated[Quantity, quantity("V", 0, 5, description="Assisting junction voltage, magnitude")]
    mtj_extra_time: Annotated[
        Quantity, quantity("s", 0, 1e-6, description="Time by which the assist outlasts the flat top")
    ]
    settle_time: Annotated[Quantity, quantity("s", 0, 1e-5, description="Wait before reading")]
    mtj_delay: Annotated[
        Quantity | None, quantity("s", 0, 1e-6, description="Start of the assist after the current; else 0")
    ] = None


class Stated(Section):
    """Figures the source states; they are only compared with the ones derived from the rest."""

    thermal_stability: Annotated[
        Quantity | None, quantity("1", 0.1, 1000, description="Energy barrier over thermal energy")
    ] = None
    resistance_parallel: Annotated[
        Quantity | None, quantity("ohm", 1, 1e9, description="Parallel resistance at low bias")
    ] = None
    resistance_antiparallel: Annotated[
        Quantity | None, quantity("ohm", 1, 1e9, description="Antiparallel resistance at low bias")
    ] = None
    effective_anisotropy_field: Annotated[
        Quantity | None,
        quantity("T", -5, 5, description="mu0 H_k,eff along the easy axis", hint=_FIELD_IS_B),
    ] = None
    channel_resistance: Annotated[
        Quantity | None, quantity("ohm", 0.1, 1e7, description="Resistance of the channel")
    ] = None


class DeviceFile(ParameterFile):
    """A device parameter file, read and checked; made by `load_device`."""

    kind: ClassVar[str] = "device"
    schema_name: Literal["spinpim-device/1"] = Field(alias="schema")

    free_layer: FreeLayer
    junction: Junction
    channel: Channel
    environment: Environment
    write: Write
    stated: Stated | None = None

    @model_validator(mode="after")
    def _junction_fits_on_the_channel(self) -> Self:
        for side, across in (("length", "diameter_x"), ("width", "diameter_y")):
            room: Quantity = getattr(self.channel, side)
            needed: Quantity = getattr(self.free_layer, across)
            if room.si < needed.si:
                raise ValueError(
                    f"channel.{side} is {room.text}, less than free_layer.{across} of {needed.text}; the "
                    f"free layer must lie on the channel (length along x, width along y)."
                )
        return self

    @model_validator(mode="after")
    def _stated_resistances_agree(self) -> Self:
        if self.stated is None:
            return self
        parallel = self.junction.resistance_area_product.si / self._electrical_area_m2()
        antiparallel = parallel * (1.0 + self.junction.tunnel_magnetoresistance.si)
        section = self.channel.width.si * self.channel.thickness.si
        along = self.channel.resistivity.si * self.channel.length.si / section
        found = (
            stated_mismatch(
                "stated.resistance_parallel", self.stated.resistance_parallel, parallel, "ohm",
                "junction.resistance_area_product over the electrical area",
            ),
            stated_mismatch(
                "stated.resistance_antiparallel", self.stated.resistance_antiparallel, antiparallel, "ohm",
                "the parallel resistance times 1 + junction.tunnel_magnetoresistance",
            ),
            stated_mismatch(
                "stated.channel_resistance", self.stated.channel_resistance, along, "ohm",
                "channel.resistivity times length over width and thickness",
            ),
        )  # fmt: skip
        disagreements = [text for text in found if text]
        if disagreements:
            raise ValueError("\n".join(disagreements))
        return self

    def _electrical_area_m2(self) -> float:
        electrical = self.junction.electrical_diameter
        if electrical is not None:
            return 0.25 * pi * electrical.si**2
        return 0.25 * pi * self.free_layer.diameter_x.si * self.free_layer.diameter_y.si


def load_device(name_or_path: str | os.PathLike[str]) -> DeviceFile:
    """Load a device file.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped device or path of one's own file, ending in ".toml".

    Returns
    -------
    DeviceFile
        The checked file; every quantity has its SI number as ``.si``.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key and remedy.

    Examples
    --------
    >>> file = load_device("imec_sot_62nm")
    >>> file.free_layer.diameter_x.si, file.free_layer.diameter_x.text
    (6.2e-08, '62 nm')
    """
    return load(DeviceFile, name_or_path)

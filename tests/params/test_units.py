import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearly import near

from spinpim.constants import VACUUM_PERMEABILITY
from spinpim.params.units import ACCEPTED_UNITS, compact, likely_meant, to_si

PAIRS = [(unit, si) for si, units in ACCEPTED_UNITS.items() for unit in units]


@pytest.mark.parametrize(
    ("value", "unit", "si_unit", "expected"),
    [
        (62, "nm", "m", 62e-9),
        (1.5, "um", "m", 1.5e-6),
        (20, "mT", "T", 20e-3),
        (200, "Oe", "T", 20e-3),
        (1.1, "MA/m", "A/m", 1.1e6),
        (850, "kA/m", "A/m", 850e3),
        (1100, "emu/cc", "A/m", 1.1e6),
        (1100, "emu/cm^3", "A/m", 1.1e6),
        (0.93, "mJ/m^2", "J/m^2", 0.93e-3),
        (0.93, "erg/cm^2", "J/m^2", 0.93e-3),
        (30, "fJ/(V m)", "J/(V m)", 30e-15),
        (30, "fJ/V/m", "J/(V m)", 30e-15),
        (16.6, "ohm um2", "ohm m^2", 16.6e-12),
        (16.6, "Ω·µm²", "ohm m^2", 16.6e-12),
        (160, "uohm cm", "ohm m", 1.6e-6),
        (160, "\u03bc\u2126 cm", "ohm m", 1.6e-6),
        (150, "%", "1", 1.5),
        (0.35, "ns", "s", 0.35e-9),
        (210, "ps", "s", 210e-12),
        (300, "uA", "A", 300e-6),
        (400, "mV", "V", 0.4),
        (300, "K", "K", 300.0),
        (-0.1, "%/K", "1/K", -1e-3),
        (-0.001, "K^-1", "1/K", -1e-3),
        (3, "mV um", "V m", 3e-9),
        (5, "MA/cm^2", "A/m^2", 5e10),
        (0.02, "1", "1", 0.02),
    ],
)
def test_customary_spellings_convert_to_the_float_that_the_si_literal_gives(value, unit, si_unit, expected):
    assert to_si(value, unit, si_unit) == expected


@pytest.mark.parametrize("si_unit", ACCEPTED_UNITS)
def test_every_si_unit_is_coherent(si_unit):
    assert to_si(1.0, si_unit, si_unit) == 1.0


@given(
    st.sampled_from(PAIRS),
    st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-12),
)
def test_a_number_survives_the_way_to_si_and_back(pair, value):
    unit, si_unit = pair
    one = to_si(1.0, unit, si_unit)
    assert to_si(value, unit, si_unit) / one == pytest.approx(value, rel=1e-14, abs=0)


def test_a_magnetisation_in_tesla_is_read_as_mu0_times_m():
    assert to_si(1.0, "T", "A/m") == near(1.0 / VACUUM_PERMEABILITY, rel=1e-14)


def test_a_field_in_ampere_per_metre_is_read_as_h_with_b_equal_mu0_h():
    assert to_si(1000.0 / (4 * math.pi), "A/m", "T") == near(1e-4, rel=1e-8)


def test_the_tesla_rule_holds_for_magnetic_quantities_alone():
    with pytest.raises(ValueError, match="of another kind"):
        to_si(1.0, "T", "A")
    with pytest.raises(ValueError, match="of another kind"):
        to_si(1.0, "A/m", "V")


@pytest.mark.parametrize(
    "unit",
    ["", " ", "furlong", "degC", "°C", "9**9**9**9", "m/", "/m", "(m", "m^0", "m^-", "nm;", "x" * 9999],
)  # fmt: skip
def test_what_is_no_unit_is_refused_naming_the_accepted_ones(unit):
    with pytest.raises(ValueError, match=r"which is not known; accepted are nm, um, angstrom, mm, m\.$"):
        to_si(1.0, unit, "m")


@given(st.text(max_size=60))
def test_any_text_as_unit_gives_a_number_or_a_value_error(unit):
    try:
        assert math.isfinite(to_si(1.0, unit, "m"))
        return
    except ValueError as mistake:
        told = str(mistake)
    assert told.startswith("has the unit")


@pytest.mark.parametrize(
    ("value", "unit", "si_unit", "low", "high", "expected"),
    [
        (1.1, "A/m", "A/m", 1e4, 3e6, ("1.1 MA/m", "1.1 T")),
        (150, "1", "1", 0.01, 10, ("150 %",)),
        (1.5, "%", "1", 0.05, 10, ("1.5",)),
        (200, "T", "T", -5, 5, ("200 mT", "200 Oe", "200 kA/m")),
        (62, "m", "m", 20e-9, 5e-6, ("62 nm",)),
        (0.002, "1/K", "1/K", -0.01, 0, ("-0.002 1/K",)),
        (1e30, "m", "m", 20e-9, 5e-6, ()),
    ],
)
def test_the_guess_of_a_slip_is_the_reading_that_is_plausible(value, unit, si_unit, low, high, expected):
    assert likely_meant(value, unit, si_unit, low, high) == expected


@given(st.floats(min_value=1e-20, max_value=1e20).map(lambda v: float(f"{v:.6g}")))
def test_a_bound_written_compactly_is_still_the_bound(bound):
    assert float(compact(bound)) == bound


def test_pint_is_not_imported_before_a_file_is_read():
    code = "import sys, spinpim.params; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_magnetisation_in_gauss_is_refused_because_it_is_two_things():
    with pytest.raises(ValueError, match="emu/cc"):
        to_si(1000, "G", "A/m")
    assert to_si(1000, "emu/cc", "A/m") == 1e6
    assert to_si(1000, "G", "T") == near(0.1)

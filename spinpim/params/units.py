"""Laboratory units at the file boundary; nothing behind it ever sees a unit.

pint is imported on first use. The registry holds the units of this field alone, so that a misspelt unit is
unknown instead of being read as a rod, a year or a Planck constant, and it computes in decimals, so that
"62 nm" is the same float as ``62e-9``.

One rule joins the magnetic quantities: where A/m is expected, a value in tesla (or Oe, G) is read as mu0 M;
where tesla is expected, a value in A/m is read as H with B = mu0 H. One oersted counts as 1e-4 T. A current
per width is spelt "A m^-1" among the SI units, so that no field is read as one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from spinpim.constants import VACUUM_PERMEABILITY

ACCEPTED_UNITS: dict[str, tuple[str, ...]] = {
    "1": ("1", "%"),
    "m": ("nm", "um", "angstrom", "mm", "m"),
    "m^2": ("um^2", "nm^2", "mm^2", "m^2"),
    "s": ("ns", "ps", "us", "ms", "s"),
    "A": ("uA", "mA", "nA", "A"),
    "V": ("V", "mV", "uV"),
    "T": ("mT", "Oe", "T", "kA/m", "A/m"),
    "A/m": ("MA/m", "kA/m", "emu/cc", "T", "A/m"),
    "J/m^2": ("mJ/m^2", "uJ/m^2", "erg/cm^2", "J/m^2"),
    "J/(V m)": ("fJ/(V m)", "pJ/(V m)", "J/(V m)"),
    "ohm m^2": ("ohm um^2", "kohm um^2", "ohm m^2"),
    "ohm m": ("uohm cm", "nohm m", "ohm um", "ohm m"),
    "ohm": ("ohm", "kohm", "Mohm"),
    "ohm/m": ("ohm/um", "ohm/m"),
    "K": ("K",),
    "K/W": ("K/uW", "K/mW", "K/W"),
    "1/K": ("1/K", "%/K"),
    "V/K": ("mV/K", "uV/K", "V/K"),
    "F": ("fF", "aF", "pF", "F"),
    "F/m": ("fF/um", "aF/um", "F/m"),
    "F/m^2": ("fF/um^2", "F/m^2"),
    "J": ("fJ", "aJ", "pJ", "nJ", "J"),
    "W": ("nW", "uW", "mW", "W"),
    "V m": ("mV um", "V m"),
    "A/V^2": ("uA/V^2", "mA/V^2", "A/V^2"),
    "A/m^2": ("MA/cm^2", "A/cm^2", "A/m^2"),
    "Hz": ("MHz", "GHz", "kHz", "Hz"),
    "A m^-1": ("uA/um", "nA/um", "pA/um", "A/m"),
    "m^2/(V s)": ("cm^2/(V s)", "m^2/(V s)"),
    "m/s": ("km/s", "m/s"),
}
"""Spellings offered for each SI unit, the customary one first; others of the same kind are read too."""

_DEFINITIONS = """
femto- = 1e-15 = f-; atto- = 1e-18 = a-; pico- = 1e-12 = p-; nano- = 1e-9 = n-; micro- = 1e-6 = u- = µ-
milli- = 1e-3 = m-; centi- = 1e-2 = c-; kilo- = 1e3 = k-; mega- = 1e6 = M-; giga- = 1e9 = G-
meter = [length] = m; second = [time] = s; ampere = [current] = A; gram = [mass] = g
kelvin = [temperature] = K
percent = 0.01; angstrom = 1e-10 * meter = Å; cc = 1e-6 * meter ** 3; hertz = 1 / second = Hz
newton = 1e3 * gram * meter / second ** 2 = N; joule = newton * meter = J; erg = 1e-7 * joule
watt = joule / second = W; volt = watt / ampere = V; ohm = volt / ampere = Ω; siemens = ampere / volt = S
coulomb = ampere * second = C; farad = coulomb / volt = F; electronvolt = 1.602176634e-19 * joule = eV
tesla = volt * second / meter ** 2 = T; oersted = 1e-4 * tesla = Oe; gauss = 1e-4 * tesla = G
emu = 1e-3 * ampere * meter ** 2
"""

_FACTOR = r"[A-Za-zµΩ]+(?:\^-?[1-9])?"
_GRAMMAR = re.compile(rf"(?:1|{_FACTOR})(?:[ */](?:{_FACTOR}|\({_FACTOR}(?:[ *]{_FACTOR})*\)))*")
_LONGEST_UNIT = 40
_OTHER_SPELLINGS = str.maketrans(
    {"\u03bc": "\u00b5", "\u2126": "\u03a9", "·": " ", "⋅": " ", "²": "^2", "³": "^3", "⁻": "-", "¹": "1"}
)

GAUSS = re.compile(r"^(k|m)?(G|gauss)$")


def to_si(value: float, unit: str, si_unit: str) -> float:
    """Convert a number in laboratory units to SI.

    Parameters
    ----------
    value : float
        The number as written [unit].
    unit : str
        Any product or quotient of the units of this field: "nm", "mJ/m^2", "fJ/(V m)", "ohm um2", "%", "1".
    si_unit : str
        The SI unit wanted, a coherent one such as "m" or "ohm m^2".

    Returns
    -------
    float
        The number [si_unit].

    Raises
    ------
    ValueError
        If the unit is unknown or of another kind; the message continues a sentence that begins with the key.

    Examples
    --------
    >>> to_si(62, "nm", "m") == 62e-9
    True
    >>> round(to_si(1.0, "T", "A/m"))  # a magnetisation in tesla is mu0 M
    795775
    >>> to_si(200, "Oe", "T")
    0.02
    """
    if si_unit == "A/m" and GAUSS.search(unit):
        # 1000 G of a user of cgs is 1000 emu/cc, not mu0 M_s = 0.1 T: twelve times apart, both plausible.
        raise ValueError(
            f"is given in {unit!r}, which may mean 4 pi M or M. Write the magnetisation in emu/cc, "
            f'kA/m or MA/m, or mu0 M_s in "T".'
        )
    return float(Decimal(repr(float(value))) * _factor(unit, si_unit))


def accepted_units(si_unit: str) -> str:
    """List the spellings offered for one SI unit, as a phrase.

    Parameters
    ----------
    si_unit : str
        The SI unit.

    Returns
    -------
    str
        The spellings joined by commas.

    Examples
    --------
    >>> accepted_units("J/m^2")
    'mJ/m^2, uJ/m^2, erg/cm^2, J/m^2'
    """
    return ", ".join(ACCEPTED_UNITS.get(si_unit, (si_unit,)))


def likely_meant(value: float, unit: str, si_unit: str, low: float, high: float) -> tuple[str, ...]:
    """Guess the slip behind an implausible number: the same digits in another unit, or the other sign.

    Parameters
    ----------
    value, unit : float, str
        The number as written.
    si_unit : str
        The SI unit of the quantity.
    low, high : float
        Plausible range [si_unit].

    Returns
    -------
    tuple of str
        At most three readings that fall into the range, the customary unit first; may be empty.

    Examples
    --------
    >>> likely_meant(150, "1", "1", 0.01, 10.0)
    ('150 %',)
    >>> likely_meant(200, "T", "T", -5.0, 5.0)
    ('200 mT', '200 Oe', '200 kA/m')
    """
    guesses = [
        written(value, other)
        for other in ACCEPTED_UNITS.get(si_unit, (si_unit,))
        if other != unit and low <= to_si(value, other, si_unit) <= high
    ]
    if not guesses and low <= to_si(-value, unit, si_unit) <= high:
        guesses = [written(-value, unit)]
    return tuple(guesses[:3])


def written(value: float, unit: str) -> str:
    """Write a number with its unit as a person would.

    Parameters
    ----------
    value, unit : float, str
        The number and its unit.

    Returns
    -------
    str
        For example "1.1 MA/m"; a pure number stands alone.
    """
    return f"{value:.12g}" if unit == "1" else f"{value:.12g} {unit}"


def compact(number: float) -> str:
    """Write a bound without needless zeros.

    Parameters
    ----------
    number : float
        A bound of a range.

    Returns
    -------
    str
        For example "0.05", "1e4", "3e6".

    Examples
    --------
    >>> compact(1e4), compact(5e-9), compact(-0.01), compact(700)
    ('1e4', '5e-9', '-0.01', '700')
    """
    if number == 0.0 or 1e-2 <= abs(number) < 1e4:
        return f"{number:g}"
    mantissa, exponent = f"{number:e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


@lru_cache(maxsize=512)
def _factor(unit: str, si_unit: str) -> Decimal:
    given, wanted = _parsed(unit, si_unit), _parsed(si_unit, si_unit)
    if given.dimensionality == wanted.dimensionality:
        return _magnitude(given, wanted)
    mu0 = Decimal(repr(VACUUM_PERMEABILITY))
    magnetisation, induction = _parsed("A/m", "A/m"), _parsed("T", "T")
    if si_unit == "A/m" and given.dimensionality == induction.dimensionality:
        return _magnitude(given, induction) / mu0
    if wanted == induction and given.dimensionality == magnetisation.dimensionality:
        return _magnitude(given, magnetisation) * mu0
    raise ValueError(
        f'has the unit "{unit}", which is of another kind; accepted are {accepted_units(si_unit)}.'
    )


def _magnitude(given: Any, wanted: Any) -> Decimal:
    return Decimal(_registry().Quantity(Decimal(1), given).to(wanted).magnitude)


def _parsed(unit: str, si_unit: str) -> Any:
    import pint

    spelt = _spelt_for_pint(unit)
    # The grammar comes first: pint would compute "9**9**9**9" and read much that this format has no use for.
    if _GRAMMAR.fullmatch(spelt):
        try:
            return _registry().parse_units("dimensionless" if spelt == "1" else spelt)
        except (pint.PintError, ValueError):  # ValueError: pint reads "nan" as a number
            pass
    shown = unit if len(unit) <= _LONGEST_UNIT else unit[:_LONGEST_UNIT] + "..."
    raise ValueError(f"has the unit {shown!r}, which is not known; accepted are {accepted_units(si_unit)}.")


def _spelt_for_pint(unit: str) -> str:
    if len(unit) > _LONGEST_UNIT:
        return ""
    spelt = unit.translate(_OTHER_SPELLINGS)
    spelt = spelt.replace("**", "^").replace("%", "percent").replace("Ohm", "ohm")
    spelt = spelt.replace("Å", "angstrom")
    spelt = re.sub(r"(?<=[A-Za-zµΩ])(?=-?\d)", "^", spelt)
    return re.sub(r"\s*([ */()])\s*", lambda match: match[1], " ".join(spelt.split())).strip()


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(None, non_int_type=Decimal)
    for definition in _DEFINITIONS.replace("\n", ";").split(";"):
        if definition.strip():
            registry.define(definition.strip())
    return registry

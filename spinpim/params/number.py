"""One number of a parameter file, and what its key expects of it: unit, plausible range, source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from pydantic_core import CoreSchema, core_schema

from spinpim.params.units import ACCEPTED_UNITS, compact, likely_meant, to_si, written

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
"""Configuration of every model of the file format."""


class Quantity(BaseModel):
    """One number of a parameter file, with unit, spread and source.

    Attributes
    ----------
    value : float
        The number as written [unit].
    unit : str
        Laboratory unit as written; "1" for a pure number.
    sigma : float
        One standard deviation from device to device [unit]; 0 if absent.
    source : str
        Key of ``[sources]``; may be absent only where the status is "assumed".
    where : str
        Place in the source, or the reason for an assumption.
    status : str
        "measured", "fitted", "derived" or "assumed".
    """

    model_config = {**STRICT, "json_schema_extra": {"description": "A number with unit, spread and source."}}

    value: float = Field(description="The number, in unit.")
    unit: str = Field(description='Laboratory unit, "1" for a pure number.')
    sigma: float = Field(default=0.0, description="One standard deviation from device to device, in unit.")
    source: str = Field(default="", description="A key of [sources]; needed unless assumed.")
    where: str = Field(default="", description="Place in the source, or the reason for an assumption.")
    status: Literal["measured", "fitted", "derived", "assumed"] = Field(description="How it is known.")

    _si: float = PrivateAttr(default=float("nan"))
    _sigma_si: float = PrivateAttr(default=0.0)

    @property
    def si(self) -> float:
        """The number in the SI unit of its key."""
        return self._si

    @property
    def sigma_si(self) -> float:
        """One standard deviation in the SI unit of its key; 0 if the file gives none."""
        return self._sigma_si

    @property
    def relative_sigma(self) -> float:
        """One standard deviation over the magnitude of the value [1]; 0 for a value of zero."""
        return self.sigma / abs(self.value) if self.value else 0.0

    @property
    def text(self) -> str:
        """The number as a person writes it, for example "1.1 MA/m"."""
        return written(self.value, self.unit)

    @model_validator(mode="after")
    def _spread_and_source_are_sound(self) -> Self:
        if self.sigma < 0.0:
            raise ValueError(f"has the negative sigma {self.sigma:g}; a standard deviation is 0 or more.")
        if self.value != 0.0 and self.sigma > abs(self.value):
            raise ValueError(
                f"has sigma {self.sigma:g}, larger than the value {self.value:g} itself; sigma is one "
                f"standard deviation in the unit of the value, not a percentage."
            )
        if self.status != "assumed" and not self.source:
            raise ValueError(
                f'is "{self.status}" but names no source; add source = "..." with a key of [sources], '
                f'or set status = "assumed".'
            )
        return self


class BoundedQuantity(Quantity):
    """A number that also states between which bounds it may lie, for a band of results.

    Attributes
    ----------
    low, high : float or None
        Bounds [unit]; None: the value itself.
    """

    model_config = {**STRICT, "json_schema_extra": {"description": "A number with unit, bounds and source."}}

    low: float | None = Field(default=None, description="Lower bound, in unit; else the value.")
    high: float | None = Field(default=None, description="Upper bound, in unit; else the value.")

    _low_si: float = PrivateAttr(default=float("nan"))
    _high_si: float = PrivateAttr(default=float("nan"))

    @property
    def low_si(self) -> float:
        """The lower bound in the SI unit of the key."""
        return self._low_si

    @property
    def high_si(self) -> float:
        """The upper bound in the SI unit of the key."""
        return self._high_si

    @model_validator(mode="after")
    def _bounds_enclose_the_value(self) -> Self:
        if self.low is not None and self.low > self.value:
            raise ValueError(f"has the lower bound {self.low:g}, above its value {self.value:g}.")
        if self.high is not None and self.high < self.value:
            raise ValueError(f"has the upper bound {self.high:g}, below its value {self.value:g}.")
        return self


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a key expects: unit and plausible range; made by `quantity`, placed in ``Annotated``."""

    unit: str
    low: float
    high: float
    description: str
    hint: str

    def __get_pydantic_core_schema__(
        self, source_type: Any, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        """Convert and check after pydantic has read the number itself."""
        return core_schema.no_info_after_validator_function(self._converted, handler(source_type))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: Callable[[CoreSchema], dict[str, Any]]
    ) -> dict[str, Any]:
        """Describe unit and range in the published JSON Schema, which editors show while typing."""
        return {**handler(schema), "description": f"{self.description}; {self.customary_range_text}"}

    @property
    def customary_unit(self) -> str:
        """The unit people in this field write first."""
        return ACCEPTED_UNITS.get(self.unit, (self.unit,))[0]

    @property
    def range_text(self) -> str:
        """Plausible range in SI, as errors give it, for example "1e4..3e6 A/m"."""
        return _joined(f"{compact(self.low)}..{compact(self.high)}", self.unit)

    @property
    def customary_range_text(self) -> str:
        """Plausible range in the customary unit, for example "0.01..3 MA/m"."""
        one = to_si(1.0, self.customary_unit, self.unit)
        low, high = (compact(float(f"{bound / one:.6g}")) for bound in (self.low, self.high))
        return _joined(f"{low}..{high}", self.customary_unit)

    def implausible(self, value: float, unit: str, value_si: float) -> str:
        """Return what is said of a number outside the range, to follow its name in a sentence."""
        in_si = "" if unit == self.unit else f" ({written(float(f'{value_si:.4g}'), self.unit)})"
        text = f"is {written(value, unit)}{in_si}, outside {self.range_text}."
        guesses = likely_meant(value, unit, self.unit, self.low, self.high)
        if guesses:
            text += f" Did you mean {_alternatives(guesses)}?"
        return _with_hint(text, self.hint)

    def _converted(self, given: Quantity | None) -> Quantity | None:
        if given is None:
            return None
        try:
            value_si = to_si(given.value, given.unit, self.unit)
        except ValueError as mistake:
            raise ValueError(_with_hint(str(mistake), self.hint)) from None
        if not self.low <= value_si <= self.high:
            raise ValueError(self.implausible(given.value, given.unit, value_si))
        converted = given.model_copy()
        converted._si = value_si
        converted._sigma_si = to_si(given.sigma, given.unit, self.unit)
        if isinstance(given, BoundedQuantity) and isinstance(converted, BoundedQuantity):
            converted._low_si = self._bound(given.low, given, value_si)
            converted._high_si = self._bound(given.high, given, value_si)
        return converted

    def _bound(self, bound: float | None, given: Quantity, value_si: float) -> float:
        """A bound in SI, refused outside the plausible range."""
        if bound is None:
            return value_si
        bound_si = to_si(bound, given.unit, self.unit)
        if not self.low <= bound_si <= self.high:
            raise ValueError(f"has a bound that {self.implausible(bound, given.unit, bound_si)}")
        return bound_si


def quantity(unit: str, low: float, high: float, *, description: str, hint: str = "") -> Expectation:
    """Declare what a key expects, for use as ``Annotated[Quantity, quantity(...)]``.

    Parameters
    ----------
    unit : str
        Coherent SI unit of the key, a key of `spinpim.params.units.ACCEPTED_UNITS` where possible.
    low, high : float
        Plausible range [unit], both ends included. Wide enough for every honest device, narrow enough that
        a forgotten prefix falls outside.
    description : str
        What the number is, without unit and full stop; it goes to the JSON Schema and to the table in
        ``device_params/README.md``.
    hint : str
        A sentence added to errors about this key.

    Returns
    -------
    Expectation
        The marker for ``Annotated``. Optional keys are ``Annotated[Quantity | None, quantity(...)] = None``.

    Examples
    --------
    >>> quantity("A/m", 1e4, 3e6, description="Saturation magnetisation").customary_range_text
    '0.01..3 MA/m'
    """
    return Expectation(unit, float(low), float(high), description, hint)


def _joined(number: str, unit: str) -> str:
    return number if unit == "1" else f"{number} {unit}"


def _alternatives(words: tuple[str, ...]) -> str:
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _with_hint(text: str, hint: str) -> str:
    return f"{text} ({hint})" if hint else text

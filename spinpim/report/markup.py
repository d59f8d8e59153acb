"""HTML that is escaped unless it was made here."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from spinpim.report.check import engineering

_VOID = frozenset({"meta", "img", "col", "br"})


class Markup(str):
    """Text that is HTML already; every other string is escaped when it becomes part of an element."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Markup:
    """Write one element.

    Parameters
    ----------
    tag : str
        Name of the element.
    *children : str
        Content; escaped unless it is `Markup`.
    **attributes : str
        Attribute values, always escaped; a trailing underscore of a name is dropped and other underscores
        become hyphens (``class_``, ``http_equiv``).

    Examples
    --------
    >>> element("p", "a < b, ", element("em", "really"), class_="note")
    '<p class="note">a &lt; b, <em>really</em></p>'
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value, quote=True)}"'
        for name, value in attributes.items()
    )
    if tag in _VOID:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{join(children)}</{tag}>")


def join(parts: Iterable[str]) -> Markup:
    """Put parts one after the other, each escaped unless it is `Markup`."""
    return Markup(
        "".join(part if isinstance(part, Markup) else html.escape(part, quote=False) for part in parts)
    )


def table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]], *, class_: str = "plain"
) -> Markup:
    """Write a table with column headers, and a row header in the first cell of each row.

    Examples
    --------
    >>> table("Levels", ["pattern", "mV"], [["00", "61"]]).count('scope="row"')
    1
    """
    head = element("tr", *(element("th", heading, scope="col") for heading in headings))
    body = (
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
        for first, *rest in rows
    )
    whole = element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *body),
        class_=class_,
    )
    # A wide table scrolls by itself on a narrow screen instead of widening the page.
    return element("div", whole, class_="scroll")


def amount(value: float, unit: str) -> str:
    r"""Write a number to three digits with its SI prefix and a typographic unit.

    Examples
    --------
    >>> amount(3.3e-4, "A"), amount(1.5e3, "ohm"), amount(70.0, "1"), amount(3.7e-7, "m²")
    ('330\xa0µA', '1.5\xa0kΩ', '70', '0.37\xa0mm²')
    """
    if unit == "m²":
        return f"{1e6 * value:.3g}\xa0mm²" if value > 1e-9 else f"{1e12 * value:.3g}\xa0µm²"
    text = engineering(float(f"{value:.3g}"), unit).replace("ohm", "Ω")
    number, space, rest = text.partition(" ")
    return number + space.replace(" ", "\xa0") + (f"µ{rest[1:]}" if rest.startswith("u") else rest)


def probability(value: float) -> str:
    """Write a probability with two significant digits.

    Examples
    --------
    >>> probability(3.04e-5), probability(0.0), probability(0.25)
    ('3.0×10⁻⁵', '0', '0.25')
    """
    if value == 0.0 or value >= 0.001:
        return f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}×{power_of_ten(int(exponent))}"


def power_of_ten(exponent: int) -> str:
    """Write a power of ten.

    Examples
    --------
    >>> power_of_ten(-12)
    '10⁻¹²'
    """
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))

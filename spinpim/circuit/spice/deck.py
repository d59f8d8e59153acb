"""Text of a SPICE deck: numbers in full precision, lines that cannot break out of their place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spinpim.checks import shown
from spinpim.errors import InputError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
UNSAFE_IN_PATH = re.compile(r'[\x00-\x1f\x7f";\\]')
"""What ngspice takes for the end of a quoted path or for a remark, or swallows."""
SHARP_TOLERANCES = {"reltol": 1e-6, "abstol": 1e-15, "vntol": 1e-9, "chgtol": 1e-20}
"""With its usual reltol of 1e-3 ngspice follows a precessing macrospin wrongly."""

TRANSISTOR_TOLERANCES = {"reltol": 1e-5, "abstol": 1e-14, "vntol": 1e-8}
"""For amplifiers of transistors, which no longer converge with the charge tolerance above."""


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck: its title and the lines between title and ``.end``.

    Attributes
    ----------
    title : str
        First line; SPICE reads it as nothing else.
    lines : tuple of str
        Everything else, without ``.end``.

    Examples
    --------
    >>> print(Deck("divider", ("v1 a 0 1.0", "r1 a 0 1000.0", ".op")).text, end="")
    divider
    v1 a 0 1.0
    r1 a 0 1000.0
    .op
    .end
    """

    title: str
    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse text that would end a line early."""
        for line in (self.title, *self.lines):
            if not line.isprintable():
                raise InputError(
                    f"A line of a deck holds a line break or a control character: {shown(line)}. Remove it."
                )

    @property
    def text(self) -> str:
        """The whole file; it ends with ``.end`` and a line break, without which ngspice drops a line."""
        return "\n".join((self.title, *self.lines, ".end")) + "\n"


def number(value: float) -> str:
    """Shortest text that reads back as the same double.

    Raises
    ------
    InputError
        If the value is not finite.

    Examples
    --------
    >>> number(0.1), number(2e-12), number(3)
    ('0.1', '2e-12', '3.0')
    """
    real = float(value)
    if not math.isfinite(real):
        raise InputError(f"A deck holds finite numbers only; instead received {value!r}.")
    return repr(real)


def name(text: str) -> str:
    """Return a node, element or model name if SPICE reads it as one word.

    Raises
    ------
    InputError
        If it holds anything but letters, digits, underscores and dots, or begins with a digit.

    Examples
    --------
    >>> name("bit_line")
    'bit_line'
    """
    if not isinstance(text, str) or (text != "0" and not NAME.match(text)):
        raise InputError(
            f"A SPICE name has letters, digits and underscores and begins with a letter; instead received "
            f"{shown(text)}."
        )
    return text


def remark(text: str) -> str:
    """Comment line; what cannot be printed becomes a question mark.

    Examples
    --------
    >>> remark("two lines" + chr(10) + ".end")
    '* two lines?.end'
    """
    return "* " + "".join(sign if sign.isprintable() else "?" for sign in text)


def include(path: Path) -> str:
    """Line that reads another file.

    Raises
    ------
    InputError
        If ngspice would not read the path as it stands.
    """
    text = str(path)
    if UNSAFE_IN_PATH.search(text) or "//" in text:
        raise InputError(
            f"{text!r}: ngspice cannot read a path with quotes, semicolons, backslashes, double slashes or "
            "control characters. Copy the file to another folder."
        )
    return f'.include "{text}"'


def element(kind_and_name: str, nodes: Iterable[str], value: str = "", **parameters: float) -> str:
    """Element line: name, nodes, value or model, then ``key=number`` parameters.

    Examples
    --------
    >>> element("m1", ("d", "g", "0", "0"), "NMOS_VTG", w=2e-7, l=5e-8)
    'm1 d g 0 0 NMOS_VTG w=2e-07 l=5e-08'
    """
    words = [name(kind_and_name), *(name(node) for node in nodes)]
    if value:
        words.append(value)
    return " ".join(words + [f"{key}={number(given)}" for key, given in parameters.items()])


def options(values: Mapping[str, float] = SHARP_TOLERANCES) -> str:
    """``.options`` line."""
    return " ".join([".options", *(f"{key}={number(given)}" for key, given in values.items())])


def measure(result: str, statement: str, analysis: str = "tran") -> str:
    """``.meas`` line, for example ``measure("level", "find v(bl) at=1e-9")``.

    A measurement at exactly the end of an analysis fails in ngspice; end the analysis a little later.
    """
    return f".meas {analysis} {name(result)} {statement}"


def piecewise_linear(points: Iterable[tuple[float, float]]) -> str:
    """``PWL(...)`` source value through (time, value) points.

    Examples
    --------
    >>> piecewise_linear([(0.0, 0.0), (1e-9, 1.0)])
    'PWL(0.0 0.0 1e-09 1.0)'
    """
    return "PWL(" + " ".join(f"{number(time)} {number(value)}" for time, value in points) + ")"

"""Nodes that the digital unit computes by itself: pooling, and the sum of two branches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinpim.errors import InputError
from spinpim.network.quantiser import Affine
from spinpim.network.single_precision import SinglePrecision
from spinpim.network.window import Window

POOLS = ("max", "average")


def check_named(where: str, name: Any, inputs: Any) -> None:
    """Refuse a node whose name or inputs are no texts.

    Raises
    ------
    InputError
        If the name is not a text, or the inputs are not a tuple of texts.
    """
    if not isinstance(name, str) or not name:
        raise InputError(f"{where}: the name must be a text.")
    if not isinstance(inputs, tuple) or not all(isinstance(one, str) for one in inputs):
        raise InputError(f"{where}: inputs must be a tuple of names; got {inputs!r:.60}.")


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    r"""Largest value of each window, or the sum of its values as one line.

    A largest value keeps its code, and nothing beyond the edge of the image is ever the largest. A sum goes
    through ``quantiser``, whose scale contains the number of values.

    Attributes
    ----------
    kind : str
        "max" or "average".
    name : str
        Name for tables and for the ``inputs`` of later nodes.
    window : Window
        Its kernel may be larger than the image only by the margin.
    quantiser : Affine, SinglePrecision or None
        Of an average, one channel each; None for a maximum.
    inputs : tuple of str
        Name of the node that enters, or "image"; empty for the node before.

    Raises
    ------
    InputError
        If the parts do not fit together.
    """

    kind: str
    name: str
    window: Window
    quantiser: Affine | SinglePrecision | None = None
    inputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        where = f"pool {self.name!r}"
        if self.kind not in POOLS:
            raise InputError(f'{where}: kind must be "max" or "average"; got {self.kind!r}.')
        check_named(where, self.name, self.inputs)
        if not isinstance(self.window, Window):
            raise InputError(f"{where}: window must be a Window; got {self.window!r:.60}.")
        if self.quantiser is not None and not isinstance(self.quantiser, Affine | SinglePrecision):
            raise InputError(
                f"{where}: quantiser must be an Affine or SinglePrecision step; got {self.quantiser!r:.60}."
            )
        if (self.quantiser is None) == (self.kind == "average"):
            raise InputError(f"{where}: an average needs a quantiser, and a maximum has none.")
        if self.kind == "average" and any(self.window.padding):
            raise InputError(
                f"{where}: an average has no padding, since windows at the edge would count "
                "otherwise than the others. Pad before, or leave it out."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Add:
    r"""Sum of branches of the same shape.

    .. math:: a = \sum_i f_i x_i

    with the decoded values x of coded branches and the real numbers of others; then ``quantiser``.

    Attributes
    ----------
    name : str
        Name for tables and for the ``inputs`` of later nodes.
    inputs : tuple of str
        Names of the nodes that enter, or "image"; at least two.
    factors : tuple of float
        f of the formula, one per input.
    quantiser : Affine or SinglePrecision
        One channel each.

    Raises
    ------
    InputError
        If the parts do not fit together.
    """

    name: str
    inputs: tuple[str, ...]
    factors: tuple[float, ...]
    quantiser: Affine | SinglePrecision

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        where = f"sum {self.name!r}"
        check_named(where, self.name, self.inputs)
        if not isinstance(self.quantiser, Affine | SinglePrecision):
            raise InputError(
                f"{where}: quantiser must be an Affine or SinglePrecision step; got {self.quantiser!r:.60}."
            )
        sound = isinstance(self.factors, tuple) and all(
            isinstance(factor, int | float | np.number) and math.isfinite(factor) for factor in self.factors
        )
        if not sound:
            raise InputError(f"{where}: factors must be finite numbers; got {self.factors!r:.60}.")
        if len(self.inputs) < 2 or len(self.factors) != len(self.inputs):
            raise InputError(
                f"{where} needs at least two inputs and a factor for each; got {len(self.inputs)} "
                f"inputs and {len(self.factors)} factors."
            )

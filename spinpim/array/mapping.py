"""How a network lies on sub-arrays, and how often each row is written and sensed.

A sub-array of R rows and C columns keeps weight rows and activation rows apart: a stated share of the rows
holds weights. Element k of a dot product lies in column ``k % C`` of column group ``k // C``; the digits of a
filter take one row each, and as many filters as fit share a sub-array (a filter group). Every sub-array of
a layer keeps its own copy of the activation digits that it needs, so a written digit serves all weight rows
of its sub-array and no others. Layers do not share sub-arrays: weights are written once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spinpim.checks import finite, whole
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.network.layers import Layer
    from spinpim.network.model import Network


LARGEST_SIDE = 1 << 20
"""Rows or columns of a sub-array, far beyond any."""


@dataclass(frozen=True, slots=True)
class LayerMapping:
    """A layer on sub-arrays; every count is per image unless it says otherwise.

    Attributes
    ----------
    name : str
        Name of the layer.
    windows, elements, filters : int
        Windows per image, elements K of a dot product, filters of all groups of channels.
    weight_bits, activation_bits : int
        Digits of a weight and of an activation.
    channel_groups : int
        Groups of channels that do not see each other; each lies on sub-arrays of its own.
    corrected : bool
        Whether an all-ones row is sensed for the constant of the weight coding: once per window and
        activation digit, shared by all filters.
    columns, rows : int
        Size of a sub-array.
    weight_rows : int
        Rows of a sub-array kept for weights (with the all-ones row); the others hold activations.
    """

    name: str
    windows: int
    elements: int
    filters: int
    weight_bits: int
    activation_bits: int
    corrected: bool
    rows: int
    columns: int
    weight_rows: int
    channel_groups: int = 1

    @property
    def filters_per_group(self) -> int:
        """Filters whose digits fit in one sub-array, one row left for the all-ones row."""
        return min(self._filters_alike, (self.weight_rows - self.corrected) // self.weight_bits)

    @property
    def filter_groups(self) -> int:
        """Sub-arrays side by side with different filters."""
        return self.channel_groups * self._groups_alike

    @property
    def column_groups(self) -> int:
        """Sub-arrays that share the elements of one dot product."""
        return -(-self.elements // self.columns)

    @property
    def sub_arrays(self) -> int:
        """Sub-arrays of the layer."""
        return self.filter_groups * self.column_groups

    @property
    def windows_held(self) -> int:
        """Windows whose activation digits fit in one sub-array at a time."""
        return (self.rows - self.weight_rows) // self.activation_bits

    @property
    def stored_bits(self) -> int:
        """Digits written when the weights are loaded, the all-ones row included; once, not per image."""
        return self.elements * self._all_rows

    @property
    def stored_rows(self) -> int:
        """Row writes when the weights are loaded; once, not per image."""
        return self.column_groups * self._all_rows

    @property
    def and_operations(self) -> int:
        """Sensed pairs of a weight digit and an activation digit."""
        return self.windows * self.elements * self.filters * self.weight_bits * self.activation_bits

    @property
    def correction_operations(self) -> int:
        """Sensed pairs of the all-ones row and an activation digit."""
        return self.windows * self.elements * self.activation_bits * self.corrected * self.channel_groups

    @property
    def row_activations(self) -> int:
        """Two-row operations over all sub-arrays; each senses the used columns of one sub-array."""
        return self.windows * self.activation_bits * self._all_rows * self.column_groups

    @property
    def serial_row_activations(self) -> int:
        """Two-row operations of the busiest sub-array, one after the other."""
        rows = self.filters_per_group * self.weight_bits + self.corrected
        return self.windows * self.activation_bits * rows

    @property
    def activation_bits_written(self) -> int:
        """Activation digits written, with one copy per filter group."""
        return self.windows * self.elements * self.activation_bits * self.filter_groups

    @property
    def row_writes(self) -> int:
        """Activation rows written over all sub-arrays."""
        return self.windows * self.activation_bits * self.sub_arrays

    @property
    def serial_row_writes(self) -> int:
        """Activation rows written in one sub-array, one after the other."""
        return self.windows * self.activation_bits

    @property
    def reuse(self) -> float:
        """Sensed pairs per written activation digit [1]."""
        return (self.and_operations + self.correction_operations) / self.activation_bits_written

    @property
    def partial_sum_additions(self) -> int:
        """Additions that join the partial sums of the column groups."""
        return self.windows * self.partial_sums * (self.column_groups - 1)

    @property
    def partial_sums(self) -> int:
        """Sums per window: of each filter, and of the all-ones row of each group of channels."""
        return self.filters + self.corrected * self.channel_groups

    @property
    def utilisation(self) -> float:
        """Share of the columns that hold an element [1]."""
        return self.elements / (self.column_groups * self.columns)

    def group_filters(self, group: int) -> tuple[int, int]:
        """First filter of a group and the first one after it."""
        channels, place = divmod(group, self._groups_alike)
        first = channels * self._filters_alike + place * self.filters_per_group
        return first, min(first + self.filters_per_group, (channels + 1) * self._filters_alike)

    def group_channels(self, group: int) -> int:
        """Group of channels that a filter group belongs to."""
        return group // self._groups_alike

    def is_first(self, group: int) -> bool:
        """Whether a filter group is the first of its group of channels: it has the all-ones row."""
        return group % self._groups_alike == 0

    @property
    def _filters_alike(self) -> int:
        """Filters that see the same channels."""
        return self.filters // self.channel_groups

    @property
    def _groups_alike(self) -> int:
        """Filter groups that see the same channels."""
        return -(-self._filters_alike // self.filters_per_group)

    @property
    def _all_rows(self) -> int:
        """Stored rows of one column group, the all-ones rows included."""
        return self.filters * self.weight_bits + self.corrected * self.channel_groups


def map_layer(
    layer: Layer, windows: int, *, rows: int = 256, columns: int = 128, weight_row_fraction: float = 0.5
) -> LayerMapping:
    """Lay one layer on sub-arrays.

    Parameters
    ----------
    layer : Layer
        Gives elements, filters and codings.
    windows : int
        Windows per image.
    rows, columns : int
        Size of a sub-array.
    weight_row_fraction : float
        Share of the rows kept for weights [1], between 0 and 1.

    Raises
    ------
    InputError
        If not even one filter or one window fits in a sub-array.

    Examples
    --------
    >>> from spinpim.network import Network
    >>> network = Network.load("digits_w1a4")
    >>> first = map_layer(network.layers[0], network.positions[0])
    >>> first.and_operations == first.windows * first.elements * first.filters * 4
    True
    """
    whole("windows", windows, 1)
    whole("rows", rows, 1, LARGEST_SIDE)
    whole("columns", columns, 1, LARGEST_SIDE)
    if not finite("weight_row_fraction", weight_row_fraction, above=0.0) < 1.0:
        raise InputError(f"weight_row_fraction must lie between 0 and 1; got {weight_row_fraction!r}.")
    mapping = LayerMapping(
        name=layer.name,
        windows=windows,
        elements=layer.fan_in,
        filters=layer.out_channels,
        weight_bits=layer.weight_coding.bits,
        activation_bits=layer.input_coding.bits,
        corrected=layer.weight_coding.constant != 0,
        rows=rows,
        columns=columns,
        weight_rows=int(rows * weight_row_fraction),
        channel_groups=layer.groups,
    )
    if mapping.filters_per_group < 1 or mapping.windows_held < 1:
        raise InputError(
            f"layer {layer.name!r} needs {mapping.weight_bits + mapping.corrected} weight rows and "
            f"{mapping.activation_bits} activation rows in a sub-array; {mapping.weight_rows} and "
            f"{rows - mapping.weight_rows} of {rows} are there. Use more rows or another weight_row_fraction."
        )
    return mapping


def map_network(
    network: Network, *, rows: int = 256, columns: int = 128, weight_row_fraction: float = 0.5
) -> tuple[LayerMapping, ...]:
    """Lay every layer of a network on sub-arrays of its own; see ``map_layer``."""
    return tuple(
        map_layer(layer, windows, rows=rows, columns=columns, weight_row_fraction=weight_row_fraction)
        for layer, windows in zip(network.layers, network.positions, strict=True)
    )

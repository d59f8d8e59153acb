"""A mapped network as row operations one after the other, with what each takes and what a power cut loses."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spinpim.array.baselines.lines import BaselineCost
from spinpim.array.intermittency.keeping import Keeping, keeping_of
from spinpim.array.ledger import cost, sum_places
from spinpim.array.mapping import LayerMapping
from spinpim.array.model import ArrayModel
from spinpim.checks import finite, instance, instances, whole
from spinpim.errors import InputError
from spinpim.network.checks import IMAGE
from spinpim.network.digital_work import REAL_BITS
from spinpim.network.layers import Layer
from spinpim.network.model import Network

MOST, LARGEST_J, LONGEST_S = 10**15, 1e12, 1e6
"""Of operations or digits, of an energy, of a time: numbers beyond are mistakes."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Operations of a layer, alike, each in all its sub-arrays at once.

    Attributes
    ----------
    name : str
        Name of the layer.
    operations : int
        One after the other, per image.
    energy_J, time_s : float
        Of one, with its share of activation writes, counting, digital unit, buffer, bus and leakage [J], [s].
    operations_per_sum, operations_per_window : int
        After so many, a sum of each filter group is complete and handed on; all sums of a window.
    sum_bits : int
        Digits of the partial sums of all its sub-arrays: lost in a power cut unless they are kept.
    output_bits : int
        Digits that it hands on, all its operations together, before pooling and sums of branches.
    input_bits : int
        Digits of earlier layers of which its input is made; the image waits in its cells.
    """

    name: str
    operations: int
    energy_J: float
    time_s: float
    operations_per_sum: int
    operations_per_window: int
    sum_bits: int
    output_bits: int
    input_bits: int

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("operations", "operations_per_sum", "operations_per_window"):
            whole(name, getattr(self, name), 1, MOST)
        for name in ("sum_bits", "output_bits", "input_bits"):
            whole(name, getattr(self, name), 0, MOST)
        finite("energy_J", self.energy_J, 0.0, LARGEST_J)
        finite("time_s", self.time_s, 0.0, LONGEST_S)

    @property
    def digits_per_operation(self) -> float:
        """Digits that an operation hands on, on average [1]."""
        return self.output_bits / self.operations


@dataclass(frozen=True, slots=True)
class Work:
    """What a machine does for one image, and what it can keep through a power cut.

    Attributes
    ----------
    machine, network : str
        Names.
    phases : tuple of Phase
        Layer after layer.
    keeping : Keeping or None
        Prices of keeping digits in cells; None: the machine keeps nothing.
    wake_J, wake_s : float
        What waking up takes by itself: weights that a cut has lost [J], [s].
    """

    machine: str
    network: str
    phases: tuple[Phase, ...]
    keeping: Keeping | None
    wake_J: float = 0.0
    wake_s: float = 0.0

    def __post_init__(self) -> None:
        """Check what is put together."""
        object.__setattr__(self, "phases", tuple(instances("phases", self.phases, Phase, "Phase(...)")))
        if self.keeping is not None:
            instance("keeping", self.keeping, Keeping, "keeping_of(array), or be None")
        finite("wake_J", self.wake_J, 0.0, LARGEST_J)
        finite("wake_s", self.wake_s, 0.0, LONGEST_S)

    @property
    def image_J(self) -> float:
        """Energy of an image that nothing interrupts [J]."""
        return math.fsum(phase.operations * phase.energy_J for phase in self.phases)

    @property
    def image_s(self) -> float:
        """Time of an image that nothing interrupts [s]."""
        return math.fsum(phase.operations * phase.time_s for phase in self.phases)

    @property
    def mean_power_W(self) -> float:
        """Power while it works [W]."""
        return self.image_J / self.image_s


def work_of(array: ArrayModel, network: Network) -> Work:
    """Lay a network on sub-arrays, layer after layer, as a sequence that a power cut may interrupt.

    Parameters
    ----------
    array : ArrayModel
        Sub-arrays and what surrounds them.
    network : Network
        The workload.

    Raises
    ------
    InputError
        If ``cost`` refuses the network.

    Notes
    -----
    Weights and activations in the cells outlast a power cut. An operation is that of the busiest sub-array;
    the energy of the others, which finish earlier, is spread over it, and so are loads of activation rows.

    Examples
    --------
    >>> import spinpim as sp
    >>> cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    >>> array = sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 1))
    >>> found = work_of(array, sp.Network.load("digits_w1a4"))
    >>> [phase.operations // phase.operations_per_window for phase in found.phases]
    [64, 64, 1]
    """
    priced = cost(array, network)
    sources = sources_of(network)
    phases = []
    for number, (layer, line) in enumerate(zip(network.layers, priced.layers, strict=True)):
        operations = line.mapping.serial_row_activations
        phases.append(
            Phase(
                name=layer.name,
                operations=operations,
                energy_J=line.energy_J / operations,
                time_s=line.latency_s / operations,
                operations_per_sum=line.mapping.weight_bits * line.mapping.activation_bits,
                operations_per_window=operations // line.mapping.windows,
                sum_bits=_sum_bits(line.mapping),
                output_bits=line.mapping.windows * line.mapping.filters * output_digits(layer),
                input_bits=sum(_output_bits(network, name) for name in sources[number]),
            )
        )
    return Work(array.cell.device.name, network.name, tuple(phases), keeping_of(array))


def work_of_baseline(priced: BaselineCost) -> Work:
    """Another accelerator as a sequence that a power cut interrupts; it keeps nothing but weights, if those.

    Parameters
    ----------
    priced : BaselineCost
        From `baseline_cost`.

    Returns
    -------
    Work
        A window of a layer is an operation. Waking up reads weights that were lost from external memory, in
        the time that this takes at the mean power of the machine, since no bandwidth is known.

    Raises
    ------
    InputError
        If weights are lost and the file has no external memory to read them from.

    Examples
    --------
    >>> import spinpim as sp
    >>> from spinpim.array.baselines import baseline_cost
    >>> digits = sp.Network.load("digits_w1a4")
    >>> work_of_baseline(baseline_cost(digits, "reram_bit_serial_45nm")).wake_J
    0.0
    >>> work_of_baseline(baseline_cost(digits, "yodann_65nm")).wake_J > 1e-7
    True
    """
    instance("priced", priced, BaselineCost, "baseline_cost(...)")
    if priced.reload_J is None:
        raise InputError(
            f"{priced.baseline} loses its weights in a power cut, and its file has no external memory to "
            "read them from again; give its section [off_chip]."
        )
    image_J = finite("energy_per_image_J", priced.energy_per_image_J, above=0.0)
    phases = tuple(
        Phase(
            name=layer.name,
            operations=layer.windows,
            energy_J=layer.energy_J / layer.windows,
            time_s=layer.latency_s / layer.windows,
            operations_per_sum=1,
            operations_per_window=1,
            sum_bits=0,
            output_bits=0,
            input_bits=0,
        )
        for layer in priced.layers
    )
    wake_s = priced.reload_J * priced.latency_per_image_s / image_J
    return Work(priced.baseline, priced.network, phases, None, priced.reload_J, wake_s)


def output_digits(layer: Layer) -> int:
    """Digits of a number that a layer hands on; where it is real, those of the dot product it is made of."""
    coding = layer.quantiser.coding
    return REAL_BITS if coding is None else coding.bits


def _output_bits(network: Network, name: str) -> int:
    """Digits of all that a layer hands on."""
    number = next(number for number, layer in enumerate(network.layers) if layer.name == name)
    layer = network.layers[number]
    return network.positions[number] * layer.out_channels * output_digits(layer)


def sources_of(network: Network) -> list[set[str]]:
    """For each layer, the layers whose outputs its input is made of; and last, those of the scores."""
    made: dict[str, set[str]] = {IMAGE: set()}
    found = []
    for number, node in enumerate(network.nodes):
        entering = set().union(*(made[name] for name in network.inputs_of(number)))
        if isinstance(node, Layer):
            found.append(entering)
            made[node.name] = {node.name}
        else:
            made[node.name] = entering
    return [*found, made[network.nodes[-1].name]]


def _sum_bits(mapping: LayerMapping) -> int:
    """Digits of the sums of filters in all sub-arrays, and of the all-ones rows."""
    sums = mapping.sub_arrays + mapping.corrected * mapping.channel_groups * mapping.column_groups
    return sums * sum_places(mapping)

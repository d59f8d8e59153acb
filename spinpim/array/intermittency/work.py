"""A mapped network as row operations one after the other, with what each takes and what a power cut loses."""

from __future__ import annotations

from dataclasses import dataclass

from spinpim.array.ledger import cost, sum_places
from spinpim.array.model import ArrayModel
from spinpim.network.digital_work import digital_work, waiting_bits
from spinpim.network.model import Network


@dataclass(frozen=True, slots=True)
class Phase:
    """Row operations of a layer, alike, each in all its sub-arrays at once.

    Attributes
    ----------
    name : str
        Name of the layer.
    operations : int
        One after the other, per image.
    energy_J, time_s : float
        Of one, with its share of activation writes, counting, digital unit, buffer, bus and leakage [J], [s].
    operations_per_sum : int
        After so many a sum of all digits is complete and handed on.
    sum_bits : int
        Digits of the partial sums of all its sub-arrays: lost in a power cut unless they are kept.
    value_bits : int
        Digits that wait in the buffer meanwhile: lost unless they are kept.
    handed_on_bits : int
        Digits that the layer adds to them, all its operations together.
    """

    name: str
    operations: int
    energy_J: float
    time_s: float
    operations_per_sum: int
    sum_bits: int
    value_bits: int
    handed_on_bits: int

    @property
    def whole_energy_J(self) -> float:
        """Energy of all its operations [J]."""
        return self.operations * self.energy_J

    @property
    def whole_time_s(self) -> float:
        """Time of all its operations [s]."""
        return self.operations * self.time_s


def phases(array: ArrayModel, network: Network) -> tuple[Phase, ...]:
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
    >>> found = phases(array, sp.Network.load("digits_w1a4"))
    >>> [phase.operations_per_sum for phase in found]
    [4, 4, 4]
    """
    priced = cost(array, network)
    return tuple(
        Phase(
            name=layer.name,
            operations=layer.mapping.serial_row_activations,
            energy_J=layer.energy_J / layer.mapping.serial_row_activations,
            time_s=layer.latency_s / layer.mapping.serial_row_activations,
            operations_per_sum=layer.mapping.weight_bits * layer.mapping.activation_bits,
            sum_bits=layer.mapping.sub_arrays * sum_places(layer.mapping),
            value_bits=waiting,
            handed_on_bits=work.kept_bits,
        )
        for layer, waiting, work in zip(
            priced.layers, waiting_bits(network), digital_work(network), strict=True
        )
    )

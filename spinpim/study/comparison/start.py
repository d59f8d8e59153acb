"""From names to a comparison."""

from __future__ import annotations

from collections.abc import Callable

from spinpim.array import ArrayModel
from spinpim.circuit import Cell, SenseAmp
from spinpim.device import Device
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.network import Network
from spinpim.network.architectures import BUILDERS, random_network
from spinpim.params import BaselineFile, load_array, load_baseline, load_claims, shipped_names
from spinpim.study.comparison.compare import Comparison, compare
from spinpim.study.comparison_settings import ComparisonSettings


def networks_of(name: str, bits: str | None) -> list[Network]:
    """The network of a name at each of the digits, or the one that a file holds.

    Parameters
    ----------
    name : str
        Architecture, shipped network, or path of an ``.npz`` file.
    bits : str or None
        Pairs such as "1:1,1:4" for an architecture; None: "1:4".

    Raises
    ------
    InputError
        If the digits are none, or are given for a network that has its own.

    Examples
    --------
    >>> [network.name for network in networks_of("lenet5", "1:1,2:2")]
    ['lenet5_w1a1_random', 'lenet5_w2a2_random']
    """
    if name in BUILDERS:
        pairs = [_pair(text) for text in ("1:4" if bits is None else bits).split(",")]
        # Costs do not depend on the values of weights, so that any will do.
        return [random_network(name, weight_bits=w, activation_bits=a, seed=1) for w, a in pairs]
    if bits is not None:
        raise InputError(
            f"the network {name!r} has its own digits; leave out bits (--bits), or name an architecture: "
            f"{', '.join(BUILDERS)}."
        )
    try:
        return [Network.load(name)]
    except InputError as mistake:
        raise InputError(f"{mistake} Architectures: {', '.join(BUILDERS)}.") from None


def comparison_of(
    settings: ComparisonSettings, progress: Callable[[str], None] = lambda stage: None
) -> Comparison:
    """Compare what the settings name; see `compare`.

    Raises
    ------
    InputError
        For every mistake in names, files and numbers.
    """
    cell = Cell.load(settings.cell, device=Device.load(settings.device))
    array = ArrayModel(
        cell,
        SenseAmp.load(settings.amplifier),
        # Costs do not depend on how often a write fails.
        write=Estimate.from_counts(0, 1),
        technology=load_array(settings.array),
    )
    names = settings.baselines or shipped_names(BaselineFile)
    return compare(
        networks_of(settings.network, settings.bits),
        array,
        [load_baseline(name) for name in names],
        load_claims(settings.claims),
        area_m2=settings.area_m2,
        capacity_bits=settings.capacity_bits,
        progress=progress,
    )


def _pair(text: str) -> tuple[int, int]:
    parts = text.strip().split(":")
    if len(parts) != 2 or not all(len(part) == 1 and part in "12345678" for part in parts):
        raise InputError(
            "bits (--bits) are digits of weights and activations from 1 to 8, such as 1:1,1:4; instead "
            f"received {text!r:.40}."
        )
    return int(parts[0]), int(parts[1])

"""How often a mapped layer is sensed, the accesses of its protection included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spinpim.array.protection import Parity, Protection, check_protection, words_of
from spinpim.checks import finite
from spinpim.errors import InputError

if TYPE_CHECKING:
    from spinpim.array.mapping import LayerMapping


@dataclass(frozen=True, slots=True)
class SensingWork:
    """Sensing of a layer per image; means where words are sensed again.

    Attributes
    ----------
    row_operations : float
        Two-row operations over all sub-arrays.
    column_accesses : float
        Columns sensed in them, check columns included.
    serial_row_operations : float
        Two-row operations of the busiest sub-array, one after the other.
    disturbed_pairs : float
        Pairs of a weight cell and an activation cell that are read.
    """

    row_operations: float
    column_accesses: float
    serial_row_operations: float
    disturbed_pairs: float


def sensing_work(
    mapping: LayerMapping, protection: Protection | None = None, rereads_per_word: float = 0.0
) -> SensingWork:
    """Sensing of a layer under a protection.

    Parameters
    ----------
    mapping : LayerMapping
        The layer.
    protection : Majority, Parity, SingleCorrection or None
        Of the sensed answers.
    rereads_per_word : float
        How often a word is sensed again on average [1].

    Notes
    -----
    Each word that is sensed again takes a row operation of its own, also where two words of a sub-array could
    share one: an upper estimate. Words of any length are sensed again equally often.

    Examples
    --------
    >>> from spinpim.array.mapping import map_network
    >>> from spinpim.array.protection import Majority
    >>> from spinpim.network import Network
    >>> first = map_network(Network.load("digits_w1a4"))[0]
    >>> sensing_work(first, Majority()).row_operations == 3 * first.row_activations
    True
    """
    pairs = mapping.and_operations + mapping.correction_operations
    if protection is None or not protection.word:
        accesses = 1 if protection is None else protection.accesses
        return SensingWork(
            accesses * mapping.row_activations,
            accesses * pairs,
            accesses * mapping.serial_row_activations,
            accesses * pairs,
        )
    words = len(words_of(mapping.elements, mapping.columns, protection.word))
    in_one = -(-min(mapping.elements, mapping.columns) // protection.word)
    sensed = mapping.row_activations // mapping.column_groups * words
    again = rereads_per_word * sensed
    pairs_again = again * mapping.elements / words
    return SensingWork(
        mapping.row_activations + again,
        pairs + pairs_again + protection.check_columns * (sensed + again),
        mapping.serial_row_activations * (1.0 + rereads_per_word * in_one),
        pairs + pairs_again,
    )


def checked_rereads(protection: Protection | None, rereads_per_word: float | None) -> float:
    """Rereads of a parity; none of anything else.

    Raises
    ------
    InputError
        If they are missing, out of range, or given for another protection.
    """
    check_protection(protection)
    if not isinstance(protection, Parity):
        if rereads_per_word is not None:
            raise InputError(
                "rereads_per_word belongs to a Parity(...); leave it out or give that protection."
            )
        return 0.0
    if rereads_per_word is None:
        raise InputError(
            "a Parity needs rereads_per_word, from Run.rereads_per_word or from Parity.rereads_per_word(...)."
        )
    return finite("rereads_per_word", rereads_per_word, 0.0, float(protection.rereads))

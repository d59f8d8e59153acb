"""What goes wrong on the chips of a run, and what protects them, from its settings."""

from __future__ import annotations

from spinpim.array import (
    ArrayModel,
    Cost,
    Faults,
    Majority,
    Parity,
    Run,
    SingleCorrection,
    StateLoss,
    StuckCells,
    cost,
)
from spinpim.array.protection import Protection
from spinpim.network import Network
from spinpim.study.settings import ChainSettings


def protection_of(settings: ChainSettings) -> Protection | None:
    """Protection of the sensed answers.

    Examples
    --------
    >>> protection_of(ChainSettings(protection="parity", word=16))
    Parity(word=16, rereads=1)
    """
    words = {} if settings.word is None else {"word": settings.word}
    if settings.protection == "majority":
        return Majority()
    if settings.protection == "parity":
        return Parity(**words)
    if settings.protection == "single-correction":
        return SingleCorrection(**words)
    return None


def faults_of(settings: ChainSettings, array: ArrayModel) -> Faults:
    """Errors of an array, with stuck cells and with digits lost by its reads as far as they are asked for."""
    loss = StateLoss()
    if settings.images_before is not None:
        disturb = array.sensing.read_disturb_probability
        loss = StateLoss(per_access=disturb, images_before=settings.images_before)
    return Faults.of(array, stuck=StuckCells(settings.stuck_at_0, settings.stuck_at_1), loss=loss)


def cost_of(array: ArrayModel, network: Network, run: Run) -> Cost:
    """Cost with the protection of a run, words sensed again as often as on its chips."""
    again = float(run.rereads_per_word.mean()) if isinstance(run.protection, Parity) else None
    return cost(array, network, run.protection, rereads_per_word=again)

"""What is asked for reaches the chips of both amplifiers and the cost."""

import pytest

from spinpim.array import Majority, Parity, SingleCorrection, cost
from spinpim.estimate import Estimate
from spinpim.study import chain
from spinpim.study.settings import ChainSettings


@pytest.fixture
def quick(monkeypatch):
    """The chain without its simulations of the device."""
    monkeypatch.setattr(chain, "simulate", lambda *arguments, **more: None)
    monkeypatch.setattr(chain, "_switching_table", lambda *arguments: None)
    monkeypatch.setattr(chain, "_write_error", lambda *arguments: Estimate.from_counts(0, 10**6))


@pytest.mark.parametrize(
    ("options", "protection"),
    [
        ({}, None),
        ({"protection": "majority"}, Majority()),
        ({"protection": "parity"}, Parity()),
        ({"protection": "parity", "word": 16}, Parity(16)),
        ({"protection": "single-correction"}, SingleCorrection()),
    ],
)
def test_the_protection_reaches_the_chips_and_the_cost(quick, options, protection):
    result = chain.run_chain(ChainSettings(images=4, chips=2, **options))
    for part in (result.chosen, result.minimum):
        assert part.run.protection == protection
        assert part.run.images == 4
    rereads = result.chosen.run.rereads_per_word.mean() if isinstance(protection, Parity) else None
    wanted = cost(result.chosen.array, result.network, protection, rereads_per_word=rereads)
    assert result.cost.energy_per_image_J == wanted.energy_per_image_J


def test_stuck_cells_and_lost_digits_reach_the_chips(quick):
    options = {"images": 4, "chips": 2, "workers": 1}
    plain = chain.run_chain(ChainSettings(**options))
    worn = chain.run_chain(ChainSettings(stuck_at_0=0.01, images_before=2**53, **options))
    other = chain.run_chain(ChainSettings(stuck_at_1=0.01, **options))
    for part in ("chosen", "minimum"):
        ran = [getattr(result, part).run for result in (plain, worn, other)]
        assert [bool(run.stuck_cells.all()) for run in ran] == [False, True, True]
        assert [bool(run.lost_digits.any()) for run in ran] == [False, True, False]
    assert not plain.chosen.run.stuck_cells.any()

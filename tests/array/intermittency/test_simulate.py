"""A network on harvested power: what each policy keeps, the closed form for periodic supplies, refusals."""

import math

import numpy as np
import pytest
from nearly import near

import spinpim as sp
from spinpim.array import cost
from spinpim.array.intermittency import Policy, Storage, Trace, intermittent, square
from spinpim.array.intermittency.engine import COUNTERS, run
from spinpim.array.intermittency.policies import KINDS, MARKER_BITS
from spinpim.array.intermittency.work import phases
from spinpim.errors import InputError

ALL = [Policy(kind, every=50 if kind == "operations" else 0) for kind in KINDS]


@pytest.fixture(scope="module")
def array():
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    return sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 1))


@pytest.fixture(scope="module")
def digits():
    return sp.Network.load("digits_w1a4")


@pytest.mark.parametrize("setting", range(100))
def test_periodic_supplies_make_the_progress_of_the_closed_form(setting):
    """The model of J. San Miguel et al., MICRO 2018, with half an interval lost at each cut on average."""
    rng = np.random.default_rng(setting)
    operation_J = rng.uniform(0.5, 2.0) * 1e-3
    every = int(rng.integers(2, 20))
    save_J = rng.uniform(0.05, 3.0) * operation_J * every
    restore_J = rng.uniform(0.0, 5.0) * operation_J
    period_J = rng.uniform(200.0, 400.0) * every * operation_J + restore_J
    share = rng.uniform(0.0, 0.6)
    source_W = rng.uniform(0.01, 0.1)
    # All energies of work are drawn at one power, of which the source delivers a share meanwhile.
    load_W = source_W / share if share > 0.05 else 1e6 * source_W
    share = source_W / load_W
    store = np.array([1.0 + period_J, 1.0, 1e9, math.inf, 1.0, 1.0])
    found, _ = run(
        np.array([0.0, 1e9]),
        np.array([source_W]),
        store,
        np.array([10**9]),
        np.array([operation_J]),
        np.array([operation_J / load_W]),
        np.array([every]),
        np.array([save_J]),
        np.array([save_J / load_W]),
        np.array([0.0, 0.0, restore_J, restore_J / load_W]),
        400.0 * period_J / source_W,
        1,
    )
    by_name = dict(zip(COUNTERS, found, strict=True))
    periods = by_name["cuts"]
    assert periods > 100
    kept = by_name["operation_J"] - by_name["lost_J"]
    measured = kept / (periods * period_J)
    # Energies net of what comes in while they are spent.
    net, dead = 1.0 - share, 0.5 * operation_J * every * (1.0 - share)
    # A cut during a save loses a whole interval and the part of the save.
    cut_in_save = save_J / (save_J + operation_J * every)
    dead = (1.0 - cut_in_save) * dead + cut_in_save * net * (operation_J * every + 0.5 * save_J)
    progress = (1.0 - dead / period_J - restore_J * net / period_J) / (
        (1.0 + save_J / (operation_J * every)) * net
    )
    assert measured == near(progress, rel=0.01)


@pytest.mark.parametrize("policy", ALL, ids=str)
def test_plenty_of_power_gives_the_time_of_the_ledger_and_no_cuts(array, digits, policy):
    store = Storage(1e-3, on_V=2.0, off_V=1.0)
    supply = Trace("strong", [0.0, 1.0], [1.0])
    found = intermittent(array, digits, supply, store, policy, duration_s=1.0, images=20)
    priced = cost(array, digits)
    assert found.images == 20
    assert found.cuts == found.operations_lost == 0
    assert found.operation_J == near(20 * priced.energy_per_image_J, rel=1e-9)
    saving = policy.saving(phases(array, digits), array)
    counts = [
        phase.operations / step if step else 0
        for phase, step in zip(phases(array, digits), saving.every, strict=True)
    ]
    assert found.saves == 20 * sum(math.ceil(count) for count in counts)
    expected = sum(
        math.ceil(count) * float(each) for count, each in zip(counts, saving.energy_J, strict=True)
    )
    assert found.save_J == near(20 * expected, rel=1e-9)
    assert found.forward_progress == near(found.operation_J / found.spent_J)


def test_energy_is_never_made(array, digits):
    store = Storage(2e-7, on_V=2.0, off_V=1.8, charging_efficiency=0.7, supplying_efficiency=0.8)
    supply = square(2e-4, period_s=0.02, duty=0.4)
    for policy in ALL:
        found = intermittent(array, digits, supply, store, policy, duration_s=0.5)
        assert found.spent_J <= 0.7 * 0.8 * found.harvested_J
        assert found.cuts > 3
        assert found.on_s + found.off_s == near(0.5, rel=1e-3)
        assert found.operations_lost <= found.operations
        assert 0.0 <= found.forward_progress <= 1.0


def test_what_does_not_fit_in_a_charge_needs_a_policy(array, digits):
    # A charge pays for a fifth of an image.
    image_J = cost(array, digits).energy_per_image_J
    store = Storage(0.2 * image_J / (0.5 * (4.0 - 3.24)), on_V=2.0, off_V=1.8)
    supply = square(1e-5, period_s=0.1, duty=0.5)
    found = {
        policy.kind: intermittent(array, digits, supply, store, policy, duration_s=2.0) for policy in ALL
    }
    assert found["volatile"].images == 0
    assert found["volatile"].repeated_share == 1.0
    assert found["operations"].images > 0
    assert found["sums"].images > 0
    assert found["additions"].operations_lost < found["sums"].operations_lost
    # Sums that are kept at each addition cost many times what they are worth.
    assert found["additions"].save_J / found["additions"].images > 3.0 * (
        found["sums"].save_J / found["sums"].images
    )
    assert found["additions"].forward_progress < found["operations"].forward_progress


def test_what_is_at_risk_falls_from_policy_to_policy(array, digits):
    steps = phases(array, digits)
    risks = {policy.kind: policy.at_risk_bits(steps) for policy in ALL}
    assert risks["volatile"] > risks["layers"] > risks["operations"] > risks["additions"]
    assert risks["volatile"] == max(step.sum_bits + step.value_bits for step in steps)


def test_a_save_writes_what_is_new_and_a_marker(array, digits):
    steps = phases(array, digits)
    prices = array.prices()
    saving = Policy("layers").saving(steps, array)
    for step, energy, time in zip(steps, saving.energy_J, saving.time_s, strict=True):
        bits = step.handed_on_bits + MARKER_BITS
        rows = math.ceil(bits / array.columns)
        assert energy == near(bits * prices.write_energy_J + rows * prices.row_write_select_J)
        assert time == near(rows * prices.row_write_s)
    volatile = Policy().saving(steps, array)
    assert volatile.every.tolist() == [0, 0, 0]
    assert np.all(volatile.energy_J == 0.0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"duration_s": 0.0}, "duration_s"),
        ({"images": 0}, "images"),
        ({"wake_J": -1.0}, "wake_J"),
        ({"policy": "layers"}, "policy must come from Policy"),
        ({"trace": [1.0]}, "trace must come from"),
        ({"storage": Storage(1e-15, on_V=2.0, off_V=1.8)}, "the store holds .* one operation of layer"),
        ({"wake_J": 1.0, "wake_s": 1e-3}, "the store holds"),
        ({"wake_J": 1e-9}, "in no time"),
    ],
)
def test_a_mistake_is_told(array, digits, changes, sentence):
    given = {
        "array": array,
        "network": digits,
        "trace": square(1e-4, period_s=0.1, duty=0.5),
        "storage": Storage(1e-6, on_V=2.0, off_V=1.8),
        "policy": Policy(),
        "duration_s": 1.0,
    } | changes
    with pytest.raises(InputError, match=sentence):
        intermittent(
            given.pop("array"), given.pop("network"), given.pop("trace"), given.pop("storage"), **given
        )


@pytest.mark.parametrize(
    ("kind", "every", "sentence"),
    [("never", 0, "kind must be one of"), ("operations", 0, "every"), ("layers", 3, "every belongs to")],
)
def test_an_impossible_policy_is_refused(kind, every, sentence):
    with pytest.raises(InputError, match=sentence):
        Policy(kind, every)

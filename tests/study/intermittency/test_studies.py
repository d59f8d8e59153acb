"""Supplies by name, machines side by side, when keeping sums pays, and the map of the best policies."""

import dataclasses
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from nearly import near

import spinpim as sp
from spinpim.array.baselines import baseline_cost
from spinpim.array.intermittency import (
    Policy,
    Storage,
    Trace,
    intermittent,
    square,
    work_of,
    work_of_baseline,
)
from spinpim.array.intermittency.kinds import WARNED
from spinpim.errors import InputError
from spinpim.study.intermittency import (
    break_even,
    policy_map,
    retention_curve,
    survey,
    survey_of,
    trace_of,
)
from spinpim.study.intermittency.break_even import PERIODIC, BreakEven, needed_J, progress_of
from spinpim.study.intermittency_settings import IntermittentSettings, as_typed

break_even_module = sys.modules["spinpim.study.intermittency.break_even"]


@pytest.fixture(scope="module")
def digits():
    return sp.Network.load("digits_w1a4")


@pytest.fixture(scope="module")
def work(digits):
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    rare = sp.Estimate.from_counts(0, 10**12)
    return work_of(sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=rare), digits)


def test_a_law_is_built_from_its_numbers():
    named = trace_of("square:power_W=1e-3,period_s=0.2,duty=0.25", seed=1)
    direct = square(1e-3, period_s=0.2, duty=0.25)
    assert np.array_equal(named.edges_s, direct.edges_s)
    assert np.array_equal(named.power_W, direct.power_W)
    text = "on_off:power_W=1e-3,mean_on_s=0.1,mean_off_s=0.1,duration_s=5"
    first, again, other = (trace_of(text, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.edges_s, again.edges_s)
    assert not np.array_equal(first.edges_s[:3], other.edges_s[:3])
    assert trace_of("diurnal:peak_W=1e-3,step_s=600,days=2", seed=1).duration_s == 2 * 86400.0


def test_recordings_that_do_not_say_what_they_hold_take_the_columns_given(tmp_path):
    path = tmp_path / "volts.txt"
    path.write_text("0\t3.0\n1\t1.5\n2\t0.0\n")
    trace = trace_of(str(path), seed=1, columns="ms V", load_ohm=1e3)
    assert trace.power_W.tolist() == [9e-3, 2.25e-3, 0.0]
    named = tmp_path / "power.csv"
    named.write_text("s,mW\n0,1\n1,2\n")
    assert trace_of(str(named), seed=1, columns="ms V", load_ohm=1e3).power_W.tolist() == [1e-3, 2e-3]


def test_columns_given_for_one_recording_hide_no_mistake_of_another(tmp_path):
    negative = tmp_path / "negative.csv"
    negative.write_text("s mW\n0 1\n1 -2\n2 3\n")
    with pytest.raises(InputError, match="negative power"):
        trace_of(str(negative), seed=1, columns="ms V", load_ohm=3e4)
    broken = tmp_path / "broken.h5"
    broken.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(InputError, match="no recording of power"):
        trace_of(str(broken), seed=1, columns="ms V", load_ohm=3e4)
    volts = tmp_path / "volts.csv"
    volts.write_text("ms V\n0 1\n1 2\n")
    assert trace_of(str(volts), seed=1, load_ohm=1e3).power_W.tolist() == [1e-3, 4e-3]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("square", r"period_s=.*missing"),
        ("square:power_W=1", "period_s, duty is missing"),
        ("square:power_W=1,period_s=1,duty=1,colour=3", "'colour=3' is none of it"),
        ("square:power_W=1,power_W=2,period_s=1,duty=1", "'power_W=2' is none of it"),
        ("square:power_W=x,period_s=1,duty=1", "power_W must be a number"),
        ("square:power_W=-1,period_s=1,duty=1", "power_W"),
        ("on_off:power_W=1,mean_on_s=1,mean_off_s=1,duration_s=1,seed=4", "'seed=4' is none of it"),
        ("nowhere.csv", "cannot be read"),
    ],
)
def test_a_mistake_in_a_supply_is_told(text, sentence):
    with pytest.raises(InputError, match=sentence):
        trace_of(text, seed=1)


def test_a_survey_holds_what_each_run_gives(work, digits):
    other = work_of_baseline(baseline_cost(digits, "yodann_65nm"))
    supply = square(1e-4, period_s=0.1, duty=0.5)
    stores = [Storage(size, on_V=2.0, off_V=1.8) for size in (1e-9, 1e-6, 1e-5)]
    policies = [Policy(), Policy("windows")]
    found = survey(work, [other], [supply], stores, policies, duration_s=3.0)
    assert len(found.outcomes) == 3 * 3
    direct = intermittent(work, supply, stores[1], policies[1], duration_s=3.0)
    one = next(one for one in found.under("square", 1e-6) if one.policy == policies[1])
    assert one.result.images == direct.images > 0
    assert 0.0 < one.first_image_s < 3.0
    assert len(one.result.events) >= 2 * one.result.cuts
    refused = [one for one in found.under("square", 1e-9) if one.result is None]
    assert {one.machine for one in refused} >= {"yodann_65nm"}
    assert all("the store holds" in one.refusal for one in refused)
    best = found.best("square", 1e-6)
    assert best.result.images_per_J == max(
        one.result.images_per_J
        for one in found.under("square", 1e-6)
        if one.result and one.machine == work.machine
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"policies": []}, "policies is empty"),
        ({"policies": ["volatile"]}, r"policies\[0\] must come from Policy"),
        ({"policies": Policy()}, "policies must be a list"),
        ({"traces": "square"}, "traces must be a list"),
        ({"storages": [1e-6]}, r"storages\[0\] must come from Storage"),
        ({"memory": None}, "memory must come from work_of"),
        ({"others": ["yodann_65nm"]}, r"others\[0\] must come from work_of_baseline"),
        ({"others": 3}, "others must be a list"),
    ],
)
def test_a_survey_of_other_things_is_refused(work, changes, sentence):
    given = {
        "memory": work,
        "others": [],
        "traces": [square(1.0, period_s=1.0, duty=1.0)],
        "storages": [Storage(1e-6, 2.0, 1.0)],
        "policies": [Policy()],
    } | changes
    with pytest.raises(InputError, match=sentence):
        survey(*given.values(), duration_s=1.0)


def test_studies_of_other_things_are_refused(work, curves):
    storage = Storage(1e-6, 2.0, 1.0)
    axes = {"mean_power_W": 1e-3, "failure_rate_Hz": 1.0, "capacitance_F": 1e-6}
    with pytest.raises(InputError, match=r"policies\[1\] must come from"):
        policy_map(work, [Policy(), "windows"], storage=storage, **axes)
    with pytest.raises(InputError, match="policies must be a list"):
        retention_curve(work, None, period_J=1e-6, source_W=1e-3, retention_s=1.0)
    with pytest.raises(InputError, match="policies must be a list"):
        break_even(work, 1e-6, 1.0, policies="volatile")
    with pytest.raises(InputError, match="checks must be one of"):
        break_even(work, 1e-6, 1.0, checks="never")
    for wrong in ({"policy": "layers:1"}, {"policy": "additions", "among": ["layers:1"]}):
        with pytest.raises(InputError, match="must be one of volatile"):
            curves.leads(**wrong)
    with pytest.raises(InputError, match="among is empty"):
        curves.leads("additions", among=[])
    with pytest.raises(InputError, match="no other policy"):
        curves.leads("additions", among=["additions"])


def test_axes_of_break_even_rise_and_may_begin_with_writes_for_nothing(work):
    for axes in (([1e-5, 1e-8], [1.0]), ([1e-6], [1.0, 0.5])):
        with pytest.raises(InputError, match="must rise"):
            break_even(work, *axes)
    free = BreakEven(
        ("own", "other"), np.array([1.0]), np.array([0.0, 2.0]), np.array([[[0.9, 0.4]], [[0.6, 0.8]]])
    )
    # The ratio falls from 1.5 to 0.5 on the way.
    assert free.write_at_break_even_J("own").tolist() == [1.0]
    decade = BreakEven(
        ("own", "other"), np.array([1.0]), np.array([1.0, 10.0]), np.array([[[1.0, 0.5]], [[0.5, 1.0]]])
    )
    assert decade.write_at_break_even_J("own").tolist() == near([10.0 ** (1.0 / 1.5)])
    always = BreakEven(
        ("own", "other"), np.array([1.0]), np.array([1.0, 10.0]), np.array([[[1.0, 0.9]], [[0.5, 0.8]]])
    )
    assert always.write_at_break_even_J("own").tolist() == [np.inf]
    never = BreakEven(("own", "other"), np.array([1.0]), np.array([1.0, 10.0]), np.zeros((2, 1, 2)))
    assert never.write_at_break_even_J("own").tolist() == [0.0]


def test_progress_is_the_mean_over_charges_around_one(work, monkeypatch):
    asked = []

    def alike(work, policy, charge_J):
        asked.append(charge_J)
        return SimpleNamespace(forward_progress=charge_J * 1e6)

    monkeypatch.setattr(break_even_module, "on_equal_charges", alike)
    assert progress_of(work, Policy("additions"), 1e-6) == near(np.mean(break_even_module.SPREAD))
    assert np.array(asked) == near(1e-6 * np.array(break_even_module.SPREAD))


def test_sentences_name_the_options_of_the_command_line():
    assert as_typed("off_V, on_V and highest_V must rise: my.toml:write.duration_s") == (
        "--off, --on and --highest must rise: my.toml:write.duration_s"
    )


@pytest.fixture(scope="module")
def curves(work):
    return break_even(
        work, np.logspace(-9.0, -5.0, 9), [1e-4, 1e-3, 1e-2, 0.1, 1.0], policies=(*PERIODIC, *WARNED)
    )


def test_progress_falls_as_writes_get_dearer(curves):
    for place, name in enumerate(curves.policies):
        if name in ("balanced", "windows:1", "volatile"):
            continue  # whole intervals end with the charge or not, whatever a write costs
        assert np.all(np.diff(curves.progress[place], axis=1) <= 0.01), name


def test_sums_kept_at_each_addition_lead_only_for_short_charges_and_cheap_writes(curves, work):
    limits = curves.write_at_break_even_J("additions", among=PERIODIC)
    # Where a charge pays for some operations alone, cheap writes make it the best of those not warned.
    assert limits.max() > curves.write_J[0]
    # At the write of this device it leads nowhere.
    own = curves.leads("additions")[:, -1]
    assert np.all(own < 1.0)
    assert np.all(limits < work.keeping.write_J)
    # The longer the charge, the cheaper a write has to be.
    positive = limits[limits > 0.0]
    assert np.all(np.diff(positive) < 0.0)


def test_the_limit_lies_where_progress_is_equal(curves, work):
    limits = curves.write_at_break_even_J("additions", among=PERIODIC)
    place = int(np.argmax(limits > 0.0)) + 1
    limit = float(limits[place])
    assert limit > 0.0
    period = float(curves.period_J[place])
    for factor, leads in ((0.3, True), (3.0, False)):
        keeping = dataclasses.replace(work.keeping, write_J=factor * limit, write_error=0.0, loss_Hz=0.0)
        changed = dataclasses.replace(work, keeping=keeping)
        own = progress_of(changed, Policy("additions"), period)
        others = max(progress_of(changed, Policy.parse(name), period) for name in PERIODIC[:-1])
        assert (own > others) == leads


@pytest.mark.parametrize(
    "name", ["volatile", "images:3", "layers:1", "windows:1", "operations:5", "additions", "threshold"]
)
def test_below_what_is_needed_nothing_is_ever_done(work, name):
    policy = Policy.parse(name)
    needed = 1e-6
    for _ in range(30):  # what a threshold leaves for waiting digits follows from the charge
        needed = needed_J(work, policy, needed)
    supply = Trace("steady", [0.0, 1.0], [1e-4 * work.mean_power_W])
    images = []
    for factor in (0.97, 1.1):
        store = Storage(2.0 * factor * needed / 3.0, on_V=2.0, off_V=1.0)
        try:
            found = intermittent(work, supply, store, policy, duration_s=60.0 * work.image_s * 1e4, images=1)
            images.append(found.images)
        except InputError:
            images.append(0)
    assert images[0] == 0
    assert images[1] > 0


def test_cells_that_forget_before_power_returns_make_keeping_useless(work):
    policies = [Policy("windows"), Policy("flip_flops")]
    period = 0.2 * work.image_J
    found = retention_curve(work, policies, period_J=period, source_W=1e-5, retention_s=[1e-3, 1e3, 1e6, 1e9])
    assert found.off_s == near(period / 1e-5)
    assert np.all(found.progress[:, 0] < 0.3)
    assert np.all(found.progress[:, -1] > 0.9)
    assert np.all(np.diff(found.progress, axis=1) >= -0.02)


def test_the_map_names_the_policy_that_keeps_most(work):
    storage = Storage(1e-6, on_V=2.0, off_V=1.8)
    policies = [Policy(), Policy("windows"), Policy("additions"), Policy("flip_flops")]
    found = policy_map(
        work,
        policies,
        mean_power_W=[1e-5, 1e-3],
        failure_rate_Hz=[10.0],
        capacitance_F=[3e-7, 1e-4],
        storage=storage,
    )
    assert found.kept.shape == (4, 2, 1, 2)
    assert np.all((found.kept >= 0.0) & (found.kept <= 1.0))
    # A small capacitor cannot pay for an image; a large one does so many times.
    assert np.all(found.kept[0, :, :, 0] < 1e-3)
    assert np.all(found.kept[0, :, :, 1] > 0.5)
    assert np.all(found.best[:, :, 0] != 0)
    assert np.all(found.kept[2] <= found.kept[1] + 1e-9)


def test_settings_are_a_command_that_gives_the_same(tmp_path):
    settings = IntermittentSettings(
        network="digits_w1a4",
        traces=("square:power_W=1e-4,period_s=0.1,duty=0.5",),
        policies=("volatile", "windows:2"),
        capacitances_F=(1e-6,),
        duration_s=1.0,
        write_error=1e-6,
    )
    words = settings.command()
    for part in ("--policy windows:2", "--capacitor 1e-06", "--write-error 1e-06", "--duration 1.0"):
        assert part in words
    found = survey_of(settings)
    assert found.array.write.conservative == 1e-6
    assert [str(one.policy) for one in found.survey.outcomes] == ["volatile", "windows:2"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"policies": ("sometimes",)}, "kind must be one of"),
        ({"write_error": 2.0}, "write_error"),
        ({"bits": "1:1,1:2", "network": "lenet5"}, "one pair"),
        ({"traces": ("square:power_W=1,period_s=1,duty=1",) * 2}, "same thing twice"),
        ({"capacitances_F": (1e-6, 1e-6)}, "same thing twice"),
        ({"columns": "foo"}, "columns"),
        ({"load_ohm": math.nan}, "load_ohm"),
        ({"leakage_ohm": math.inf}, "leakage_ohm"),
        ({"duration_s": math.nan}, "duration_s"),
        ({"scale": 0.0}, "factor"),
        ({"baselines": ("nobody",)}, "nobody"),
        ({"on_V": 1.0}, "must rise"),
    ],
)
def test_a_mistake_in_the_settings_is_told(changes, sentence):
    given = {"network": "digits_w1a4", "write_error": 1e-6} | changes
    with pytest.raises(InputError, match=sentence):
        survey_of(IntermittentSettings(**given))

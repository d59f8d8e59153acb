"""Search for the write pulse of least energy: limits, target, front, refusals."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim import Device
from spinpim.device.energy import write_energy
from spinpim.device.failure import optimise, write_search
from spinpim.device.failure.optimise import optimise_write, pareto_front
from spinpim.device.failure.write_error import write_error_rate
from spinpim.device.failure.write_objective import WritePoint
from spinpim.device.pulse import WriteSettings
from spinpim.errors import InputError
from spinpim.estimate import Estimate

DEVICE = Device.load("perpendicular_memory_60nm")
LIMITS = {"seed": 1, "supply_voltage_V": 1.0, "highest_mtj_voltage_V": 0.5, "longest_s": 4e-9, "to": "AP"}
HIGHEST_A = 1.0 / DEVICE.channel_resistance_ohm
THRESHOLD_A = 0.3 * HIGHEST_A
CHARGE_PER_E_FOLD = THRESHOLD_A * 0.05e-9


def stub_error(settings: WriteSettings) -> float:
    """Failures that fall with the charge beyond a threshold current, as in a rotation against damping."""
    beyond = max(0.0, settings.sot_current_A - THRESHOLD_A)
    return math.exp(-beyond * settings.width_s / CHARGE_PER_E_FOLD)


def stub_weigh(shared, settings: WriteSettings) -> WritePoint:
    width, rise, fall = settings.width_s, settings.rise_time_s, settings.fall_time_s
    charge = settings.sot_current_A * (width + 0.5 * (rise + fall))
    charge += 0.2 * HIGHEST_A * settings.mtj_voltage_V * (width + settings.mtj_extra_time_s)
    time_s = rise + width + fall + settings.mtj_extra_time_s
    return WritePoint(settings, shared.supply_voltage_V * charge, time_s, stub_error(settings))


@dataclasses.dataclass
class StubShared:
    device: Device
    supply_voltage_V: float


@pytest.fixture
def stubbed(monkeypatch):
    """Search with analytic figures; ``bias`` is the truth over what the search believes."""

    def install(bias: float = 1.0) -> None:
        def check(device, **_):
            value = min(1.0, bias * stub_error(device.write))
            return Estimate(value, 0.9 * value, min(1.0, 1.1 * value), "splitting", 1, "", 0, 0.95)

        monkeypatch.setattr(write_search, "weigh", stub_weigh)
        monkeypatch.setattr(write_search, "supply_energy_J", lambda *pair: stub_weigh(*pair).energy_J)
        monkeypatch.setattr(optimise, "write_error_rate", check)
        monkeypatch.setattr(
            optimise, "objective", lambda device, targets, supply, *_: StubShared(device, supply)
        )

    return install


def least_stub_energy_J(target: float) -> float:
    """Brute force over current: the width follows from the error rate, edges are fastest, no assist."""
    current = np.linspace(1.0001 * THRESHOLD_A, HIGHEST_A, 100_000)
    width = np.maximum(5e-11, -math.log(target) * CHARGE_PER_E_FOLD / (current - THRESHOLD_A))
    energy = current * (width + 5e-11)
    return float(energy[width <= 3.9e-9].min())


@pytest.mark.parametrize("target", [0.1, 1e-6])
def test_the_known_optimum_of_an_analytic_error_rate_is_found_to_three_percent(stubbed, target):
    stubbed()
    best = optimise_write(DEVICE, target, **LIMITS)
    found = stub_weigh(StubShared(DEVICE, 1.0), best.settings).energy_J
    assert 0.999 < found / least_stub_energy_J(stub_error(best.settings)) < 1.03
    assert 0.7 * target <= best.error.high <= target


@pytest.mark.parametrize("bias", [0.2, 4.0])
def test_the_target_is_met_though_the_search_misjudges_the_error(stubbed, bias):
    stubbed(bias)
    best = optimise_write(DEVICE, 1e-4, **LIMITS)
    assert best.error.high <= 1e-4
    found = stub_weigh(StubShared(DEVICE, 1.0), best.settings).energy_J
    assert 0.999 < found / least_stub_energy_J(stub_error(best.settings)) < 1.03


def test_settings_and_figures_of_the_optimum_agree(stubbed):
    stubbed()
    best = optimise_write(DEVICE, 1e-3, **LIMITS)
    device = DEVICE.replace(write=best.settings)
    assert best.energy == write_energy(device, device.write_pulse("AP"), 1.0)
    assert all(type(number) is float for number in dataclasses.astuple(best.settings))
    settled = device.write_pulse("AP").duration_s - best.settings.settle_time_s
    assert best.time_s == pytest.approx(settled, rel=1e-9)
    assert best.time_s <= LIMITS["longest_s"]


def test_numpy_arguments_give_the_same_result(stubbed):
    stubbed()
    plain = optimise_write(DEVICE, 1e-3, **LIMITS)
    numbers = {name: np.float64(LIMITS[name]) for name in LIMITS if name.endswith(("_V", "_s"))}
    again = optimise_write(DEVICE, np.float64(1e-3), **(LIMITS | numbers), settle_time_s=np.float64(1e-9))
    assert repr(again.settings) == repr(plain.settings)


def test_the_front_holds_no_pulse_that_another_beats_and_none_that_does_not_write(stubbed):
    stubbed()
    best = optimise_write(DEVICE, 1e-3, **LIMITS)
    figures = [(point.energy_J, point.time_s, point.error_rate) for point in best.front]
    energies = [energy for energy, _, _ in figures]
    assert energies == sorted(energies)
    assert all(error <= 0.5 for *_, error in figures)
    for own in figures:
        assert not any(
            other != own and all(a <= b for a, b in zip(other, own, strict=True)) for other in figures
        )
    own_energy = stub_weigh(StubShared(DEVICE, 1.0), best.settings).energy_J
    assert not any(
        point.energy_J < own_energy and point.error_rate <= stub_error(best.settings) for point in best.front
    )


FIGURE = st.integers(0, 4)


@given(st.lists(st.tuples(FIGURE, FIGURE, FIGURE), min_size=1, max_size=30))
def test_the_front_is_exactly_what_nothing_beats(triples):
    points = [WritePoint(DEVICE.write, float(e), float(t), float(p)) for e, t, p in triples]
    kept = pareto_front(points)

    def beats(one, other):
        pairs = [(getattr(one, name), getattr(other, name)) for name in ("energy_J", "time_s", "error_rate")]
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    chosen = {id(point) for point in kept}
    for point in points:
        assert (id(point) in chosen) != any(beats(other, point) for other in points)
    assert [point.energy_J for point in kept] == sorted(point.energy_J for point in kept)


def test_no_pulse_gives_an_empty_front():
    assert pareto_front([]) == ()


def test_a_target_out_of_reach_is_refused_with_the_least_error_reached(stubbed):
    stubbed()
    with pytest.raises(InputError, match=r"No pulse within .* less often than 1e-09; the least .* about"):
        optimise_write(DEVICE, 1e-9, **(LIMITS | {"highest_current_A": 0.9 * THRESHOLD_A}))


@pytest.mark.parametrize(
    ("target", "changes", "message"),
    [
        (math.nan, {}, "target_error_rate"),
        (0.0, {}, "target_error_rate"),
        (0.5, {}, "target_error_rate"),
        (-1e-4, {}, "target_error_rate"),
        ("low", {}, "target_error_rate"),
        (1e-3, {"highest_mtj_voltage_V": -0.1}, "highest_mtj_voltage_V"),
        (1e-3, {"highest_mtj_voltage_V": 1.5}, "highest_mtj_voltage_V"),
        (1e-3, {"supply_voltage_V": math.inf}, "supply_voltage_V"),
        (1e-3, {"longest_s": 2e-10}, "longest_s"),
        (1e-3, {"to": "up"}, "to must be"),
        (1e-3, {"seed": -1}, "seed"),
        (1e-3, {"seed": 1.5}, "seed"),
    ],
)
def test_impossible_arguments_are_refused_by_name(target, changes, message):
    with pytest.raises(InputError, match=message):
        optimise_write(DEVICE, target, **(LIMITS | changes))


def test_what_is_no_device_is_refused():
    with pytest.raises(InputError, match="device must come from"):
        optimise_write("perpendicular_memory_60nm", 1e-3, **LIMITS)


REAL_DEVICE = Device.load("imec_sot_62nm")
REAL_TARGET = 0.05
REAL = {"seed": 1, "supply_voltage_V": 1.0, "highest_mtj_voltage_V": 0.0, "longest_s": 1.5e-9, "to": "AP"}
SHORT = {
    "committor_rows": lambda device: 32,
    "SCANNED": 8,
    "REFINED": 2,
    "FIRST_EVALUATIONS": 4,
    "LATER_EVALUATIONS": 4,
}


@pytest.fixture(scope="module")
def real():
    """A search with the true physics, made short, alone and on threads."""
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(3) as pool:
        for name, value in SHORT.items():
            patch.setattr(optimise if name in ("committor_rows", "REFINED") else write_search, name, value)
        yield tuple(
            optimise_write(REAL_DEVICE, REAL_TARGET, **REAL, executor=executor) for executor in (None, pool)
        )


def test_the_first_look_tries_the_shortest_pulses(real):
    best, _ = real
    edge = min(point.settings.fall_time_s for point in best.front)
    assert any(
        point.settings.width_s == point.settings.fall_time_s == edge == point.settings.rise_time_s
        for point in best.front
    )


def test_the_result_does_not_depend_on_the_executor(real):
    alone, shared = real
    for name in ("settings", "energy", "time_s", "error", "front", "evaluations"):
        assert getattr(alone, name) == getattr(shared, name)


def test_the_optimum_of_a_real_junction_meets_the_target_with_other_randomness(real):
    """Counted with another seed; four standard errors, false alarms below 1e-4."""
    device = REAL_DEVICE.replace(write=real[0].settings)
    counted = write_error_rate(
        device, seed=77, to="AP", method="counting", trials=4096, target_relative_error=None
    )
    assert counted.value <= REAL_TARGET + 4.0 * math.sqrt(REAL_TARGET / counted.trials)


def test_the_optimum_of_a_real_junction_takes_less_than_half_the_energy_of_the_shipped_pulse(real):
    own = write_energy(REAL_DEVICE, REAL_DEVICE.write_pulse("AP"), 1.0).supply_J
    assert real[0].energy.supply_J < 0.5 * own

"""Counting: what comes out does not depend on how it was computed, and means what it says."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from spinpim import Device, Pulse, SwitchingTable, characterise, simulate, write_error_rate
from spinpim.device import escape_rate_per_s
from spinpim.device.pulse import WriteSettings
from spinpim.errors import InputError
from spinpim.params import DeviceFile, shipped_names


@pytest.fixture(scope="module")
def weak(memory):
    """A pulse that switches sometimes, so that counts carry information."""
    return memory, Pulse.rectangle(
        sot_current_A=-330e-6, width_s=0.5e-9, mtj_voltage_V=-0.3, settle_time_s=1e-9
    )


def test_threads_and_processes_give_the_same_bits(weak):
    device, pulse = weak
    alone = simulate(device, pulse, seed=11, trials=700)
    counted = write_error_rate(
        device, pulse, to="AP", seed=11, method="counting", target_relative_error=None, trials=6000
    )
    assert 0 < counted.value < 1
    for pool in (ThreadPoolExecutor, ProcessPoolExecutor):
        for workers in (1, 2):
            with pool(workers) as executor:
                again = simulate(device, pulse, seed=11, trials=700, executor=executor)
                assert np.array_equal(again.magnetisation, alone.magnetisation)
                assert (
                    write_error_rate(
                        device,
                        pulse,
                        to="AP",
                        seed=11,
                        method="counting",
                        target_relative_error=None,
                        trials=6000,
                        executor=executor,
                    )
                    == counted
                )


def test_a_trial_is_the_same_in_a_small_and_a_large_run(weak):
    device, pulse = weak
    small, large = simulate(device, pulse, seed=2, trials=3), simulate(device, pulse, seed=2, trials=300)
    assert np.array_equal(small.magnetisation, large.magnetisation[:3])
    other = simulate(device, pulse, seed=3, trials=3)
    assert not np.array_equal(small.magnetisation, other.magnetisation)


def test_early_stopping_happens_at_the_same_count_on_any_executor(weak):
    device, pulse = weak
    alone = write_error_rate(
        device, pulse, to="AP", seed=1, method="counting", trials=50_000, target_relative_error=0.1
    )
    assert alone.stop_reason == "target relative error reached"
    assert alone.trials < 50_000
    with ThreadPoolExecutor(2) as executor:
        pooled = write_error_rate(
            device,
            pulse,
            to="AP",
            seed=1,
            method="counting",
            trials=50_000,
            target_relative_error=0.1,
            executor=executor,
        )
    assert pooled == alone


def test_the_recommended_write_of_the_memory_device_works_in_both_directions(memory):
    for to in ("P", "AP"):
        assert (
            write_error_rate(
                memory, seed=5, to=to, method="counting", target_relative_error=None, trials=20_000
            ).value
            == 0.0
        )
    both = write_error_rate(memory, seed=5, method="counting", target_relative_error=None, trials=20_000)
    assert both.value == 0.0
    assert both.high == pytest.approx(-math.log(0.05) / 20_000, rel=1e-3)


def test_without_a_pulse_every_write_fails(memory):
    estimate = write_error_rate(
        memory,
        Pulse.points([0.0, 1e-10]),
        to="AP",
        seed=1,
        method="counting",
        target_relative_error=None,
        trials=500,
    )
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low < 1.0


def test_a_pulse_towards_the_state_it_is_in_changes_nothing(memory):
    run = simulate(memory, memory.write_pulse("P"), seed=1, trials=64, initial_state="P")
    assert np.all(run.magnetisation[:, -1, 2] > 0.5)


def test_a_longer_settling_brings_the_resistance_to_its_state(memory):
    run = simulate(memory, memory.write_pulse("AP"), seed=1, trials=64)
    assert run.resistance_ohm[:, -1].mean() == pytest.approx(memory.resistance_ap_ohm, rel=0.05)
    assert run.resistance_ohm[:, 0].mean() == pytest.approx(memory.resistance_p_ohm, rel=0.05)


def test_escape_counts_agree_with_the_mean_first_passage(memory):
    """A barrier of nine decays within the simulated time: counted rate against the mean first passage."""
    device = memory.replace(
        temperature_K=memory.temperature_K * memory.thermal_stability / 9.0,
        external_field_T=(0.0, 0.0, 0.0),
        damping=0.1,
    )
    duration = 400e-9
    estimate = write_error_rate(
        device,
        Pulse.points([0.0, duration]),
        to="AP",
        seed=8,
        method="counting",
        target_relative_error=None,
        trials=6144,
    )
    # Both wells: P(AP) relaxes with twice the rate of one well; failures are those still in P.
    switched = 1.0 - estimate.value
    rate = -math.log(1.0 - 2.0 * switched) / (2.0 * duration)
    # Two per cent for recrossings at this barrier, four standard errors of the count: false alarm 6e-5.
    tolerance = 0.02 + 4.0 / math.sqrt(switched * estimate.trials)
    assert tolerance < 0.15
    assert rate == pytest.approx(escape_rate_per_s(device, "P"), rel=tolerance)


def test_table_counts_add_and_survive_the_file(memory, tmp_path):
    grid = {"sot_current_A": [200e-6, 330e-6], "width_s": [0.2e-9, 0.5e-9], "trials": 64}
    first, second = characterise(memory, seed=1, **grid), characterise(memory, seed=2, **grid)
    merged = first + second
    assert np.array_equal(merged.trials, np.full((2, 2), 128))
    assert np.array_equal(merged.switched, first.switched + second.switched)
    merged.save(tmp_path / "table.h5")
    again = SwitchingTable.load(tmp_path / "table.h5")
    assert np.array_equal(again.switched, merged.switched)
    assert again.seeds == (1, 2)
    assert again.probability()[1, 1] > 0.9
    low, high = again.interval()
    assert np.all((low <= again.probability()) & (again.probability() <= high))
    with pytest.raises(InputError, match="seed"):
        first + first
    other_device = characterise(memory.replace(damping=0.05), seed=3, **grid)
    with pytest.raises(InputError, match="same"):
        first + other_device
    with pytest.raises(InputError, match="confidence"):
        again.interval(2.0)


def test_a_switching_table_file_opens_with_named_coordinates(memory, tmp_path):
    import h5py

    characterise(memory, sot_current_A=[330e-6], width_s=[0.5e-9], trials=8, seed=1).save(tmp_path / "t.h5")
    with h5py.File(tmp_path / "t.h5") as file:
        assert file["switched"].dims[0][0].name == "/sot_current_A"
        assert file["width_s"].attrs["units"] == "s"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"seed": True}, "seed"),
        ({"seed": 1, "trials": 0}, "trials"),
        ({"seed": 1, "trials": 2.5}, "trials"),
        ({"seed": 1, "to": "up"}, "to must be"),
        ({"seed": 1, "target_relative_error": 0.0}, "target_relative_error"),
        ({"seed": 1, "timeout_s": -1.0}, "timeout_s"),
        ({"seed": 1, "to": "both"}, "meant to write"),
        ({"seed": 2**63}, "seed"),
    ],
)
def test_impossible_arguments_are_told_in_a_sentence(memory, arguments, words):
    with pytest.raises(InputError, match=words):
        write_error_rate(
            memory, Pulse.points([0.0, 1e-10]), **{"to": "AP", "method": "counting", **arguments}
        )


def test_a_time_step_that_heun_cannot_take_is_refused_with_the_largest_allowed(memory):
    with pytest.raises(InputError, match="at most"):
        simulate(memory, memory.write_pulse(), seed=1, time_step_s=5e-12)


def test_a_field_without_stable_states_is_refused(memory):
    with pytest.raises(InputError, match="no stable"):
        simulate(memory.replace(external_field_T=(0.5, 0.0, 0.0)), Pulse.points([0.0, 1e-10]), seed=1)


def test_the_seed_has_no_default(memory):
    with pytest.raises(TypeError, match="seed"):
        write_error_rate(memory)


def test_all_shipped_devices_write_themselves():
    for name in shipped_names(DeviceFile):
        device = Device.load(name)
        assert (
            write_error_rate(device, seed=1, method="counting", target_relative_error=None, trials=512).value
            < 0.05
        ), name


@pytest.mark.parametrize("spin_hall_angle", [0.3, -0.3])
@pytest.mark.parametrize("normal_field_T", [0.03, -0.03])
def test_an_x_type_junction_is_written_by_the_sign_of_current_and_normal_field(
    spin_hall_angle, normal_field_T
):
    """A film whose interface nearly cancels its demagnetisation, so that the threshold is within reach."""
    y_type = Device.load("in_plane_y_memory")
    turned = y_type.replace(diameter_x_m=y_type.diameter_y_m, diameter_y_m=y_type.diameter_x_m, easy_axis="x")
    hard = turned.stiffness_fields_T[1] - 0.15
    moment_per_area = turned.saturation_magnetisation_A_per_m * turned.thickness_m
    device = turned.replace(
        interfacial_anisotropy_J_per_m2=turned.interfacial_anisotropy_J_per_m2 + 0.5 * hard * moment_per_area,
        external_field_T=(0.0, 0.0, normal_field_T),
        oersted_factor=0.0,
        spin_hall_angle=spin_hall_angle,
        damping=0.05,
        write=WriteSettings(1.4e-3, 1e-9, 0.1e-9, 2e-9, 0.0, 0.0, 5e-9),
    )
    assert device.easy_axis == "x"
    for to in ("P", "AP"):
        assert (
            write_error_rate(
                device, seed=1, to=to, method="counting", target_relative_error=None, trials=512
            ).value
            < 0.2
        )


@pytest.mark.parametrize("spin_hall_angle", [0.35, -0.35])
@pytest.mark.parametrize("field_T", [0.03, -0.03])
def test_a_perpendicular_junction_is_written_by_the_sign_of_current_and_field(spin_hall_angle, field_T):
    imec = Device.load("imec_sot_62nm")
    device = imec.replace(spin_hall_angle=spin_hall_angle, external_field_T=(field_T, 0.0, 0.0))
    for to in ("P", "AP"):
        assert (
            write_error_rate(
                device, seed=1, to=to, method="counting", target_relative_error=None, trials=512
            ).value
            < 0.05
        )


def test_both_directions_share_exactly_the_trials_asked_for(memory):
    assert (
        write_error_rate(memory, seed=1, method="counting", target_relative_error=None, trials=301).trials
        == 301
    )


def test_counts_of_two_seeds_add(weak):
    device, pulse = weak
    first = write_error_rate(
        device, pulse, to="AP", seed=1, method="counting", target_relative_error=None, trials=400
    )
    second = write_error_rate(
        device, pulse, to="AP", seed=2, method="counting", target_relative_error=None, trials=600
    )
    merged = first + second
    assert merged.trials == 1000
    assert merged.events == first.events + second.events
    assert merged.low < merged.value < merged.high


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda d: simulate(d, "x", seed=1), "Pulse"),
        (lambda d: simulate("x", d.write_pulse(), seed=1), "Device"),
        (lambda d: simulate(d, d.write_pulse(), seed=1, save_every_s=-1.0), "save_every_s"),
        (lambda d: characterise(d, sot_current_A=[1e-4], width_s=[-1e-9], seed=1), "width_s"),
        (lambda d: characterise(d, sot_current_A=["much"], width_s=[1e-9], seed=1), "sot_current_A"),
    ],
)
def test_nonsense_is_told_by_the_name_of_the_argument(memory, call, words):
    with pytest.raises(InputError, match=words):
        call(memory)


def test_an_early_stop_weighs_both_directions_alike(memory):
    """A field along the easy axis makes one direction fail and the other not."""
    settings = dataclasses.replace(memory.write, mtj_voltage_V=0.1, mtj_extra_time_s=0.5e-9)
    lopsided = memory.replace(write=settings, external_field_T=(0.0, 0.0, 5e-3))
    full = write_error_rate(lopsided, seed=1, method="counting", target_relative_error=None, trials=40_000)
    early = write_error_rate(
        lopsided, seed=2, method="counting", trials=1_000_000, target_relative_error=0.05
    )
    assert early.trials < 1_000_000
    assert full.value > 0.01
    assert early.low < full.high
    assert full.low < early.high


def test_a_feature_shorter_than_the_default_step_is_not_lost(memory):
    spike = Pulse.points([0.0, 1e-9, 1.0002e-9, 1.0004e-9, 2e-9], sot_current_A=[0, 0, 1e-3, 0, 0])
    from spinpim.device.dynamics.drive import drive_table

    assert abs(drive_table(memory, spike).table[:, 11]).max() > 0.4 * abs(1e-3 * memory.sot_field_T_per_A)


def test_the_results_of_a_run_open_as_a_table(memory, tmp_path):
    from spinpim.storage import replace_file

    table = characterise(memory, sot_current_A=[330e-6], width_s=[0.5e-9], trials=8, seed=1)
    with replace_file(tmp_path / "results.h5") as file:
        file.attrs["schema"] = "spinpim-results/1"
        table.write_into(file.create_group("switching"))
    assert SwitchingTable.load(tmp_path / "results.h5").trials.tolist() == [[8]]

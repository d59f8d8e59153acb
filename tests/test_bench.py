"""Speed: what is measured, that it is the same work, and how mistakes are told; never how fast it is."""

from __future__ import annotations

import json
import math
import os
import re
import sys

import numpy as np
import pytest

from spinpim.array.bit_path import BitPath
from spinpim.array.forward import forward
from spinpim.array.machine import ideal_machine
from spinpim.bench import (
    bit_kernels,
    crosssim_peer,
    device_kernels,
    high_sigma,
    naive,
    networks,
    peers,
    run,
    workload,
)
from spinpim.bench.run import RATIOS, WORKLOADS, Bench, as_json, run_bench
from spinpim.bench.workload import PROCESS_TIME, WALL_TIME, Absent, Rate, Workload, measure
from spinpim.cli import main
from spinpim.device.dynamics.macrospin import heun_step
from spinpim.network.reference import accumulate

KEYS = {
    "llg_f64_steps_per_s",
    "llg_f32_steps_per_s",
    "llg_f64_warm_steps_per_s",
    "llg_f32_warm_steps_per_s",
    "llg_f64_one_thread_steps_per_s",
    "llg_f64_two_threads_steps_per_s",
    "naive_steps_per_s",
    "numpy_steps_per_s",
    "and_popcount_k512_gbit_per_s",
    "and_popcount_k1152_gbit_per_s",
    "numpy_bitwise_count_k512_gbit_per_s",
    "numpy_bitwise_count_k1152_gbit_per_s",
    "float_matrix_product_k512_gbit_per_s",
    "float_matrix_product_k1152_gbit_per_s",
    "lenet_integers_images_per_s",
    "lenet_bits_images_per_s",
    "lenet_flips_images_per_s",
    "lenet_integers_one_thread_images_per_s",
    "lenet_integers_two_threads_images_per_s",
    "lenet_bits_one_thread_images_per_s",
    "lenet_bits_two_threads_images_per_s",
    "svhn_bits_images_per_s",
    "vector_units_one_thread_gmac_per_s",
    "vector_units_two_threads_gmac_per_s",
    "high_sigma_and_estimates_per_s",
    "high_sigma_xor_estimates_per_s",
    "high_sigma_two_sided_estimates_per_s",
    "sense_designs_per_s",
    "sense_sweep_designs_per_s",
    "organisation_per_s",
    "organisations_explored_per_s",
}
PEERS = {peers.KEY, *crosssim_peer.KEYS, *high_sigma.KEYS}


@pytest.fixture(scope="module")
def bench():
    return run_bench(quick=True)


def test_every_workload_is_a_rate_or_says_why_not(bench):
    names = [rate.name for rate in bench.rates] + [absent.name for absent in bench.absent]
    assert len(names) == len(WORKLOADS) == len(set(names))
    assert {rate.name for rate in bench.rates} >= KEYS
    assert {absent.name for absent in bench.absent} <= PEERS


def test_every_rate_is_positive_and_says_what_it_is(bench):
    for rate in bench.rates:
        assert 0.0 < rate.median <= rate.value < math.inf
        assert rate.repeats == run.QUICK_REPEATS
        assert rate.calls_per_repeat >= 1
        assert rate.cores > 0.0
        assert rate.note.endswith(".")
        endings = {
            "Gbit/s": "gbit_per_s",
            "trajectory-steps/s": "steps_per_s",
            "estimates/s": "estimates_per_s",
            "designs/s": "designs_per_s",
            "organisations/s": ("organisation_per_s", "organisations_explored_per_s"),
            "images/s": "images_per_s",
            "Gmac/s": "gmac_per_s",
        }
        assert rate.name.endswith(endings[rate.unit])


def test_the_result_file_holds_machine_rates_and_the_ratios_between_them(bench):
    content = json.loads(as_json(bench))
    assert content["schema"] == "spinpim-bench/1"
    assert content["quick"] is True
    assert set(content["rates"]) >= KEYS
    for ratio in content["ratios"].values():
        above, below = (content["rates"][ratio[side]]["value"] for side in ("numerator", "denominator"))
        assert ratio["value"] == above / below
    assert "llg_f64_two_threads_ratio" in content["ratios"]
    for fact in ("processor", "avx512", "cores", "numba", "numpy", "python", "spinpim"):
        assert content["machine"][fact] is not None, fact


def test_ratios_are_between_rates_that_exist():
    assert {name for pair in RATIOS.values() for name in pair} <= KEYS | PEERS


def test_a_rate_is_work_over_the_time_of_its_own_clock(monkeypatch):
    clock = {"process": 0.0, "wall": 0.0}
    monkeypatch.setattr(workload.time, "process_time", lambda: clock["process"])
    monkeypatch.setattr(workload.time, "perf_counter", lambda: clock["wall"])
    # The first call compiles, the second is the trial run; then three repeats of four calls.
    durations = iter([9.0, 0.25, *[0.5] * 4, *[0.25] * 4, *[1.0] * 4])

    def call():
        duration = next(durations)
        clock["process"] += 2.0 * duration
        clock["wall"] += duration

    def on(used):
        return Workload("work_per_s", "1/s", 10.0, call, "Work.", used, threads=2)

    told = []
    rate = measure([on(WALL_TIME)], 3, 2.0, told.append)[0]
    assert (rate.value, rate.median, rate.repeats, rate.calls_per_repeat) == (40.0, 20.0, 3, 4)
    assert rate.cores == 2.0
    assert len(told) == workload.steps_of([on(WALL_TIME)], 3)
    durations = iter([9.0, 0.25, *[0.25] * 4])
    assert measure([on(PROCESS_TIME)], 1, 2.0, told.append)[0].value == 20.0


@pytest.mark.parametrize(("cores", "said"), [(1.2, 1), (1.99, 0)])
def test_a_shared_machine_is_told_beside_the_rate_of_two_threads(cores, said):
    rate = Rate("two_per_s", 1.0, "1/s", "Work.", WALL_TIME, 2, 1.0, 3, 1, cores)
    remarks = Bench({}, (rate,), (), quick=True).remarks
    assert len(remarks) == said
    assert all("shared" in remark and "\n" not in remark for remark in remarks)


@pytest.mark.parametrize("warm", [False, True])
def test_the_kernel_is_timed_with_every_torque(warm):
    job = device_kernels.prepared("float32", warm)
    assert np.all(np.abs(job.drive.table).max(axis=0) > 0.0)
    assert np.ptp(job.drive.table[:, 10]) > 0.0
    assert (job.drive.rise.shape[0] > 0) == warm
    assert job.drive.asymmetry != 0.0
    assert job.precision == "float32"


def test_the_numpy_form_makes_the_step_of_the_kernel():
    drive = device_kernels.prepared("float64", warm=False).drive
    table, _, _, constants = drive.kernel_arguments("float64")
    middle = drive.steps // 10
    rng = np.random.default_rng(1)
    m = rng.standard_normal((3, 5))
    m /= np.linalg.norm(m, axis=0)
    thermal = 0.1 * rng.standard_normal((3, 5))
    moved = naive.array_step(m, thermal, table[middle], table[middle + 1], constants)
    rows = [naive.drive_at(table, step) for step in (middle, middle + 1)]
    for lane in range(5):
        expected = heun_step(tuple(m[:, lane]), tuple(thermal[:, lane]), *rows, constants[:4], *constants[4:])
        np.testing.assert_allclose(moved[:, lane], expected, rtol=0.0, atol=1e-14)


def test_the_naive_loop_ends_on_the_sphere_at_different_places():
    table, _, _, constants = device_kernels.prepared("float64", warm=False).drive.kernel_arguments("float64")
    final = np.zeros((3, 3))
    naive.one_after_another(final, table, constants)
    np.testing.assert_allclose(np.linalg.norm(final, axis=1), 1.0, atol=1e-12)
    assert len({tuple(row) for row in final}) == 3


def test_both_popcounts_count_the_same():
    operands = bit_kernels._operands(vectors=40, filters=6, elements=700)
    packed = bit_kernels.packed_counts(operands)
    np.testing.assert_array_equal(packed, bit_kernels.numpy_counts(operands))
    np.testing.assert_array_equal(packed, bit_kernels.float_counts(operands))
    assert packed.max() > 0
    assert operands.gigabits == pytest.approx(1e-9 * 40 * 6 * 700 * 4)


def test_the_peer_samples_the_boltzmann_law_of_its_layer():
    """False-alarm rate below 1e-6: the correlation time 0.18 ns leaves 2.2 % of statistical error.

    The other stochastic solver of cmtj is off by a factor of 13 at this step; without noise the spread is 0.
    """
    cmtj = pytest.importorskip("cmtj")
    junction = peers.perpendicular_junction(cmtj, 0.0)
    junction.setLayerSeed("free", 1)
    junction.runSimulation(400e-9, peers.STEP_S, 10e-12, solverMode=cmtj.SolverMode.Heun)
    mz = np.array(junction.getLog()["free_mz"])[200:]
    delta = peers.stability()
    expected = 1.0 / delta * (1.0 + 0.5 / delta)
    assert np.mean(1.0 - mz**2) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("bit_serial", [False, True])
def test_crosssim_computes_the_sums_of_the_packed_digits(bit_serial):
    """To the precision of its float32 numbers, layer by layer; after rounding, scores are the same bits."""
    pytest.importorskip("simulator")
    network = networks.lenet()
    codes = network.encode_input(networks.random_images(network, 3))
    path = crosssim_peer.CrossbarPath(network.layers, bit_serial=bit_serial)
    for number, layer in enumerate(network.layers):
        shape = (1, 1, layer.in_channels) if layer.kind == "dense" else (9, 9, layer.in_channels)
        some = np.random.default_rng(number).integers(0, 256, (2, *shape), np.uint8)
        found = path.sums(number, layer, some)
        expected = accumulate(some, layer).reshape(found.shape)
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-6 * 255 * layer.fan_in)
    expected = forward(network, codes, BitPath(ideal_machine(network.layers)))
    np.testing.assert_array_equal(forward(network, codes, path), expected)


def test_read_noise_of_crosssim_is_new_in_each_access():
    pytest.importorskip("simulator")
    layer = networks.lenet().layers[-1]
    path = crosssim_peer.CrossbarPath((layer,), bit_serial=True, read_noise=crosssim_peer.READ_NOISE)
    codes = np.full((2, 1, 1, layer.in_channels), 255, np.uint8)
    first, second = path.sums(0, layer, codes)
    exact = accumulate(codes, layer).reshape(2, -1)[0]
    # Pairs of cells and eight slices: sqrt(2 * 84 * sum of 4^m) * 0.01 = 19 in a sum; 6 sigma.
    assert 0.0 < np.abs(first - exact).max() < 6 * 19.2
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("module", "builders"),
    [
        ("cmtj", [peers.cmtj_heun]),
        (
            "simulator",
            [
                crosssim_peer.crosssim_whole_inputs,
                crosssim_peer.crosssim_bit_serial,
                crosssim_peer.crosssim_read_noise,
            ],
        ),
    ],
)
def test_an_absent_peer_is_one_line_and_no_error(module, builders, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    found = [build() for build in builders]
    assert all(isinstance(absent, Absent) for absent in found)
    bench = run_bench(quick=True, workloads=builders)
    assert bench.rates == ()
    assert len(bench.remarks) == len(builders)
    assert all("\n" not in remark and "install" in remark for remark in bench.remarks)
    assert json.loads(as_json(bench))["absent"] == {absent.name: absent.reason for absent in found}


def _rates_of_nothing(quick, progress):
    progress("work_per_s", 1)
    rate = Rate("work_per_s", 1.0, "1/s", "Work.", PROCESS_TIME, 1, 1.0, 3, 1, 1.0)
    return Bench({"processor": "a processor", "avx512": False}, (rate,), (Absent("x_per_s", "why"),), quick)


def test_the_command_prints_the_rates_and_replaces_the_file(tmp_path, monkeypatch, capsys):
    (tmp_path / "bench.json").write_text("old")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setattr(run, "run_bench", _rates_of_nothing)
    monkeypatch.setattr(sys, "argv", ["spinpim", "bench", "--quick", "--json", str(tmp_path / "bench.json")])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert "work_per_s" in told
    assert "note: x_per_s: why\n" in told
    assert json.loads((tmp_path / "bench.json").read_text())["rates"]["work_per_s"]["value"] == 1.0
    assert [path.name for path in tmp_path.iterdir()] == ["bench.json"]
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("folder", "is a folder"),
        ("file/bench.json", "no such folder"),
        ("missing/bench.json", "no such folder"),
        ("a" * 300, "cannot be written"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(
    place, words, tmp_path, monkeypatch, capsys
):
    def never(*_):
        raise AssertionError("it was measured first")

    monkeypatch.setattr(run, "run_bench", never)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr(sys, "argv", ["spinpim", "bench", "--json", str(tmp_path / place)])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert re.search(words, told), told
    assert "Traceback" not in told
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "file"}


def test_ctrl_c_leaves_the_earlier_file(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    (tmp_path / "bench.json").write_text("old")
    monkeypatch.setattr(run, "run_bench", interrupted)
    monkeypatch.setattr(sys, "argv", ["spinpim", "bench", "--json", str(tmp_path / "bench.json")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "interrupted" in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("bench.json", "old")]

"""Traces: energy by hand, recordings as they are, laws in distribution, mistakes in sentences."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nearly import near
from real_data import DATA

from spinpim.array.intermittency import Trace, diurnal, load_trace, log_normal, on_off, square, two_levels
from spinpim.errors import InputError


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(1e-3, 10.0), st.floats(0.0, 5.0)), min_size=1, max_size=20),
    st.floats(0.0, 500.0),
)
def test_the_energy_until_a_time_is_the_integral_of_the_power(pieces, time_s):
    steps, powers = (np.array(column) for column in zip(*pieces, strict=True))
    trace = Trace("made", np.concatenate(([0.0], np.cumsum(steps))), powers)
    passes, within = divmod(time_s, trace.duration_s)
    left, energy = within, passes * float(np.dot(steps, powers))
    for step, power in zip(steps, powers, strict=True):
        energy += min(left, step) * power
        left = max(0.0, left - step)
    assert float(trace.energy_until_J(time_s)) == pytest.approx(energy, rel=1e-9, abs=1e-9)


def test_a_trace_cannot_be_changed():
    trace = square(1.0, period_s=1.0, duty=0.5)
    with pytest.raises(ValueError, match="read-only"):
        trace.power_W[0] = 3.0


@pytest.mark.parametrize(
    ("edges", "power", "sentence"),
    [
        ([0.0, 1.0], [], "power_W must be one or more"),
        ([0.0], [1.0], "one time more than powers"),
        ([0.0, 1.0, 1.0], [1.0, 1.0], "must rise from 0"),
        ([1.0, 2.0], [1.0], "must rise from 0"),
        ([0.0, 1.0], [-1.0], "power_W"),
        ([0.0, np.nan], [1.0], "edges_s"),
        ([0.0, np.inf], [1.0], "edges_s"),
    ],
)
def test_what_is_no_trace_is_refused(edges, power, sentence):
    with pytest.raises(InputError, match=sentence):
        Trace("made", edges, power)


def test_cuts_are_counted_once_each_and_round_the_end():
    trace = Trace("made", [0, 1, 2, 3, 4, 5], [0.0, 1.0, 0.2, 0.0, 0.0])
    assert trace.cuts() == 1
    assert trace.cuts(0.3) == 1
    assert Trace("made", [0, 1, 2, 3, 4], [0.0, 1.0, 0.0, 1.0]).cuts() == 2


def test_columns_of_text_are_read_with_and_without_names(tmp_path):
    path = tmp_path / "walk.trace"
    path.write_text("sec RSSI,mW\n0.00,1\n0.02,3\n\n0.04,5\n")
    found = load_trace(path)
    assert found.power_W.tolist() == near([1e-3, 3e-3, 5e-3])
    assert found.edges_s.tolist() == near([0.0, 0.02, 0.04, 0.06])
    path.write_text("100\t3.0\n101\t6.0\n")
    volts = load_trace(path, columns="ms V", load_ohm=30e3)
    assert volts.power_W.tolist() == near([0.3e-3, 1.2e-3])
    assert volts.duration_s == near(2e-3)


def test_a_recording_in_hdf5_has_its_calibration(tmp_path):
    import h5py

    path = tmp_path / "harvest.h5"
    with h5py.File(path, "w") as file:
        file["data/time"] = np.array([0, 10**9, 2 * 10**9])
        for name, raw, gain, offset in (
            ("voltage", [0, 1000, 2000], 1e-3, 1.0),
            ("current", [1, 2, 3], 1e-6, 0.0),
        ):
            dataset = file.create_dataset(f"data/{name}", data=np.array(raw))
            dataset.attrs.update({"gain": gain, "offset": offset})
    assert load_trace(path).power_W.tolist() == near([1e-6, 4e-6, 9e-6])


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("", {}, "holds no samples"),
        ("s mW\n", {}, "holds no samples"),
        ("0 1\n1 2\n", {}, "does not say what its columns are"),
        ("0 1\n1 2\n", {"columns": "min W"}, "columns must be one of"),
        ("s mW\n0 1\n1 -2\n2 1\n", {}, "sample 2 has the negative power -0.002 W"),
        ("s mW\n0 1\n2 2\n1 3\n", {}, "the time of sample 3 is not after"),
        ("s mW\n0 1\n0 2\n", {}, "the time of sample 2 is not after"),
        ("s mW\n0 1\n1 1\n2 1\n30 1\n", {}, "28 s are missing after sample 3"),
        ("s mW\n0 1\n1 nan\n2 3\n", {}, "sample 2 has a power that is no number"),
        ("s mW\n0 1\ninf 2\n", {}, "sample 2 has a time that is no number"),
        ("s mW\n0 1\n1 2 3\n", {}, "line 3: two numbers are needed"),
        ("s mW\n0 1\n", {}, "holds one sample"),
        ("ms V\n0 1\n1 2\n", {}, "they need a load_ohm"),
        ("s mW\n0 1\n1 2\n", {"load_ohm": 1e3}, "they need no load_ohm"),
        ("ms V\n0 1\n1 2\n", {"load_ohm": 0.0}, "load_ohm"),
    ],
)
def test_a_bad_recording_is_told_in_a_sentence(tmp_path, text, options, sentence):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=sentence):
        load_trace(path, **options)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"\x89HDF\r\n\x1a\nrest"])
def test_what_is_neither_text_nor_a_recording_is_told(tmp_path, content):
    path = tmp_path / "bad.bin"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.bin is n"):
        load_trace(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        load_trace(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "options", "duration_s", "mean_W", "peak_W"),
    [
        ("react_rf-cart.trace", {}, 313.1, 2.12e-3, 10e-3),
        ("react_rf-mobile.trace", {}, 318.2, 0.497e-3, 4.95e-3),
        ("mementos_wisp_5.txt", {"columns": "ms V", "load_ohm": 30e3}, 31.1, 0.0930e-3, 4.79**2 / 30e3),
    ],
)
def test_recordings_have_the_length_and_the_mean_that_is_known_of_them(
    name, options, duration_s, mean_W, peak_W
):
    path = DATA / "power_traces" / name
    if not path.is_file():
        pytest.skip(f"{name} is not here; set SPINPIM_DATA to the folder that holds power_traces/")
    trace = load_trace(path, **options)
    assert trace.duration_s == pytest.approx(duration_s, abs=0.06)
    assert trace.mean_power_W == near(mean_W, rel=5e-3)
    assert trace.power_W.max() == near(peak_W, rel=5e-3)


def test_two_levels_stay_as_long_as_asked_and_forget():
    trace = two_levels(2.0, 0.5, mean_high_s=1.0, mean_low_s=3.0, duration_s=40_000.0, seed=3)
    stays = np.diff(trace.edges_s)[1:-1]
    high = trace.power_W[1:-1] == 2.0
    # Some 10,000 stays in each: two percent are two standard deviations of an exponential mean.
    assert stays[high].mean() == near(1.0, rel=0.04)
    assert stays[~high].mean() == near(3.0, rel=0.04)
    assert stays[high].std() == near(1.0, rel=0.06)
    assert np.all(np.diff(trace.power_W) != 0.0)
    assert trace.mean_power_W == near(0.875, rel=0.04)
    assert trace.duration_s == 40_000.0


def test_a_process_of_two_levels_starts_with_the_shares_of_both():
    starts = [
        on_off(1.0, mean_on_s=1.0, mean_off_s=3.0, duration_s=1.0, seed=seed).power_W[0]
        for seed in range(400)
    ]
    # 100 expected, nine are one standard deviation; false alarm 1e-4.
    assert abs(sum(starts) - 100.0) < 35.0


def test_fading_has_its_spread_and_its_memory():
    trace = log_normal(1e-4, sigma=0.8, correlation_s=0.2, step_s=0.02, duration_s=4000.0, seed=4)
    logs = np.log(trace.power_W / 1e-4)
    assert logs.mean() == pytest.approx(0.0, abs=0.06)
    assert logs.std() == near(0.8, rel=0.05)
    for lag in (5, 10):
        assert np.mean(logs[:-lag] * logs[lag:]) == pytest.approx(0.64 * np.exp(-lag / 10.0), abs=0.05)


def test_the_sun_rises_at_six_and_is_dimmed_by_clouds():
    clear = diurnal(1.0, seed=1)
    hour = clear.edges_s[:-1] / 3600.0
    assert np.all(clear.power_W[(hour < 5.9) | (hour >= 18.0)] < 1e-12)
    assert clear.power_W.max() == near(1.0, rel=1e-4)
    assert clear.mean_power_W == near(1.0 / np.pi, rel=1e-5)
    cloudy = diurnal(1.0, cloudiness=0.6, seed=1)
    assert cloudy.mean_power_W == near(0.7 / np.pi, rel=0.03)
    assert diurnal(1.0, days=3, seed=1).duration_s == near(3 * 86400.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: on_off(1.0, mean_on_s=1.0, mean_off_s=1.0, duration_s=50.0, seed=seed),
        lambda seed: log_normal(1.0, sigma=1.0, correlation_s=1.0, step_s=0.1, duration_s=50.0, seed=seed),
        lambda seed: diurnal(1.0, cloudiness=0.5, seed=seed),
    ],
)
def test_the_same_seed_gives_the_same_trace_and_another_another(make):
    first, again, other = make(7), make(7), make(8)
    assert np.array_equal(first.power_W, again.power_W)
    assert np.array_equal(first.edges_s, again.edges_s)
    assert not (np.array_equal(first.power_W, other.power_W) and np.array_equal(first.edges_s, other.edges_s))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: square(0.0, period_s=1.0, duty=0.5), "power_W"),
        (lambda: square(1.0, period_s=1.0, duty=1.5), "duty"),
        (lambda: two_levels(1.0, 2.0, mean_high_s=1, mean_low_s=1, duration_s=1, seed=1), "high_W"),
        (lambda: on_off(1.0, mean_on_s=1e-9, mean_off_s=1e-9, duration_s=1e3, seed=1), "pieces"),
        (
            lambda: log_normal(1.0, sigma=1, correlation_s=1, step_s=9.0, duration_s=1.0, seed=1),
            "longer than the whole",
        ),
        (lambda: diurnal(1.0, days=0, seed=1), "days"),
        (lambda: diurnal(1.0, seed=-1), "seed"),
        (lambda: square(1.0, period_s=1.0, duty=0.5).scaled(-2.0), "factor"),
    ],
)
def test_an_impossible_source_is_refused(make, sentence):
    with pytest.raises(InputError, match=sentence):
        make()


def test_times_in_the_second_column_are_told(tmp_path):
    path = tmp_path / "swapped.csv"
    path.write_text("mW s\n5 0\n6 1\n7 2\n")
    with pytest.raises(InputError, match="times in the second column"):
        load_trace(path)


def test_a_name_that_is_no_text_is_told(tmp_path):
    path = os.fsencode(tmp_path) + b"/bad\xff.csv"
    with open(path, "w") as file:
        file.write("s mW\n0 1\n1 2\n")
    with pytest.raises(InputError, match="no UTF-8"):
        load_trace(os.fsdecode(path))


@pytest.mark.parametrize(
    "text", ["s mW\n0 1\n1e308 1\n", "s mW\n-1e308 1\n1e308 1\n", "s mW\n0 1e300\n1 1\n"]
)
def test_numbers_that_are_too_large_are_told_with_the_file(tmp_path, text):
    path = tmp_path / "large.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"large\.csv"):
        load_trace(path)


@pytest.mark.parametrize("seed", range(20))
def test_short_stays_are_pieces_whatever_is_drawn(seed):
    trace = on_off(1e-3, mean_on_s=1e-3, mean_off_s=1e-3, duration_s=200.0, seed=seed)
    assert trace.mean_power_W == near(0.5e-3, rel=0.02)
    assert trace.duration_s == 200.0

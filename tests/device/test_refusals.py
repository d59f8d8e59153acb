"""What no junction, pulse or count can be is told in a sentence, wherever it comes in."""

from __future__ import annotations

import math

import pytest

from spinpim import Device, Estimate, InputError, Pulse, simulate, write_error_rate
from spinpim.device import escape_rate, read_disturb_probability
from spinpim.storage import replace_path

REFUSED = {
    "a current that destroys the state": (
        lambda d: escape_rate(d, "AP", sot_current_A=1e-2),
        "no stable AP state",
    ),
    "an access that destroys the state": (
        lambda d: read_disturb_probability(
            d, "AP", mtj_voltage_V=0.1, access_time_s=1e-8, sot_current_A=3e-3
        ),
        "no stable AP state",
    ),
    "no device": (lambda d: escape_rate(None, "P"), "Device.load"),
    "events that are no number": (lambda d: Estimate.from_counts(math.nan, 5), "events"),
    "a confidence of nothing": (
        lambda d: write_error_rate(d, seed=1, method="counting", trials=64, confidence=1e-300),
        "confidence",
    ),
    "more trials than a life": (
        lambda d: write_error_rate(d, seed=1, method="counting", trials=10**12),
        "trials",
    ),
    "an endless pulse": (lambda d: Pulse.points([0.0, 1e300]), "time_s"),
    "a pulse of no length": (lambda d: Pulse.points([0.0, 5e-324]), "time_s"),
    "unsorted times": (lambda d: Pulse.points([0.0, 2e-9, 1e-9]), "never decrease"),
    "a drive that is no number": (
        lambda d: Pulse.points([0.0, 1e-9], sot_current_A=[0.0, math.nan]),
        "not finite",
    ),
    "no volume": (lambda d: d.replace(thickness_m=0.0), "thickness_m"),
    "a negative temperature": (lambda d: d.replace(temperature_K=-5.0), "temperature_K"),
    "a temperature of nothing": (lambda d: d.replace(temperature_K=1e-30), "temperature_K"),
    "a magnet without moment": (
        lambda d: d.replace(saturation_magnetisation_A_per_m=1e-300),
        "saturation_magnetisation",
    ),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_the_impossible_is_refused_in_a_sentence(memory, what):
    call, words = REFUSED[what]
    with pytest.raises(InputError, match=words):
        call(memory)


def test_a_rate_beyond_numbers_is_refused_and_not_a_nan():
    still = Device.load("in_plane_y_memory").replace(damping=1e-4)
    with pytest.raises(InputError, match="beyond what numbers hold"):
        escape_rate(still, "AP", mtj_voltage_V=-0.3, method="passage")


def test_rare_records_keep_the_end_of_the_motion(memory):
    run = simulate(memory, Pulse.points([0.0, 1e-10]), seed=1, save_every_s=1e300)
    assert run.time_s.tolist() == pytest.approx([0.0, 1e-10])


def test_what_is_no_ordinary_file_is_not_replaced(tmp_path):
    with pytest.raises(InputError, match="no ordinary file"), replace_path(tmp_path):
        pass
    assert tmp_path.is_dir()

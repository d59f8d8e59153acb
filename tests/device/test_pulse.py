"""Waveforms: shape, area, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim import Pulse
from spinpim.errors import InputError

TIMES = st.floats(0.0, 2e-9)


@given(rise=TIMES, fall=TIMES, extra=TIMES, width=st.floats(1e-11, 2e-9), settle=TIMES)
def test_the_charge_of_a_trapezoid_is_its_area(rise, fall, extra, width, settle):
    pulse = Pulse.rectangle(
        sot_current_A=2e-4,
        width_s=width,
        rise_time_s=rise,
        fall_time_s=fall,
        mtj_voltage_V=-0.5,
        mtj_extra_time_s=extra,
        settle_time_s=settle,
    )
    charge = np.trapezoid(pulse.sot_current_A, pulse.time_s)
    flux = np.trapezoid(pulse.mtj_voltage_V, pulse.time_s)
    assert charge == pytest.approx(2e-4 * (width + 0.5 * (rise + fall)), rel=1e-9)
    assert flux == pytest.approx(-0.5 * (width + extra + 0.5 * (rise + fall)), rel=1e-9)
    assert pulse.sot_current_A.max() == 2e-4
    assert pulse.mtj_voltage_V.min() == -0.5
    assert pulse.sot_current_A[-1] == 0.0


def test_samples_lie_on_the_lines_between_breakpoints():
    pulse = Pulse.points([0.0, 1.0, 1.0, 2.0], sot_current_A=[0.0, 1.0, 3.0, 3.0], field_T=(0.0, 0.1, 0.0))
    current, voltage, field = pulse.sample([0.5, 1.0, 1.5, 9.0])
    assert current.tolist() == [0.5, 3.0, 3.0, 3.0]
    assert not voltage.any()
    assert np.all(field == [0.0, 0.1, 0.0])


@pytest.mark.parametrize(
    ("time", "extra"),
    [
        ([0.0], {}),
        ([1.0, 2.0], {}),
        ([0.0, -1.0], {}),
        ([0.0, np.nan], {}),
        ([0.0, 1.0], {"sot_current_A": [1, 2, 3]}),
        ([0.0, 1.0], {"mtj_voltage_V": np.inf}),
        ([0.0, 0.0], {}),
    ],
)
def test_an_impossible_waveform_is_refused(time, extra):
    with pytest.raises(InputError, match="Pulse"):
        Pulse.points(time, **extra)


def test_a_rectangle_without_a_top_is_refused():
    with pytest.raises(InputError, match="width_s"):
        Pulse.rectangle(sot_current_A=1e-4, width_s=0.0)


def test_a_pulse_made_by_hand_is_checked_like_any_other():
    with pytest.raises(InputError, match="Pulse"):
        Pulse([0, 1], [0, 0], [0, 0], [[0, 0, 0]] * 2)
    flat = np.zeros(2)
    with pytest.raises(InputError, match="field_T"):
        Pulse(np.array([0.0, 1e-9]), flat, flat, np.zeros((2, 2)))
    with pytest.raises(InputError, match="numbers"):
        Pulse.points([0.0, 1e-9], sot_current_A="strong")

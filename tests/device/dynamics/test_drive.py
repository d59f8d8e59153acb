"""The drive table: what a waveform with jumps becomes on even steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinpim.device import Device, Pulse
from spinpim.device.dynamics.drive import drive_path, drive_table

JUNCTION = Device.load("perpendicular_memory_60nm").replace(field_like_ratio=0.0, oersted_factor=0.0)


@settings(deadline=None, max_examples=40)
@given(
    start_s=st.floats(0.05e-9, 0.4e-9),
    width_s=st.floats(0.05e-9, 0.5e-9),
    current_A=st.floats(-4e-4, 4e-4),
)
def test_a_rectangle_keeps_its_area_and_its_centre_on_any_grid(start_s, width_s, current_A):
    end_s = start_s + width_s
    pulse = Pulse.points(
        [0.0, start_s, start_s, end_s, end_s, 1.2e-9],
        sot_current_A=[0.0, 0.0, current_A, current_A, 0.0, 0.0],
    )
    drive = drive_table(JUNCTION, pulse)
    column = drive.table[:, 11] / JUNCTION.sot_field_T_per_A
    area = np.trapezoid(column, drive.time_s)
    assert area == pytest.approx(current_A * width_s, rel=1e-9, abs=1e-22)
    centre = np.sum(column * drive.time_s) * drive.time_s[1]
    assert centre == pytest.approx(current_A * width_s * 0.5 * (start_s + end_s), rel=1e-9, abs=1e-30)


def test_a_drive_that_is_cut_off_at_the_end_acts_until_the_end():
    pulse = Pulse.points([0.0, 1e-9, 1e-9], sot_current_A=[1e-4, 1e-4, 0.0])
    assert drive_table(JUNCTION, pulse).table[-1, 11] == pytest.approx(1e-4 * JUNCTION.sot_field_T_per_A)


def test_a_waveform_without_jumps_is_sampled_as_it_is():
    pulse = Pulse.points([0.0, 0.3e-9, 1e-9], sot_current_A=[0.0, 2e-4, -1e-4])
    drive = drive_table(JUNCTION, pulse)
    times, rows = drive_path(JUNCTION, pulse)
    expected = np.interp(drive.time_s, times, rows[:, 11])
    assert np.abs(drive.table[:, 11] - expected).max() < 1e-12

"""Shared pieces of the device tests."""

from __future__ import annotations

import numpy as np
import pytest

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Device
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, STATE_ROWS, advance_block


@pytest.fixture(scope="session")
def memory() -> Device:
    return Device.load("perpendicular_memory_60nm")


@pytest.fixture(scope="session")
def noiseless():
    """Integrate macrospins at zero temperature through a drive table; gives the recorded path."""

    def run(m0, drive, step_s, damping, reference=(0.0, 0.0, 1.0), record_every=1, asymmetry=0.0):
        start = np.atleast_2d(np.asarray(m0, dtype=np.float64))
        state = np.zeros((STATE_ROWS, start.shape[0]))
        state[:3] = start.T
        steps = drive.shape[0] - 1
        record = np.empty((start.shape[0], steps // record_every + 1, STATE_ROWS))
        record[:, 0, :] = state.T
        scale = GYROMAGNETIC_RATIO * step_s / (1.0 + damping**2)
        constants = (tuple(reference), asymmetry, damping, 1.0, scale, 0.5 * scale)
        generators = np.zeros((4, start.shape[0]), dtype=np.uint32)
        noise = np.empty((6, start.shape[0]))
        nothing = np.empty((0, DRIVE_COLUMNS)), np.empty((0, 2))
        advance_block(state, generators, noise, drive, *nothing, constants, 0, steps, record_every, record)
        return record[:, :, :3]

    return run


@pytest.fixture(scope="session")
def constant_drive():
    """Build a drive table with the given columns held constant."""

    def build(
        steps,
        *,
        field=(0.0, 0.0, 0.0),
        stiffness=(0.0, 0.0, 0.0),
        mixed=(0.0, 0.0, 0.0),
        second_order=0.0,
        sot=(0.0, 0.0),
        polarisation=(0.0, 1.0, 0.0),
        stt=(0.0, 0.0),
        reference=(0.0, 0.0, 1.0),
    ):
        field = np.add(field, sot[1] * np.array(polarisation) + stt[1] * np.array(reference))
        spins = sot[0] * np.array(polarisation)
        row = np.concatenate([field, stiffness, mixed, [second_order], spins, [stt[0], 0.0]])
        assert row.size == DRIVE_COLUMNS
        return np.tile(row, (steps + 1, 1))

    return build

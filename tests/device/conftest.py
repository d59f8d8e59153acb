"""Shared pieces of the device tests."""

from __future__ import annotations

import numpy as np
import pytest

from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Device
from spinpim.device.ensemble import DRIVE_COLUMNS, advance_block


@pytest.fixture(scope="session")
def memory() -> Device:
    return Device.load("perpendicular_memory_60nm")


@pytest.fixture(scope="session")
def noiseless():
    """Integrate macrospins at zero temperature through a drive table; gives the recorded path."""

    def run(m0, drive, step_s, damping, reference=(0.0, 0.0, 1.0), record_every=1):
        m = np.atleast_2d(np.asarray(m0, dtype=np.float64)).T.copy()
        steps = drive.shape[0] - 1
        record = np.empty((m.shape[1], steps // record_every + 1, 3))
        record[:, 0, :] = m.T
        scale = GYROMAGNETIC_RATIO * step_s / (1.0 + damping**2)
        generators = np.zeros((4, m.shape[1]), dtype=np.uint32)
        advance_block(
            m[0],
            m[1],
            m[2],
            generators,
            drive,
            np.asarray(reference),
            damping,
            scale,
            0.0,
            record_every,
            record,
        )
        return record

    return run


@pytest.fixture(scope="session")
def constant_drive():
    """Build a drive table with the given columns held constant."""

    def build(steps, *, field=(0.0, 0.0, 0.0), stiffness=(0.0, 0.0, 0.0), sot=(0.0, 0.0), stt=(0.0, 0.0)):
        row = np.concatenate([field, stiffness, sot, stt])
        assert row.size == DRIVE_COLUMNS
        return np.tile(row, (steps + 1, 1))

    return build

import pytest

from spinpim.circuit import Cell, SenseAmp
from spinpim.device import Device


@pytest.fixture(scope="session")
def device():
    return Device.load("perpendicular_memory_60nm")


@pytest.fixture(scope="session")
def cell(device):
    return Cell.load("2t1r_45nm", device=device)


@pytest.fixture(scope="session")
def amplifier():
    return SenseAmp.load("strongarm_45nm")


@pytest.fixture(scope="session")
def small_amplifier():
    return SenseAmp.load("strongarm_minimum_45nm")


@pytest.fixture(scope="session")
def clamp_amplifier():
    return SenseAmp.load("current_clamp_45nm")

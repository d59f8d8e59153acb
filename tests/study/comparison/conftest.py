"""A memory, small networks, and one comparison for all tests."""

import pytest

import spinpim as sp
from spinpim.network.architectures import random_network
from spinpim.params import load_baseline, load_claims
from spinpim.study.comparison import compare

BASELINES = ("reram_prime_like_45nm", "yodann_65nm", "cmos_mac8_45nm", "sram_bitline_45nm", "imce_like_45nm")


@pytest.fixture(scope="session")
def memory():
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    return sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 1))


@pytest.fixture(scope="session")
def lenet():
    return random_network("lenet5", weight_bits=1, activation_bits=4, seed=1)


@pytest.fixture(scope="session")
def lenet_of_two_digits():
    return random_network("lenet5", weight_bits=2, activation_bits=2, seed=1)


@pytest.fixture(scope="session")
def claims():
    return load_claims("roohi2019_claims")


@pytest.fixture(scope="session")
def comparison(memory, lenet, lenet_of_two_digits, claims):
    return compare([lenet, lenet_of_two_digits], memory, [load_baseline(name) for name in BASELINES], claims)

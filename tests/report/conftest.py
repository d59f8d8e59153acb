"""One small run of the real chain, shared by all tests of the report."""

from __future__ import annotations

import dataclasses
import io

import h5py
import pytest

from spinpim.estimate import Estimate
from spinpim.report.page import report_html
from spinpim.report.results import write_results
from spinpim.study.chain import run_chain
from spinpim.study.settings import ChainSettings

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(scope="session")
def chain_result():
    return run_chain(ChainSettings(trials=200, chips=2, seed=3))


@pytest.fixture(scope="session")
def uncounted_result(chain_result):
    """The same run with an error rate from 200 counted writes, of which none failed."""
    return dataclasses.replace(chain_result, write_error=Estimate.from_counts(0, 200))


@pytest.fixture(scope="session")
def report(chain_result):
    return report_html(chain_result)


@pytest.fixture(scope="session")
def stored():
    """Write a result into memory and return the open file."""

    def store(result):
        file = h5py.File(io.BytesIO(), "w")
        write_results(result, file)
        return file

    return store


@pytest.fixture(scope="session")
def hostile_result(chain_result):
    """The same run with every free text set to markup, a zero character and a lone surrogate."""
    text = HOSTILE + "\0\udc80 \u4e00 $x^"
    record = dataclasses.replace(chain_result.device.records[0], source=text, where=text, text=f"1 {HOSTILE}")
    attribution = f'<a href="http://example.org">{text}</a>'
    network = chain_result.network
    first, *others = network.nodes
    cost = chain_result.cost
    return dataclasses.replace(
        chain_result,
        settings=dataclasses.replace(chain_result.settings, device=f"{text}.toml"),
        device=chain_result.device.replace(title=text, records=(record, *chain_result.device.records[1:])),
        network=dataclasses.replace(
            network,
            name=text,
            title=text,
            nodes=(dataclasses.replace(first, name=text), *others),
            training={"method": text},
        ),
        dataset=dataclasses.replace(chain_result.dataset, name=text, attribution=attribution),
        cost=dataclasses.replace(
            cost, layers=(dataclasses.replace(cost.layers[0], name=text), *cost.layers[1:])
        ),
    )

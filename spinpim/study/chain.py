"""The whole chain: one device file to the accuracy, energy and delay of a network in its memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from spinpim.array import ArrayModel, Cost, Run, cost, execute
from spinpim.circuit import Cell, SenseAmp, Sensing
from spinpim.device import (
    Device,
    SwitchingTable,
    Trajectories,
    WriteEnergy,
    characterise,
    simulate,
    write_error_rate,
)
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.network import Network
from spinpim.network.datasets import Dataset
from spinpim.study.robustness import cost_of, faults_of, protection_of
from spinpim.study.settings import ChainSettings
from spinpim.study.workload import workload

MINIMUM_AMPLIFIER = "strongarm_minimum_45nm"
"""Small amplifier that the report shows beside the chosen one."""

WRITE_ERROR_PRECISION = 0.15
"""Standard deviation over the write error rate at which its work may end [1]: no accuracy depends on more."""

TRAJECTORY_TRIALS = 64
SWITCHING_TRIALS = 256
SWITCHING_CURRENTS = 17
SWITCHING_WIDTHS_RELATIVE = (0.5, 1.0, 2.0)

STAGES = (
    "parameter files",
    "trajectories",
    "switching probability",
    "write error rate",
    "sensing",
    "ideal and faulty chips",
    "minimum amplifier",
    "cost",
)

Progress = Callable[[str], None]
"""Called with the name of each stage when it begins."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrayResult:
    """One amplifier's part of the chain: sensing, array, execution."""

    amplifier: SenseAmp
    sensing: Sensing
    array: ArrayModel
    run: Run


@dataclass(frozen=True, slots=True, eq=False)
class ChainResult:
    """Everything that one run of the chain computed.

    Attributes
    ----------
    settings : ChainSettings
        What was asked for.
    device, cell, network, dataset
        What it was computed for.
    trajectories : dict of str to Trajectories
        Motion during the write towards "P" and "AP".
    table : SwitchingTable
        Switching counts around the write pulse, towards AP.
    write_error : Estimate
        Error rate of the write pulse, both directions.
    write_energy : WriteEnergy
        Mean of both directions [J].
    chosen, minimum : ArrayResult
        With the chosen and with the minimum-size amplifier.
    cost : Cost
        Energy, latency and area with the chosen amplifier and its protection.
    """

    settings: ChainSettings
    device: Device
    cell: Cell
    network: Network
    dataset: Dataset
    trajectories: dict[str, Trajectories]
    table: SwitchingTable
    write_error: Estimate
    write_energy: WriteEnergy
    chosen: ArrayResult
    minimum: ArrayResult
    cost: Cost


def run_chain(settings: ChainSettings, progress: Progress = lambda stage: None) -> ChainResult:
    """Run every layer on one device.

    All inputs are read and checked before the first computation. Fixed seed, fixed result: it depends on
    neither the workers nor the machine's load.

    Parameters
    ----------
    settings : ChainSettings
        What to run.
    progress : callable
        Told the name of each stage as it begins.

    Returns
    -------
    ChainResult

    Raises
    ------
    InputError
        For every mistake in names, files and numbers.
    """
    progress(STAGES[0])
    device = Device.load(settings.device)
    cell = Cell.load(settings.cell, device=device)
    amplifiers = [SenseAmp.load(name) for name in (settings.amplifier, MINIMUM_AMPLIFIER)]
    network, dataset = workload(settings)
    # Both refuse a design that cannot work, so they come before minutes of simulation.
    energy = _mean_write_energy(cell, device)
    for amplifier in amplifiers:
        cost(ArrayModel(cell, amplifier, write=Estimate.from_counts(0, 1)), network)
    pool = ThreadPoolExecutor(settings.worker_count)
    try:
        return _compute(settings, device, cell, amplifiers, network, dataset, energy, pool, progress)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _compute(
    settings: ChainSettings,
    device: Device,
    cell: Cell,
    amplifiers: list[SenseAmp],
    network: Network,
    dataset: Dataset,
    energy: WriteEnergy,
    pool: Executor,
    progress: Progress,
) -> ChainResult:
    seed = settings.seed
    progress(STAGES[1])
    trajectories = {
        to: simulate(device, device.write_pulse(to), seed=seed, trials=TRAJECTORY_TRIALS, initial_state=start)
        for start, to in (("P", "AP"), ("AP", "P"))
    }
    progress(STAGES[2])
    table = _switching_table(device, seed, pool)
    progress(STAGES[3])
    write_error = _write_error(device, settings, pool)
    progress(STAGES[4])
    arrays = [ArrayModel(cell, amplifier, write=write_error) for amplifier in amplifiers]
    results = []
    for stage, array in zip(STAGES[5:7], arrays, strict=True):
        progress(stage)
        run = execute(
            network,
            dataset.images,
            dataset.labels,
            array,
            seed=seed,
            chips=settings.chips,
            executor=pool,
            faults=faults_of(settings, array),
            protection=protection_of(settings),
        )
        results.append(ArrayResult(array.amplifier, array.sensing, array, run))
    progress(STAGES[7])
    return ChainResult(
        settings=settings,
        device=device,
        cell=cell,
        network=network,
        dataset=dataset,
        trajectories=trajectories,
        table=table,
        write_error=write_error,
        write_energy=energy,
        chosen=results[0],
        minimum=results[1],
        cost=cost_of(results[0].array, network, results[0].run),
    )


def _write_error(device: Device, settings: ChainSettings, pool: Executor) -> Estimate:
    """Error rate of the write pulse, by whichever method suits it."""
    estimate = partial(write_error_rate, device, seed=settings.seed, trials=settings.trials, executor=pool)
    try:
        return estimate(target_relative_error=WRITE_ERROR_PRECISION)
    except InputError:
        # Deeper than a double reaches, or than a grid resolves: the bound of a count is enough for a memory.
        return estimate(method="counting")


def _switching_table(device: Device, seed: int, pool: Executor) -> SwitchingTable:
    """Counts from 0.4 to 1.2 times the write current, at widths around that of the write pulse."""
    currents = np.linspace(0.4, 1.2, SWITCHING_CURRENTS) * device.write.sot_current_A
    widths = np.array(SWITCHING_WIDTHS_RELATIVE) * device.write.width_s
    return characterise(
        device, sot_current_A=currents, width_s=widths, seed=seed, trials=SWITCHING_TRIALS, executor=pool
    )


def _mean_write_energy(cell: Cell, device: Device) -> WriteEnergy:
    both = [cell.write_energy(device.write_pulse(to)) for to in ("P", "AP")]
    return WriteEnergy(
        *(0.5 * sum(getattr(one, field.name) for one in both) for field in dataclasses.fields(WriteEnergy))
    )

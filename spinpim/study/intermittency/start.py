"""From names to machines on harvested power."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spinpim.array import ArrayModel
from spinpim.array.baselines import baseline_cost
from spinpim.array.intermittency import Policy, Storage, Trace, work_of, work_of_baseline
from spinpim.array.intermittency.kinds import WARNED
from spinpim.checks import finite, instance, shown
from spinpim.circuit import Cell, SenseAmp
from spinpim.device import Device, write_error_rate
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.params import BaselineFile, load_array, load_baseline
from spinpim.study.comparison.start import networks_of
from spinpim.study.intermittency.break_even import PERIODIC, BreakEven, break_even
from spinpim.study.intermittency.policy_map import PolicyMap, policy_map
from spinpim.study.intermittency.survey import Survey, survey
from spinpim.study.intermittency.trace_names import LAWS, trace_of
from spinpim.study.intermittency_settings import IntermittentSettings

WRITE_TRIALS, WRITE_PRECISION = 20_000, 0.15

PERIODS_J = np.logspace(-10.0, -3.0, 22)
WRITE_FACTORS = np.logspace(-4.0, 1.0, 11)
MAP_POWERS_W = np.logspace(-6.0, -2.0, 5)
MAP_RATES_HZ = np.logspace(0.0, 3.0, 4)
MAP_CAPACITORS_F = np.logspace(-7.0, -3.0, 5)


@dataclass(frozen=True, slots=True, eq=False)
class Surveyed:
    """What a command found, with what it was found for.

    Attributes
    ----------
    settings : IntermittentSettings
        What was asked for.
    array : ArrayModel
        The memory.
    baselines : tuple of BaselineFile
        Other accelerators.
    survey : Survey
        Machines side by side.
    curves : BreakEven or None
        Where keeping sums pays.
    map : PolicyMap or None
        Best policies.
    """

    settings: IntermittentSettings
    array: ArrayModel
    baselines: tuple[BaselineFile, ...]
    survey: Survey
    curves: BreakEven | None
    map: PolicyMap | None


def survey_of(
    settings: IntermittentSettings, progress: Callable[[str], None] = lambda stage: None
) -> Surveyed:
    """Run what the settings name; see `survey`, `break_even` and `policy_map`.

    Raises
    ------
    InputError
        For every mistake in names, files and numbers.
    """
    instance("settings", settings, IntermittentSettings, "IntermittentSettings(...)")
    for name in ("traces", "policies", "baselines", "capacitances_F"):
        given = getattr(settings, name)
        if not isinstance(given, tuple | list):
            raise InputError(f"{name} must be a tuple; instead received {shown(given)}.")
        if len(set(given)) < len(given):
            raise InputError(f"{name} holds the same thing twice; give each once.")
    policies = [Policy.parse(text, settings.rewrites, settings.checks) for text in settings.policies]
    storages = [_storage(settings, one) for one in settings.capacitances_F]
    traces = _traces(settings)
    networks = networks_of(settings.network, settings.bits)
    if len(networks) != 1:
        raise InputError(f"bits must be one pair here, such as 1:4; instead received {settings.bits!r}.")
    files = tuple(load_baseline(name) for name in settings.baselines)
    cell = Cell.load(settings.cell, device=Device.load(settings.device))
    amplifier, technology = SenseAmp.load(settings.amplifier), load_array(settings.array)
    others = [
        work_of_baseline(baseline_cost(networks[0], file, precision=_precision(file))) for file in files
    ]
    progress("write error rate")
    array = ArrayModel(
        cell,
        amplifier,
        write=write_error_of(cell.device, settings.write_error, settings.seed),
        technology=technology,
    )
    memory = work_of(array, networks[0])
    found = survey(
        memory,
        others,
        traces,
        storages,
        policies,
        duration_s=finite("duration_s", settings.duration_s, above=0.0),
        wake_J=settings.wake_J,
        wake_s=settings.wake_s,
        seed=settings.seed,
        progress=progress,
    )
    curves = chart = None
    if settings.map:
        progress("break-even curves")
        curves = break_even(
            memory, PERIODS_J, WRITE_FACTORS, policies=(*PERIODIC, *WARNED), checks=settings.checks
        )
        chart = policy_map(
            memory,
            policies,
            mean_power_W=MAP_POWERS_W,
            failure_rate_Hz=MAP_RATES_HZ,
            capacitance_F=MAP_CAPACITORS_F,
            storage=storages[0],
            seed=settings.seed,
            progress=progress,
        )
    return Surveyed(settings, array, files, found, curves, chart)


def write_error_of(device: Device, given: float | None, seed: int) -> Estimate:
    """Write error rate as given, or of the write pulse of the device, by counting or splitting."""
    if given is not None:
        value = finite("write_error", given, 0.0, 1.0)
        return Estimate(value, value, value, "as given", 0, "as given", 0, 1.0)
    try:
        return write_error_rate(device, trials=WRITE_TRIALS, seed=seed, target_relative_error=WRITE_PRECISION)
    except InputError:
        # Deeper than a double reaches: the bound of a count is high enough for every save to be read back.
        return write_error_rate(device, trials=WRITE_TRIALS, seed=seed, method="counting")


def _storage(settings: IntermittentSettings, capacitance_F: float) -> Storage:
    given = settings.leakage_ohm
    leakage = {} if given is None else {"leakage_ohm": finite("leakage_ohm", given, above=0.0)}
    return Storage(
        capacitance_F,
        on_V=settings.on_V,
        off_V=settings.off_V,
        highest_V=settings.highest_V,
        warning_V=settings.warning_V,
        charging_efficiency=settings.charging,
        supplying_efficiency=settings.supplying,
        **leakage,
    )


def _traces(settings: IntermittentSettings) -> list[Trace]:
    """Supplies with names of their own."""
    found: list[Trace] = []
    for text in settings.traces:
        trace = trace_of(
            text, seed=settings.seed, columns=settings.columns, load_ohm=settings.load_ohm
        ).scaled(settings.scale)
        named = text.partition(":")[0] in LAWS or any(one.name == trace.name for one in found)
        found.append(Trace(text, trace.edges_s, trace.power_W) if named else trace)
    if len({one.name for one in found}) < len(found):
        raise InputError("the same trace is given twice; name each once.")
    return found


def _precision(file: BaselineFile) -> str:
    """Machines that compute at the digits of the network do; others at their own."""
    return "native" if file.structure == "binary_weight" else "matched"

"""Everything a survey found, as plain numbers and text, and as columns of an HDF5 file."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from spinpim.array.intermittency import Intermittent, Work
from spinpim.array.intermittency.engine import EVENT_COLUMNS
from spinpim.report.provenance import UsedFile, array_files, versions
from spinpim.storage import write_axis
from spinpim.study.intermittency import Outcome
from spinpim.study.intermittency.start import Surveyed

SCHEMA = "spinpim-intermittent/1"

MISSING = -1.0
"""In columns of numbers that are never negative, where a run has none."""

SHARES = (
    "spent_J",
    "images_per_J",
    "images_per_hour",
    "forward_progress",
    "forward_progress_time",
    "lost_share",
    "repeated_share",
    "keeping_share",
    "on_s",
    "cuts_survived",
)
"""What follows from the counts of a run, by the names of its properties."""

PLAIN = tuple(
    one.name
    for one in dataclasses.fields(Intermittent)
    if one.name not in ("machine", "network", "policy", "events")
)


def survey_record(found: Surveyed) -> dict[str, Any]:
    """All figures by their names, ready for JSON.

    Parameters
    ----------
    found : Surveyed
        From `survey_of`.

    Returns
    -------
    dict
        ``schema``, ``command``, ``versions``, ``checks``, ``write_error``, ``machines`` (energy, time and
        waking of each), ``traces``, ``outcomes`` (with ``refusal`` where a machine cannot work),
        ``break_even`` and ``map`` where they were asked for, and ``parameters`` (every number of every file,
        with its source). Units are in the names.
    """
    survey = found.survey
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "command": found.settings.command(),
        "versions": versions(),
        "network": survey.memory.network,
        "duration_s": survey.duration_s,
        "checks": found.settings.checks,
        "write_error": dataclasses.asdict(found.array.write) | {"cost_s": None},
        "machines": [_machine(work) for work in (survey.memory, *survey.others)],
        "traces": [
            {
                "name": trace.name,
                "duration_s": trace.duration_s,
                "mean_power_W": trace.mean_power_W,
                "pieces": len(trace.power_W),
            }
            for trace in survey.traces
        ],
        "outcomes": [_outcome(one) for one in survey.outcomes],
        "parameters": {
            used.role: {"name": used.name, "numbers": [dataclasses.asdict(one) for one in used.records]}
            for used in surveyed_files(found)
        },
    }
    if found.curves is not None:
        curves = found.curves
        record["break_even"] = {
            "policies": list(curves.policies),
            "period_J": curves.period_J.tolist(),
            "write_J": curves.write_J.tolist(),
            "progress": curves.progress.tolist(),
        }
    if found.map is not None:
        chart = found.map
        record["map"] = {
            "policies": [str(policy) for policy in chart.policies],
            "mean_power_W": chart.mean_power_W.tolist(),
            "failure_rate_Hz": chart.failure_rate_Hz.tolist(),
            "capacitance_F": chart.capacitance_F.tolist(),
            "kept": chart.kept.tolist(),
            "best": chart.best.tolist(),
        }
    return record


def write_survey(found: Surveyed, file: Any) -> None:
    """Write everything into an open HDF5 file.

    Parameters
    ----------
    found : Surveyed
        From `survey_of`.
    file : h5py.File
        Empty and writable.

    Notes
    -----
    Groups: ``outcomes`` (columns, one row per run), ``events`` (the first wakes and cuts of each run, by its
    row), ``traces``, and ``break_even`` and ``map`` where they were asked for. Every dataset has an attribute
    ``units``.
    """
    survey = found.survey
    file.attrs["schema"] = SCHEMA
    file.attrs["command"] = found.settings.command()
    file.attrs["seed"] = found.settings.seed
    for name, version in versions().items():
        file.attrs[f"version_{name}"] = version
    group = file.create_group("outcomes")
    rows = [_outcome(one) for one in survey.outcomes]
    for name in ("trace", "machine", "policy", "refusal"):
        _column(group, name, [row[name] for row in rows])
    for name in ("capacitance_F", "first_image_s", *PLAIN, *SHARES):
        _column(group, name, [MISSING if row.get(name) is None else float(row[name]) for row in rows])
    events = file.create_group("events")
    for place, one in enumerate(survey.outcomes):
        if one.result is not None:
            dataset = events.create_dataset(str(place), data=one.result.events, compression="gzip")
            dataset.attrs["columns"] = ",".join(EVENT_COLUMNS)
            dataset.attrs["units"] = "s,J,1,1,1,1"
    traces = file.create_group("traces")
    for place, trace in enumerate(survey.traces):
        group = traces.create_group(str(place))
        group.attrs["name"] = trace.name
        _column(group, "edges_s", trace.edges_s)
        _column(group, "power_W", trace.power_W)
    if found.curves is not None:
        group = file.create_group("break_even")
        group.attrs["policies"] = list(found.curves.policies)
        write_axis(group, "period_J", found.curves.period_J, "J")
        write_axis(group, "write_J", found.curves.write_J, "J")
        _column(group, "progress", found.curves.progress)
    if found.map is not None:
        group = file.create_group("map")
        group.attrs["policies"] = [str(policy) for policy in found.map.policies]
        for name in ("mean_power_W", "failure_rate_Hz", "capacitance_F"):
            write_axis(group, name, getattr(found.map, name), name.rpartition("_")[2])
        _column(group, "kept", found.map.kept)


def surveyed_files(found: Surveyed) -> tuple[UsedFile, ...]:
    """Every parameter file that went in."""
    return (
        *array_files(found.array),
        *(
            UsedFile(f"baseline {file.name}", file.name, file.title, file.records(), "")
            for file in found.baselines
        ),
    )


def _machine(work: Work) -> dict[str, Any]:
    return {
        "name": work.machine,
        "image_J": work.image_J,
        "image_s": work.image_s,
        "mean_power_W": work.mean_power_W,
        "wake_J": work.wake_J,
        "wake_s": work.wake_s,
        "keeping": None if work.keeping is None else dataclasses.asdict(work.keeping),
        "phases": [dataclasses.asdict(phase) for phase in work.phases],
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    named = {
        "trace": one.trace,
        "capacitance_F": one.capacitance_F,
        "machine": one.machine,
        "policy": str(one.policy),
        "refusal": one.refusal,
        "first_image_s": one.first_image_s,
    }
    if one.result is None:
        return named
    return named | {name: getattr(one.result, name) for name in (*PLAIN, *SHARES)}


def _column(group: Any, name: str, values: Any) -> None:
    numbers = np.asarray(values)
    text = numbers.dtype.kind in "UO"
    dataset = group.create_dataset(name, data=[str(one) for one in values] if text else numbers)
    unit = name.rpartition("_")[2]
    if not text:
        dataset.attrs["missing"] = MISSING
    dataset.attrs["units"] = "none" if text else unit if unit in ("J", "s", "V", "W", "F") else "1"

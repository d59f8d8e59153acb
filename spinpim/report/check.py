"""``spinpim check``: what a parameter file says and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spinpim.device.measure.figures import Figure, derived_figures
from spinpim.device.mtj import Device
from spinpim.params import DeviceFile, ParameterFile, ParameterRecord
from spinpim.params.any_file import load_any

_PREFIXES = {-18: "a", -15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
_YEAR_S = 365.25 * 24 * 3600
_LONGEST_YEARS = 1000.0


def print_check(name_or_path: str | Path) -> None:
    """Print a parameter file's numbers with sources and, for a device, its derived figures.

    Raises
    ------
    InputError
        If the file has a mistake.
    """
    from rich.console import Console

    # Texts of a user's file may hold brackets, which are not meant as markup.
    console = Console(soft_wrap=False, markup=False, highlight=False)
    file = load_any(name_or_path)
    device = Device.from_file(file) if isinstance(file, DeviceFile) else None
    console.print(f"{file.name}: {file.title}")
    if device is not None:
        console.print(_figures_table(derived_figures(device)))
    console.print(_numbers_table(file))
    counts: dict[str, int] = {}
    for record in file.records():
        counts[record.status] = counts.get(record.status, 0) + 1
    console.print(_count_sentence(counts, len(file.records())))


def engineering(value: float, unit: str) -> str:
    """Write a number with an SI prefix, four digits; years for long times.

    Examples
    --------
    >>> engineering(3.3e-4, "A"), engineering(70.2, "1"), engineering(1e12, "s")
    ('330 uA', '70.2', 'over 1000 years')
    """
    from math import floor, isfinite, log10

    if unit == "s" and value >= 60.0:
        return _long_time(value)
    if unit == "1":
        return f"{value:.4g}"
    if not isfinite(value) or value == 0.0:
        return f"{value:g} {unit}"
    exponent = min(12, max(-18, 3 * floor(log10(abs(value)) / 3)))
    return f"{value / 10.0**exponent:.4g} {_PREFIXES[exponent]}{unit}"


def _long_time(value_s: float) -> str:
    years = value_s / _YEAR_S
    if years > _LONGEST_YEARS:
        return f"over {_LONGEST_YEARS:.0f} years"
    for name, length_s in (("years", _YEAR_S), ("days", 86_400.0), ("hours", 3_600.0)):
        if value_s >= length_s:
            return f"{value_s / length_s:.3g} {name}"
    return f"{value_s / 60.0:.3g} minutes"


def _figures_table(figures: tuple[Figure, ...]):  # type: ignore[no-untyped-def]
    from rich.table import Table

    table = Table(title="Derived figures", title_justify="left")
    table.add_column("figure")
    table.add_column("value", no_wrap=True)
    table.add_column("rests on; assumed are marked *", overflow="fold")
    for figure in figures:
        parts = [f"{key.split('.')[1]}{'*' if key in figure.assumed else ''}" for key in figure.keys]
        table.add_row(figure.name, engineering(figure.value, figure.unit), ", ".join(parts))
    return table


def _numbers_table(file: ParameterFile):  # type: ignore[no-untyped-def]
    from rich.table import Table

    table = Table(title="Numbers of the file", title_justify="left")
    table.add_column("key", overflow="fold")
    table.add_column("value", no_wrap=True)
    table.add_column("status; source; where", overflow="fold")
    section = ""
    for record in file.records():
        heading, key = record.key.split(".", 1)
        if heading != section:
            section = heading
            table.add_section()
            table.add_row(f"[{heading}]", "", "")
        sigma = ""
        if record.sigma_si and record.value_si:
            sigma = f" +- {100.0 * abs(record.sigma_si / record.value_si):.2g} %"
        sigma += _bounds_text(record)
        origin = "; ".join(part for part in (record.status, record.source, record.where) if part)
        table.add_row(f"  {key}", f"{record.text}{sigma}", origin)
    return table


def _bounds_text(record: ParameterRecord) -> str:
    """Bounds as multiples of the value, or as they are where it is zero; empty where there are none."""
    low, high = record.low_si, record.high_si
    if low is None or high is None or low == high:
        return ""
    if record.value_si:
        return f" x {low / record.value_si:.3g}..{high / record.value_si:.3g}"
    return f", {low:.3g}..{high:.3g} {record.unit_si}"


def _count_sentence(counts: Mapping[str, int], total: int) -> str:
    parts = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    assumed = counts.get("assumed", 0)
    return (
        f"{total} numbers: {parts}. {assumed} of {total} are assumed: treat what rests on them as a design."
    )

"""``spinpim sense``: what one operation on one column gives, printed, as JSON and as figures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from spinpim.circuit import Cell, SenseAmp, Sensing, sense
from spinpim.circuit.operations import MOST_ROWS, find_operation
from spinpim.circuit.trade_offs import READ_CURRENT, TradeOff, best_read_current, trade_off
from spinpim.device import Device
from spinpim.errors import InputError
from spinpim.report.check import engineering
from spinpim.storage import replace_path, told_of_storage

SCHEMA = "spinpim-sensing/1"
POINTS = 25
CORNERS_K = (233.15, 398.15)
"""-40 and 125 degrees Celsius."""
LEAST_AREA = 0.1
"""Smallest scale of an amplifier that its file would accept [1]."""
ACCESSES = 10**12
"""Between two writes, in the figure of the read disturb: 1 MHz for eleven days."""
OPERATIONS = (("READ", 1), ("AND", 2), ("OR", 2), ("XOR", 2), ("AND", 3), ("MAJ", 3))
"""Those whose energy and delay are drawn."""
HEADINGS = ("cells", "level", "margin", "static", "no offset", "temporal", "fails first")
WIDTH = 10
SHORT = {"tunnel_magnetoresistance": "TMR"}


def print_sensing(
    device: str,
    cell: str,
    amplifier: str,
    operation: str,
    rows: int,
    temperature_K: float | None = None,
    json_path: Path | None = None,
    plot_folder: Path | None = None,
) -> None:
    """Sense a column, print a table, and write what is asked for; nothing is written after a mistake.

    Parameters
    ----------
    device, cell, amplifier : str
        Shipped names or paths.
    operation, rows, temperature_K
        As in `spinpim.circuit.sense`.
    json_path, plot_folder : Path, optional
        Where to write all figures of the result, and drawings of its trade-offs.

    Raises
    ------
    InputError
        As `sense`, or if a file cannot be written.
    """
    column = Cell.load(cell, device=Device.load(device))
    chosen = SenseAmp.load(amplifier)
    sensing = sense(column, chosen, operation=operation, rows=rows, temperature_K=temperature_K)
    drawings: dict[str, str] = {}
    notes: list[str] = []
    if plot_folder is not None:
        drawings = _drawings(column, chosen, sensing, notes)
    with _json_file(json_path) as temporary:
        if temporary is not None:
            temporary.write_text(_json_text(sensing, column, chosen))
        if plot_folder is not None:
            _write_drawings(plot_folder, drawings)
    _print_table(sensing, column, chosen)
    for note in notes:
        print(f"note: {note}")
    for path in (json_path, plot_folder):
        if path is not None:
            print(f"written: {path}")


def _json_text(sensing: Sensing, cell: Cell, amplifier: SenseAmp) -> str:
    names = {"device": cell.device.name, "cell": cell.name, "amplifier": amplifier.name}
    content = {"schema": SCHEMA, **names, **sensing.figures()}
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


@contextmanager
def _json_file(path: Path | None) -> Iterator[Path | None]:
    """Path beside the target, which is replaced once everything else is written; None without target."""
    if path is None:
        yield None
        return
    with replace_path(path) as temporary:
        yield temporary


def _write_drawings(folder: Path, drawings: dict[str, str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, but the figures need a folder; choose another name.")
    with told_of_storage(folder):
        folder.mkdir(exist_ok=True)
    for name, text in drawings.items():
        with replace_path(folder / f"{name}.svg") as temporary:
            temporary.write_text(text)


def _drawings(cell: Cell, amplifier: SenseAmp, sensing: Sensing, notes: list[str]) -> dict[str, str]:
    """SVG texts by file name; what cannot be drawn is told in the notes."""
    from spinpim.report.trade_off_plots import disturb_against_error, energy_and_delay, errors_against

    found = _trade_offs(cell, amplifier, sensing, notes)
    drawings = {"errors": errors_against(list(found.values()))}
    if READ_CURRENT in found:
        best = best_read_current(
            cell,
            amplifier,
            operation=sensing.operation,
            rows=sensing.rows,
            temperature_K=sensing.temperature_K,
            accesses=ACCESSES,
        )
        drawings["disturb"] = disturb_against_error(found[READ_CURRENT], best)
    each: dict[str, Sensing] = {}
    for name, rows in OPERATIONS:
        try:
            each[f"{name} of {rows}"] = sense(
                cell, amplifier, operation=name, rows=rows, temperature_K=sensing.temperature_K
            )
        except InputError as refused:
            notes.append(f"energy and delay of {name} of {rows} are not drawn. {refused}")
    drawings["energy_delay"] = energy_and_delay(each)
    return drawings


def _trade_offs(cell: Cell, amplifier: SenseAmp, sensing: Sensing, notes: list[str]) -> dict[str, TradeOff]:
    device, area = cell.device, amplifier.area_scale
    ranges = {
        READ_CURRENT: cell.read_current_per_row_A * np.linspace(0.3, 2.0, 2 * POINTS),
        "tunnel_magnetoresistance": device.tunnel_magnetoresistance * np.linspace(0.5, 1.5, POINTS),
        "resistance_area_product_ohm_m2": device.resistance_area_product_ohm_m2
        * np.linspace(0.4, 1.6, POINTS),
        "area_scale": np.geomspace(max(LEAST_AREA, area / 16.0), 4.0 * area, POINTS),
        "temperature_K": np.linspace(*CORNERS_K, POINTS),
        "rows": np.array([rows for rows in range(1, MOST_ROWS + 1) if _takes(sensing.operation, rows)]),
    }
    if amplifier.clamp is not None:
        del ranges[READ_CURRENT], ranges["temperature_K"]
    found = {}
    for quantity, values in ranges.items():
        fixed = None if quantity == "temperature_K" else sensing.temperature_K
        found[quantity] = trade_off(
            cell,
            amplifier,
            quantity,
            values,
            operation=sensing.operation,
            rows=sensing.rows,
            temperature_K=fixed,
        )
        refusals = found[quantity].refusals
        if refusals:
            first = next(iter(refusals.values()))
            notes.append(f"{len(refusals)} of {len(values)} values of {quantity} are left out. {first}")
    return found


def _takes(operation: str, rows: int) -> bool:
    try:
        find_operation(operation, rows)
    except InputError:
        return False
    return True


def _print_table(sensing: Sensing, cell: Cell, amplifier: SenseAmp) -> None:
    print(
        f"{sensing.operation} of {sensing.rows}, {sensing.mode} sensing at {sensing.temperature_K:g} K: "
        f"{amplifier.name} on {cell.name} with {cell.device.name}\n"
    )
    asked = find_operation(sensing.operation, sensing.rows)
    print(_aligned(HEADINGS))
    for pattern in sensing.patterns:
        causes = sensing.importance[pattern]
        first = max(causes, key=lambda cause: causes[cause])
        cells = (
            f"{pattern} -> {asked.answer(pattern)}",
            engineering(sensing.levels_V[pattern], "V"),
            engineering(sensing.margins_V[pattern], "V"),
            f"{sensing.error_static[pattern]:.2e}",
            f"{sensing.error_without_offset[pattern]:.2e}",
            f"{sensing.error_temporal[pattern]:.2e}",
            SHORT.get(first, first).replace("_", " "),
        )
        print(_aligned(cells))
    references = ", ".join(engineering(part.reference_V, "V") for part in sensing.parts or (sensing,))
    print(
        f"\nreference {references}; energy {engineering(sensing.energy_J, 'J')} per column; "
        f"answer after {engineering(sensing.delay_s - sensing.delay_split_s['reset'], 's')}, "
        f"line ready after {engineering(sensing.delay_s, 's')}; "
        f"read disturb {sensing.read_disturb_probability:.2e} per access\n"
        "static: the same at every access of a column; temporal: new at each;\n"
        "no offset: static, what a Monte Carlo without the amplifier would say"
    )


def _aligned(cells: Sequence[str]) -> str:
    return "".join(f"{text:<{WIDTH}}" for text in cells).rstrip()

"""Write the tables of intermittent.md out of result folders of ``spinpim intermittent --map``, and two more.

spinpim intermittent --map ... --out im
spinpim intermittent --map ... --checks by_row --out im-by-row
python howto/fill_intermittent.py im im-by-row

What leaks by flavour of the transistors and what retention asks for is computed here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import spinpim as sp
from spinpim.array import ArrayModel, cost
from spinpim.array.intermittency import Policy, work_of
from spinpim.network.architectures import random_network
from spinpim.params import load_array
from spinpim.study.intermittency import BreakEven, retention_curve
from spinpim.study.intermittency.break_even import PERIODIC

GUIDE = Path(__file__).parent / "intermittent.md"
FLAVOURS = ("low_standby_power", "low_operating_power", "high_performance")
RETENTION_S = (1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
CHECKED = {"at_restore": "all, at a restore", "by_row": "rows, in use"}
KEPT = ("layers:1", "windows:1", "balanced", "additions", "threshold", "flip_flops")

Record = dict[str, Any]


def table(headings: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def nanojoule(energy_J: float) -> str:
    """An energy with its unit."""
    value = 1e9 * energy_J
    return f"{value:,.0f} nJ" if value > 99.0 else f"{value:.3g} nJ"


def outcomes_table(record: Record, sizes_F: Sequence[float] = ()) -> str:
    """Images per joule and progress of every policy and machine, by supply and capacitor, all or some."""
    places = list(
        dict.fromkeys(
            (one["trace"], one["capacitance_F"])
            for one in record["outcomes"]
            if not sizes_F or one["capacitance_F"] in sizes_F
        )
    )
    names = list(dict.fromkeys((one["machine"], one["policy"]) for one in record["outcomes"]))
    memory = record["machines"][0]["name"]
    found = {
        (one["trace"], one["capacitance_F"], one["machine"], one["policy"]): one for one in record["outcomes"]
    }
    rows = []
    for machine, policy in names:
        cells = []
        for trace, size in places:
            one = found[trace, size, machine, policy]
            if one["refusal"]:
                cells.append("cannot start")
            elif not one["images"]:
                cells.append("none")
            else:
                cells.append(f"{one['images_per_J']:,.0f} ({one['forward_progress']:.2f})")
        rows.append([policy if machine == memory else machine, *cells])
    headings = [
        f"{trace.replace('react_rf-', '').replace('_wisp_5', '')}, {1e6 * size:g} µF"
        for trace, size in places
    ]
    return table(["images per joule (progress)", *headings], rows)


def break_even_table(record: Record) -> str:
    """Progress at the write of the device and a hundred and a thousand times cheaper."""
    curves = record["break_even"]
    own = record["machines"][0]["keeping"]["write_J"]
    factors = {round(write / own, 6): place for place, write in enumerate(curves["write_J"])}
    names = [name for name in curves["policies"] if name != "volatile"]
    rows = []
    for number, period in enumerate(curves["period_J"]):
        if number % 3 or not any(one[number][0] for one in curves["progress"]):
            continue
        for factor in (1.0, 0.01, 0.001):
            column = factors[factor]
            values = [curves["progress"][curves["policies"].index(name)][number][column] for name in names]
            cells = [nanojoule(period), f"{factor:g}", *(f"{value:.3f}" for value in values)]
            rows.append([CHECKED[record["checks"]], *cells])
    return table(["checks", "energy between cuts", "write, of the device's", *names], rows)


def limits_table(record: Record) -> str:
    """Energy of a write below which sums kept at each addition lead all that are not warned."""
    stored = record["break_even"]
    curves = BreakEven(
        tuple(stored["policies"]), *(np.array(stored[name]) for name in ("period_J", "write_J", "progress"))
    )
    own = record["machines"][0]["keeping"]["write_J"]
    image_J = record["machines"][0]["image_J"]
    operations = sum(phase["operations"] for phase in record["machines"][0]["phases"])
    rows = []
    for period, limit in zip(
        curves.period_J, curves.write_at_break_even_J("additions", among=PERIODIC), strict=True
    ):
        count = f"{period * operations / image_J:,.0f}"
        if 0.0 < limit < np.inf:
            cells = [nanojoule(period), count, f"{1e15 * limit:.2g} fJ", f"{own / limit:,.0f}"]
            rows.append([CHECKED[record["checks"]], *cells])
        elif limit == 0.0 and period > 2e-9:
            rows.append([CHECKED[record["checks"]], nanojoule(period), count, "never", "–"])
    headings = [
        "checks",
        "energy between cuts",
        "row operations",
        "write of a digit below",
        "times less than the device's",
    ]
    return table(headings, rows[:9])


def map_counts(record: Record) -> str:
    """How often each policy is best, by capacitor."""
    chart = record["map"]
    rows = []
    for k, size in enumerate(chart["capacitance_F"]):
        best = [cell[k] for row in chart["best"] for cell in row]
        shares = [
            f"{name} {best.count(place)}" for place, name in enumerate(chart["policies"]) if place in best
        ]
        rows.append([f"{1e6 * size:g} µF", "; ".join(shares), str(best.count(-1))])
    return table(["capacitor", "best, in how many of the supplies", "nothing works"], rows)


def array_with(flavour: str) -> ArrayModel:
    """The shipped array around other transistors."""
    file = load_array("array_45nm")
    technology = file.model_copy(update={"periphery": file.periphery.model_copy(update={"flavour": flavour})})
    cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    rare = sp.Estimate.from_counts(0, 10**9)
    return ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=rare, technology=technology)


def leakage_table() -> str:
    """What leaks while the SVHN network is computed, by flavour."""
    network = random_network("svhn", weight_bits=1, activation_bits=4, seed=1)
    rows = []
    for flavour in FLAVOURS:
        priced = cost(array_with(flavour), network)
        leaked = priced.energy_breakdown_J["leakage"]
        rows.append(
            [
                flavour.replace("_", " "),
                f"{1e3 * leaked / priced.latency_per_image_s:.3g} mW",
                f"{1e6 * priced.energy_per_image_J:.3g} µJ",
                f"{100 * leaked / priced.energy_per_image_J:.2g} %",
            ]
        )
    return table(["transistors", "leakage while at work", "energy of an image", "of it leakage"], rows)


def retention_table() -> str:
    """Progress by the retention of a cell, switched off for a tenth of a second and for ten seconds."""
    network = random_network("svhn", weight_bits=1, activation_bits=4, seed=1)
    work = work_of(array_with(FLAVOURS[0]), network)
    rows = []
    for source_W in (1e-4, 1e-6):
        found = retention_curve(
            work,
            [Policy.parse(name, 1) for name in KEPT],
            period_J=3e-5,
            source_W=source_W,
            retention_s=RETENTION_S,
        )
        for name, progress in zip(KEPT, found.progress, strict=True):
            rows.append([f"{found.off_s:.2g} s", name, *(f"{value:.2f}" for value in progress)])
    return table(["switched off for", "policy", *(f"{one:.0e} s" for one in RETENTION_S)], rows)


def both(made: Callable[[Record], str], records: Sequence[Record]) -> str:
    """One table of several records, one below the other."""
    first, *others = (made(record).splitlines() for record in records)
    return "\n".join([*first, *(line for lines in others for line in lines[2:])])


def blocks(record: Record, by_row: Record) -> dict[str, str]:
    """All tables by name."""
    return {
        "outcomes": outcomes_table(record),
        "outcomes-by-row": outcomes_table(by_row, (1e-6,)),
        "break-even": both(break_even_table, (by_row, record)),
        "limits": both(limits_table, (by_row, record)),
        "map": map_counts(record),
        "leakage": leakage_table(),
        "retention": retention_table(),
    }


def filled(text: str, made: dict[str, str]) -> str:
    """The guide with its tables renewed."""
    for name, block in made.items():
        pattern = rf"(<!-- {re.escape(name)} -->).*?(<!-- end -->)"
        text = re.sub(
            pattern, lambda match, block=block: f"{match[1]}\n\n{block}\n\n{match[2]}", text, flags=re.DOTALL
        )
    return text


if __name__ == "__main__":
    read = [
        json.loads((Path(folder) / "summary.json").read_text(encoding="utf-8")) for folder in sys.argv[1:3]
    ]
    GUIDE.write_text(filled(GUIDE.read_text(encoding="utf-8"), blocks(*read)), encoding="utf-8")

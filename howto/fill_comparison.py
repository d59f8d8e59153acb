"""Write the tables of comparison.md out of two result folders of ``spinpim compare``.

spinpim compare --network svhn --bits 1:1,1:4,1:8,2:2 --out svhn
spinpim compare --network alexnet --bits 1:1,1:4,1:8,2:2 --out alexnet
python howto/fill_comparison.py svhn alexnet
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).parent / "comparison.md"
KINDS = {"reram": "ReRAM", "cmos": "CMOS"}
WORDS = {"energy": "images per joule", "speed": "images per second"}

Record = dict[str, Any]


def short(number: float, digits: int = 2) -> str:
    """A number with so many digits, without exponent."""
    return f"{float(f'{number:.{digits}g}'):.10g}"


def table(headings: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def digits(at: Record) -> str:
    """Digits of weights and activations."""
    return f"{at['weight_bits']}:{at['activation_bits']}"


def memory_table(record: Record) -> str:
    """Energy, rate and area of the memory."""
    rows = []
    for at in record["at_digits"]:
        middle = at["memory"]["nominal"]
        energy = [1e6 * at["memory"][band]["energy_per_image_J"] for band in ("nominal", "low", "high")]
        value, low, high = (short(one, 3) for one in energy)
        each_J = middle["energy_per_image_J"] / at["and_operations_per_image"]
        rows.append(
            [
                digits(at),
                f"{value} µJ ({low} to {high})",
                f"{1.0 / middle['interval_per_image_s']:.0f}",
                f"{short(1e6 * middle['area_m2'], 3)} mm²",
                f"{1e15 * each_J:.0f} fJ",
            ]
        )
    headings = ["W:I", "energy per image", "images per second, layers once", "area", "energy per AND"]
    return table(headings, rows)


def ratio_table(record: Record, merit: str) -> str:
    """Ratios over every baseline with their bands."""
    ats = record["at_digits"]
    rows = []
    for number, one in enumerate(ats[0]["baselines"]):
        cells = []
        for at in ats:
            same = at["baselines"][number]
            found = same["memory_over_baseline"].get(merit)
            ends = "independent_low", "independent_high"
            mark = "*" if same["coarser"] else ""
            cells.append(
                f"{short(found['nominal'])}{mark} ({' to '.join(short(found[end]) for end in ends)})"
                if found
                else "–"
            )
        rows.append([f"`{one['name']}`", one["precision"], *cells])
    return table(["baseline", "digits", *(digits(at) for at in ats)], rows)


def claims_table(record: Record) -> str:
    """Published ratios beside those that come out."""
    rows = []
    for at in record["at_digits"]:
        for claim in at["claims"]:
            found, steps = claim["found"], claim["steps"]
            end = short(steps[-1]["ratio"] if steps else found["nominal"])
            levers = "1 lever" if len(steps) == 1 else f"{len(steps)} levers"
            over = [
                f"`{name}` {precision}"
                for name, precision, ratio in claim["others"]
                if ratio >= claim["published"]
            ]
            rows.append(
                [
                    digits(at),
                    f"{WORDS[claim['merit']]}, {KINDS[claim['family']]}, {claim['published']:g}",
                    f"`{claim['baseline']}`, {claim['precision']}",
                    short(found["nominal"]),
                    f"{short(found['low'])} to {short(found['high'])}",
                    f"passed by {levers}" if claim["reached"] else f"{end} after {levers}",
                    ", ".join(over) or "none",
                ]
            )
    headings = [
        "W:I",
        "published",
        "over",
        "comes out",
        "all bounds",
        "end of the way",
        "nominally reached over",
    ]
    return table(headings, rows)


def blocks(name: str, record: Record) -> dict[str, str]:
    """Every table of a network, by the name of its place in the guide."""
    return {
        f"memory {name}": memory_table(record),
        f"energy {name}": ratio_table(record, "energy"),
        f"speed {name}": ratio_table(record, "speed"),
        f"claims {name}": claims_table(record),
    }


def filled(text: str, tables: dict[str, str]) -> str:
    """The guide with tables in their places."""
    for name, content in tables.items():
        place = re.compile(rf"<!-- {re.escape(name)} -->.*?<!-- end -->", re.DOTALL)
        text = place.sub(lambda _, n=name, c=content: f"<!-- {n} -->\n\n{c}\n\n<!-- end -->", text)
    return text


def main(folders: list[str]) -> None:
    """Fill the guide from result folders named as their networks are."""
    text = GUIDE.read_text(encoding="utf-8")
    for folder in folders:
        record = json.loads((Path(folder) / "comparison.json").read_text(encoding="utf-8"))
        text = filled(text, blocks(Path(folder).name, record))
    GUIDE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The guide says what the package computes."""

import json
import re
import runpy
from pathlib import Path

from spinpim.report.comparison.record import comparison_record
from spinpim.study.comparison.start import comparison_of
from spinpim.study.comparison_settings import ComparisonSettings

GUIDE = Path(__file__).resolve().parents[3] / "howto" / "comparison.md"
BITS = "1:4"


def columns(table, heading):
    """Names of the rows of a Markdown table with their cells under a heading."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    place = rows[0].index(heading)
    return {tuple(row[:2]): row[place] for row in rows[2:]}


def test_the_guide_has_the_ratios_that_come_out():
    fill = runpy.run_path(str(GUIDE.with_name("fill_comparison.py")))
    found = comparison_of(ComparisonSettings(network="svhn", bits=BITS))
    made = fill["blocks"]("svhn", json.loads(json.dumps(comparison_record(found, "none"))))
    text = GUIDE.read_text(encoding="utf-8")
    for merit in ("energy", "speed"):
        name = f"{merit} svhn"
        (written,) = re.findall(rf"<!-- {name} -->\n\n(.*?)\n\n<!-- end -->", text, flags=re.DOTALL)
        assert columns(written, BITS) == columns(made[name], BITS)
    assert fill["filled"](f"<!-- energy svhn -->old<!-- end -->{BITS}", made).startswith(
        f"<!-- energy svhn -->\n\n{made['energy svhn']}"
    )

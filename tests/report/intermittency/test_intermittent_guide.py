"""The guide on harvested power says what the package computes."""

import json
import re
import runpy
from pathlib import Path

import pytest
from nearly import near
from real_data import DATA

from spinpim.report.intermittency.record import survey_record
from spinpim.study.intermittency.start import survey_of
from spinpim.study.intermittency_settings import IntermittentSettings

GUIDE = Path(__file__).resolve().parents[3] / "howto" / "intermittent.md"
TRACE = DATA / "power_traces" / "react_rf-cart.trace"


def written(name):
    """A table of the guide as rows of cells."""
    text = GUIDE.read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- {name} -->\n\n(.*?)\n\n<!-- end -->", text, flags=re.DOTALL)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]


@pytest.fixture(scope="module")
def fill():
    return runpy.run_path(str(GUIDE.with_name("fill_intermittent.py")))


def test_the_guide_has_what_leaks(fill):
    assert fill["leakage_table"]().splitlines()[2:] == [
        f"| {' | '.join(row)} |" for row in written("leakage")[2:]
    ]


@pytest.mark.skipif(not TRACE.is_file(), reason="the recorded power is not here; set SPINPIM_DATA")
def test_the_guide_has_what_comes_out_on_a_recording():
    settings = IntermittentSettings(
        network="svhn",
        bits="1:4",
        traces=(str(TRACE),),
        policies=("volatile", "windows:1", "additions", "flip_flops"),
        capacitances_F=(1e-5, 1e-4),
        leakage_ohm=1e7,
        # The bound that counting and splitting give for this device, as in the guide's run.
        write_error=4.32e-7,
    )
    record = json.loads(json.dumps(survey_record(survey_of(settings))))
    headings, _, *rows = written("outcomes")
    cells = {(row[0], name): cell for row in rows for name, cell in zip(headings[1:], row[1:], strict=True)}
    for one in record["outcomes"]:
        cell = cells[one["policy"], f"cart, {1e6 * one['capacitance_F']:g} µF"]
        if one["images"]:
            assert float(cell.split()[0].replace(",", "")) == near(one["images_per_J"], rel=2e-3)
        else:
            assert cell == "none"

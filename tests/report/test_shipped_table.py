"""The list of shipped networks, and its copy in the guide."""

import re
from pathlib import Path

from spinpim.network.storage import SHIPPED
from spinpim.report.shipped_table import print_shipped, shipped_rows

GUIDE = (Path(__file__).resolve().parents[2] / "howto" / "networks.md").read_text()


def test_every_shipped_network_has_a_line(capsys):
    print_shipped()
    printed = capsys.readouterr().out
    for path in [*SHIPPED.glob("*.npz"), *SHIPPED.glob("*.json")]:
        assert re.search(rf"^{path.stem} ", printed, re.MULTILINE), path.stem


def test_the_guide_has_the_same_accuracies():
    rows = re.findall(
        r"^\| `(\w+)` \| (\d+:\d+) \| ([\d.]+) % \(([\d.]+) to ([\d.]+)\) \| ([\d,]+) \| ([\d,]+|-) \|",
        GUIDE,
        re.MULTILINE,
    )
    expected = [
        (
            one.name,
            one.digits,
            *(f"{100 * share:.2f}" for share in (one.accuracy.value, one.accuracy.low, one.accuracy.high)),
            f"{one.images:,}",
            f"{one.ands:,}" if one.ands else "-",
        )
        for one in shipped_rows()
    ]
    assert rows == expected

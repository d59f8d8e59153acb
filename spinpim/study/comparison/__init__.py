"""The memory beside other accelerators on the same networks, with bounds, levers and published claims."""

from spinpim.study.comparison.claims import Claimed
from spinpim.study.comparison.compare import AtDigits, Comparison, Opponent, Tornado, compare
from spinpim.study.comparison.ratios import MEANINGS, MERITS, Ratio, Swing
from spinpim.study.comparison.sides import GROUPS, Side

__all__ = [
    "GROUPS",
    "MEANINGS",
    "MERITS",
    "AtDigits",
    "Claimed",
    "Comparison",
    "Opponent",
    "Ratio",
    "Side",
    "Swing",
    "Tornado",
    "compare",
]

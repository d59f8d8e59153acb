"""Other accelerators as parts and prices, on the same networks as the array: for comparisons."""

from spinpim.array.baselines.chip_figures import ChipFigures, chip_figures
from spinpim.array.baselines.cost import baseline_cost
from spinpim.array.baselines.lines import COMPONENTS, BaselineCost, BaselineLayer
from spinpim.params.baseline_file import load_baseline

__all__ = [
    "COMPONENTS",
    "BaselineCost",
    "BaselineLayer",
    "ChipFigures",
    "baseline_cost",
    "chip_figures",
    "load_baseline",
]

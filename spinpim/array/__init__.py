"""Many columns: networks in the rows of sub-arrays, their faults, their answers, their cost."""

from spinpim.array.executor import execute
from spinpim.array.ledger import Cost, LayerCost, cost
from spinpim.array.mapping import LayerMapping, map_layer, map_network
from spinpim.array.model import ArrayModel
from spinpim.array.run import Run

__all__ = [
    "ArrayModel",
    "Cost",
    "LayerCost",
    "LayerMapping",
    "Run",
    "cost",
    "execute",
    "map_layer",
    "map_network",
]

"""Many columns: networks in the rows of sub-arrays, their faults, their answers, their cost."""

from spinpim.array.even_errors import EvenErrors
from spinpim.array.executor import execute
from spinpim.array.fault_kinds import Faults, StateLoss, StuckCells
from spinpim.array.ledger import Cost, LayerCost, cost
from spinpim.array.mapping import LayerMapping, map_layer, map_network
from spinpim.array.model import ArrayModel
from spinpim.array.protection import Majority, Parity, SingleCorrection
from spinpim.array.run import Run
from spinpim.array.schedule_result import LayerSchedule, Schedule
from spinpim.array.scheduling import schedule
from spinpim.array.sensing_parts import SensingParts

__all__ = [
    "ArrayModel",
    "Cost",
    "EvenErrors",
    "Faults",
    "LayerCost",
    "LayerMapping",
    "LayerSchedule",
    "Majority",
    "Parity",
    "Run",
    "Schedule",
    "SensingParts",
    "SingleCorrection",
    "StateLoss",
    "StuckCells",
    "cost",
    "execute",
    "map_layer",
    "map_network",
    "schedule",
]

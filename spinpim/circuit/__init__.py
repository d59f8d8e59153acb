"""One column: 2T1R cells on a bit line, a sense amplifier, and what one to three rows together read as."""

from spinpim.circuit.cell import Cell
from spinpim.circuit.placement import least_error_placement
from spinpim.circuit.reference import JunctionReference, ResistorReference, TrimmedReference
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensing import Sensing, sense
from spinpim.circuit.sweep import SensingSweep, sense_sweep
from spinpim.circuit.transistor import Transistor

__all__ = [
    "Cell",
    "JunctionReference",
    "ResistorReference",
    "SenseAmp",
    "Sensing",
    "SensingSweep",
    "Transistor",
    "TrimmedReference",
    "least_error_placement",
    "sense",
    "sense_sweep",
]

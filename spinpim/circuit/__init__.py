"""One column: 2T1R cells on a bit line, a sense amplifier, and what one to three rows together read as."""

from spinpim.circuit.cell import Cell
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.sensing import Sensing, sense
from spinpim.circuit.transistor import Transistor

__all__ = ["Cell", "SenseAmp", "Sensing", "Transistor", "sense"]

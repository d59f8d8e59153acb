"""Decks for ngspice and a cell file for NVSim, written out of the models of this package."""

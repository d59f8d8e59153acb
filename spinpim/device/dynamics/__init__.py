"""Equation of motion, randomness, ensembles: from a drive table to trajectories."""

"""Fokker-Planck equation: the probability density of m, along z and on the whole sphere."""

"""Physical constants in SI, from CODATA through scipy; read-only."""

from scipy import constants as _codata

ELEMENTARY_CHARGE = float(_codata.e)
REDUCED_PLANCK = float(_codata.hbar)
BOLTZMANN = float(_codata.k)
VACUUM_PERMEABILITY = float(_codata.mu_0)
VACUUM_PERMITTIVITY = float(_codata.epsilon_0)
GYROMAGNETIC_RATIO = float(_codata.physical_constants["electron gyromag. ratio"][0])
"""Electron gyromagnetic ratio, positive [rad/(s T)]."""

"""Machines on harvested power as a page with figures and tables, as JSON, and as HDF5."""

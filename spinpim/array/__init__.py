"""Many columns: packed AND-Accumulation, faults, mapping, costs."""

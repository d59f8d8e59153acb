"""How often a write fails, and the pulse that fails rarely at least energy."""

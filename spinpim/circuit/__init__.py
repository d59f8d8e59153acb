"""One column: cell, bit line, sense amplifier, multi-row sensing."""

"""What is told or measured of one junction: its figures, hysteresis loops, astroid, resonance."""

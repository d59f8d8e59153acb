"""One junction: magnetisation dynamics, switching statistics, resistance."""

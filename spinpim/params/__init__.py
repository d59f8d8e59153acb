"""Parameter files: the only place where laboratory units exist."""

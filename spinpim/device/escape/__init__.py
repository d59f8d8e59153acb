"""How long a state lasts: escape rates, retention, read disturb."""

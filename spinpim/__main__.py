"""Make ``python -m spinpim`` the same as ``spinpim``."""

from spinpim.cli import main

main()

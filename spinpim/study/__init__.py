"""Many of anything, and the whole chain from device to network; loaded on first use, for the command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spinpim.study.comparison import Comparison, compare
    from spinpim.study.error_tolerance import Tolerance, tolerance

__all__ = ["Comparison", "Tolerance", "compare", "tolerance"]

_HOMES = {
    "Comparison": "spinpim.study.comparison",
    "Tolerance": "spinpim.study.error_tolerance",
    "compare": "spinpim.study.comparison",
    "tolerance": "spinpim.study.error_tolerance",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'spinpim.study' has no attribute {name!r}")

"""How a long command ends after Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

INTERRUPTED = 130


def say_interrupted() -> None:
    """Print the sentence that tells of it."""
    print("spinpim: interrupted; an existing result is as it was.", file=sys.stderr)


@contextmanager
def interruptible() -> Iterator[None]:
    """End a long command after Ctrl-C; typer would do it with a status of its own and without a word."""
    try:
        yield
    except KeyboardInterrupt:
        say_interrupted()
        raise typer.Exit(INTERRUPTED) from None

"""Which answers a sense amplifier is asked for: operation, rows, input patterns."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from spinpim.errors import InputError

MOST_ROWS = 3
OPERATIONS = ("READ", "AND", "OR", "MAJ")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on one to three rows; the answer depends on the number of ones alone.

    Attributes
    ----------
    name : str
        "READ", "AND", "OR" or "MAJ".
    rows : int
        Rows activated together.
    threshold : int
        Smallest number of ones that answers 1; the reference lies just below its level.
    """

    name: str
    rows: int
    threshold: int

    @property
    def patterns(self) -> tuple[str, ...]:
        """Input patterns in binary order, first symbol = first row; "1" is antiparallel."""
        return tuple(format(number, f"0{self.rows}b") for number in range(2**self.rows))

    def answer(self, pattern: str) -> int:
        """Return the right answer for a pattern, 0 or 1."""
        return int(pattern.count("1") >= self.threshold)


def find_operation(name: str, rows: int) -> Operation:
    """Return an operation by name and number of rows.

    Parameters
    ----------
    name : str
        "READ" (1 row), "AND" (1..3), "OR" (1..3) or "MAJ" (3), upper or lower case.
    rows : int
        Rows activated together.

    Returns
    -------
    Operation
        With its patterns and threshold.

    Raises
    ------
    InputError
        If the name is unknown or the number of rows does not go with it.

    Examples
    --------
    >>> operation = find_operation("and", 2)
    >>> operation.patterns, [operation.answer(pattern) for pattern in operation.patterns]
    (('00', '01', '10', '11'), [0, 0, 0, 1])
    """
    known = name.upper() if isinstance(name, str) else name
    if known not in OPERATIONS:
        close = get_close_matches(str(known), OPERATIONS, n=1, cutoff=0.4)
        guess = f" Did you mean {close[0]!r}?" if close else ""
        raise InputError(f"operation {name!r} is unknown.{guess} Accepted are: {', '.join(OPERATIONS)}.")
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= MOST_ROWS:
        raise InputError(
            f"rows must be a whole number from 1 to {MOST_ROWS}; instead received {rows!r}. More rows leave "
            f"too small a step between neighbouring levels to be sensed."
        )
    if known == "READ" and rows != 1:
        raise InputError(f"READ senses one row; instead received rows={rows}. Use rows=1, or AND, OR, MAJ.")
    if known == "MAJ" and rows != MOST_ROWS:
        raise InputError(f"MAJ senses three rows; instead received rows={rows}. Use rows=3, or AND, OR.")
    return Operation(known, rows, {"READ": 1, "AND": rows, "OR": 1, "MAJ": 2}[known])

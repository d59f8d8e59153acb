"""Which answers a sense amplifier is asked for: operation, rows, input patterns."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from spinpim.checks import shown, whole
from spinpim.errors import InputError

MOST_ROWS = 3
FEWEST_ROWS = {"XOR": 2, "XNOR": 2, "MAJ": MOST_ROWS}
INVERTED = {"NAND": "AND", "NOR": "OR", "XNOR": "XOR"}
"""Read at the other output of the amplifier, with the same errors."""
OPERATIONS = ("READ", "AND", "NAND", "OR", "NOR", "XOR", "XNOR", "MAJ")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on one to three rows; the answer depends on the number of ones alone.

    Attributes
    ----------
    name : str
        One of OPERATIONS.
    rows : int
        Rows activated together.
    thresholds : tuple of int
        Numbers of ones just below whose levels a reference lies, one amplifier each. The answer is 1 where
        an odd number of amplifiers say so: one for AND, OR, MAJ; as many as rows for XOR.
    """

    name: str
    rows: int
    thresholds: tuple[int, ...]

    @property
    def patterns(self) -> tuple[str, ...]:
        """Input patterns in binary order, first symbol = first row; "1" is antiparallel."""
        return tuple(format(number, f"0{self.rows}b") for number in range(2**self.rows))

    def answer(self, pattern: str) -> int:
        """Return the right answer for a pattern, 0 or 1."""
        passed = sum(pattern.count("1") >= threshold for threshold in self.thresholds)
        return (passed + (self.name in INVERTED)) % 2


def find_operation(name: str, rows: int) -> Operation:
    """Return an operation by name and number of rows.

    Parameters
    ----------
    name : str
        "READ" (1 row), "AND", "NAND", "OR", "NOR" (1..3), "XOR", "XNOR" (2 or 3: parity) or "MAJ" (3), upper
        or lower case.
    rows : int
        Rows activated together.

    Returns
    -------
    Operation
        With its patterns and thresholds.

    Raises
    ------
    InputError
        If the name is unknown or the number of rows does not go with it.

    Examples
    --------
    >>> operation = find_operation("and", 2)
    >>> operation.patterns, [operation.answer(pattern) for pattern in operation.patterns]
    (('00', '01', '10', '11'), [0, 0, 0, 1])
    >>> find_operation("xor", 2).thresholds  # those of OR and AND
    (1, 2)
    """
    known = name.upper() if isinstance(name, str) else ""
    if known not in OPERATIONS:
        close = get_close_matches(known[:80], OPERATIONS, n=1, cutoff=0.4)
        guess = f" Did you mean {close[0]!r}?" if close else ""
        raise InputError(f"operation {shown(name)} is unknown.{guess} Accepted are: {', '.join(OPERATIONS)}.")
    # More rows leave too small a step between neighbouring levels to be sensed.
    rows = whole("rows", rows, 1, MOST_ROWS)
    if known == "READ" and rows != 1:
        raise InputError(f"READ senses one row; instead received rows={rows}. Use rows=1, or AND, OR, MAJ.")
    if rows < FEWEST_ROWS.get(known, 1):
        raise InputError(
            f"{known} needs at least {FEWEST_ROWS[known]} rows; instead received rows={rows}. Use "
            f"rows={FEWEST_ROWS[known]}, or AND, OR."
        )
    base = INVERTED.get(known, known)
    thresholds = {"AND": (rows,), "MAJ": (2,), "XOR": tuple(range(1, rows + 1))}
    return Operation(known, rows, thresholds.get(base, (1,)))

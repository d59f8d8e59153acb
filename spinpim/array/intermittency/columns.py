"""Columns of the tables that compiled code works on; a row is a block of alike operations."""

NAMES = (
    "counts",
    "energy_J",
    "time_s",
    "through_J",
    "through_s",
    "every",
    "save_J",
    "save_s",
    "end_J",
    "end_s",
    "digits",
    "digits_before",
    "record_digits",
    "snapshot_J",
    "snapshot_s",
    "restore_J",
    "restore_s",
)
"""Arrays of a program, as columns of its table."""

(
    COUNTS,
    ENERGY_J,
    TIME_S,
    THROUGH_J,
    THROUGH_S,
    EVERY,
    SAVE_J,
    SAVE_S,
    END_J,
    END_S,
    DIGITS,
    DIGITS_BEFORE,
    RECORD_DIGITS,
    SNAPSHOT_J,
    SNAPSHOT_S,
    RESTORE_J,
    RESTORE_S,
) = range(len(NAMES))

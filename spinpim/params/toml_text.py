"""From a path to plain TOML data, whatever the file turns out to be.

Everything that can be wrong with a file before its meaning matters is told here: missing, not a file, too
large, not text, not TOML.
"""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import Any

from spinpim.errors import InputError

LARGEST_FILE_BYTES = 1 << 20
LONGEST_LINE = 4000
MOST_DOTS_IN_A_LINE = 200


def read_text(path: Path) -> str:
    """Read a parameter file as text.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its text, without a byte order mark.

    Raises
    ------
    InputError
        If it is missing, not a regular file, unreadable, larger than 1 MiB, or not UTF-8 text.
    """
    try:
        # A pipe would block and a device never end, so the kind is asked for before opening.
        regular = stat.S_ISREG(path.stat().st_mode)
        content = _beginning(path) if regular else b""
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; a relative path starts at the current directory.") from None
    except PermissionError:
        raise InputError(f"{path} may not be read by you; check its permissions.") from None
    except (OSError, ValueError) as refusal:
        reason = getattr(refusal, "strerror", None) or str(refusal)
        raise InputError(f"{str(path)!r} cannot be read: {reason}.") from None
    if not regular:
        raise InputError(f"{path} is not a regular file; name a .toml file.")
    return _decoded(content, path)


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """Parse TOML text.

    Parameters
    ----------
    text : str
        The text.
    path : Path
        Named in errors only.

    Returns
    -------
    dict
        The data.

    Raises
    ------
    InputError
        If the text is empty or not TOML; the message has the line.
    """
    if not text.strip():
        raise InputError(f"{path} is empty; see device_params/README.md for the format.")
    for number, line in enumerate(text.split("\n"), start=1):
        # The time tomllib takes for a dotted key grows with the square of its parts.
        if line.count(".") > MOST_DOTS_IN_A_LINE:
            raise InputError(f"{path}: line {number} is nested too deeply for a parameter file.")
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"{path}: line {number} has {len(line)} characters, more than {LONGEST_LINE}; "
                f"this does not look like a parameter file."
            )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        raise InputError(f"{path} is not valid TOML: {_line_first(str(mistake))}.") from None
    except RecursionError:
        raise InputError(f"{path} is nested too deeply for a parameter file.") from None
    except ValueError as mistake:
        # tomllib lets int() and datetime() complain in their own words, for example about 5000 digits.
        raise InputError(f"{path} holds a value that cannot be read: {mistake}.") from None


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST_FILE_BYTES + 1)


def _decoded(content: bytes, path: Path) -> str:
    if len(content) > LARGEST_FILE_BYTES:
        raise InputError(f"{path} is larger than 1 MiB; this is not a parameter file.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path} is UTF-16 text; save it as UTF-8.")
    if b"\0" in content:
        raise InputError(f"{path} is binary, not text; name a .toml file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as mistake:
        line = content.count(b"\n", 0, mistake.start) + 1
        raise InputError(f"{path} is not UTF-8 text (line {line}); save it as UTF-8.") from None


def _line_first(message: str) -> str:
    what, _, place = message.rpartition(" (")
    if not what:
        return message
    if what == "Cannot overwrite a value":
        what = "this key or section appears a second time"
    return f"{place.removesuffix(')').removeprefix('at ')}: {what[:1].lower()}{what[1:]}"

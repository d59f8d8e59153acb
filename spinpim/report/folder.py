"""The result folder: appears whole or not at all; one already there survives every failure."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spinpim.errors import InputError
from spinpim.storage import STORAGE_ERRORS, make_ordinary, told_of_storage

RESULT_FILES = frozenset({"summary.json", "results.h5", "report.html"})
DEFAULT_STEM = "spinpim-run"


def target_folder(
    out: Path | None, *, stem: str = DEFAULT_STEM, files: frozenset[str] = RESULT_FILES
) -> Path:
    """Return the folder that a run is to fill: as asked, or the first free ``spinpim-run-N``.

    Parameters
    ----------
    out : Path or None
        As asked.
    stem : str
        Name of a folder that was not asked for, without its number.
    files : frozenset of str
        What an earlier result holds, and may be replaced.

    Raises
    ------
    InputError
        If ``out`` exists and holds anything but an earlier result.
    """
    if out is None:
        number = 1
        while Path(f"{stem}-{number}").exists():
            number += 1
        return Path(f"{stem}-{number}")
    # Looking alone can fail: a name that is too long, a parent that may not be entered.
    with told_of_storage(out):
        foreign_kind = out.is_symlink() or (out.exists() and not out.is_dir())
    if foreign_kind:
        raise InputError(f"{out} is not a folder; name a new folder, or one that holds an earlier result.")
    if out.is_dir():
        try:
            foreign = {entry.name for entry in out.iterdir()} - files
        except OSError as error:
            raise InputError(f"{out} cannot be read: {error.strerror}. Choose another folder.") from error
        if foreign:
            raise InputError(
                f"{out} holds {sorted(foreign)[0]!r}, which is no part of a result; "
                "name a new folder so that nothing is overwritten."
            )
    return out


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside the target; on success it takes the target's place as a whole.

    Raises
    ------
    InputError
        If the place cannot be written or the disk is full.
    """
    with told_of_storage(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:100]}.part-"))
    try:
        with told_of_storage(target, only=STORAGE_ERRORS):
            yield staging
        with told_of_storage(target):
            _sync(staging)
            _swap(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        with open(path, "rb+") as file:
            os.fsync(file.fileno())


def _swap(staging: Path, target: Path) -> None:
    make_ordinary(staging, 0o777)
    if not target.exists():
        staging.rename(target)
        return
    # Two renames: the old result is put back if the second one fails.
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old-"))
    target.replace(old / target.name)
    try:
        staging.rename(target)
    except OSError:
        (old / target.name).rename(target)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


@dataclass(slots=True)
class Filling:
    """A result folder that is being filled.

    Attributes
    ----------
    target, staging : Path
        Where it will be, and where it is meanwhile.
    replaced : bool
        Whether an earlier result was there.
    """

    target: Path
    staging: Path
    replaced: bool

    def told(self) -> Path:
        """Print where the result is, and whether it replaced one."""
        if self.replaced:
            print(f"note: the earlier result in {self.target} was replaced.")
        print(f"report: {self.target.resolve()}")
        return self.target


@contextmanager
def filled_folder(
    out: Path | None, *, stem: str, files: frozenset[str]
) -> Iterator[tuple[Filling, Callable[[str], None]]]:
    """Yield a folder to be filled and what shows a stage on the terminal; see `target_folder`.

    The place is taken before the work, so that an unwritable folder is told at once.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    target = target_folder(out, stem=stem, files=files)
    filling = Filling(target, target, target.exists())
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with (
        replace_folder(target) as staging,
        Progress(*columns, console=Console(stderr=True), transient=True) as display,
    ):
        filling.staging = staging
        task = display.add_task("loading", total=None)
        yield filling, lambda stage: display.update(task, description=stage.replace("[", r"\["))

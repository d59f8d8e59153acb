"""Test parts of real data sets, or a reason to skip."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest

from spinpim.network.datasets import Dataset, load_dataset

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SPINPIM_DATA", REPOSITORY.parent / "shared" / "data"))


@functools.cache
def part_of(name: str, split: str = "test") -> Dataset:
    """Part of a data set; skips where its files are absent."""
    if name == "digits":
        return load_dataset("digits", split=split)
    if not (DATA / name).is_dir():
        pytest.skip(f"the files of {name} are not here; set SPINPIM_DATA to the folder that holds {name}/")
    return load_dataset(name, DATA / name, split)

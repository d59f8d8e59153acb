"""The claims file: ratios that a publication states, to set beside those that come out."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from spinpim.params.load import load
from spinpim.params.schema import ParameterFile, Quantity, Section, quantity


class Claim(Section):
    """What is claimed over one kind of accelerator."""

    baseline: str = Field(min_length=1, description="Baseline that stands for it: shipped name or path")
    energy_ratio: Annotated[Quantity, quantity("1", 1e-3, 1e6, description="Times the images per joule")]
    speed_ratio: Annotated[Quantity, quantity("1", 1e-3, 1e6, description="Times the images per second")]


class ClaimsFile(ParameterFile):
    """Published ratios; nothing is computed from them."""

    kind: ClassVar[str] = "claims"

    schema_name: Literal["spinpim-claims/1"] = Field(
        alias="schema", description="Kind and version of the file"
    )
    reram: Claim
    cmos: Claim


def load_claims(name_or_path: str | os.PathLike[str]) -> ClaimsFile:
    """Load a claims file.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped file ("roohi2019_claims") or path of one's own.

    Raises
    ------
    InputError
        For every mistake in the name or the file; the message has file, key, and remedy.

    Examples
    --------
    >>> load_claims("roohi2019_claims").cmos.baseline
    'yodann_65nm'
    """
    return load(ClaimsFile, name_or_path)

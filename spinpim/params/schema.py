"""The building blocks of every parameter file: a number with its source, a section, a file.

A kind of file is one module, for example ``device_file.py``. It declares its sections and its file::

    class ReadTransistor(Section):
        width: Annotated[Quantity, quantity("m", 2e-8, 1e-5, description="Drawn channel width")]
        polarity: Literal["n", "p"]
        body_factor: Annotated[Quantity | None, quantity("1", 0, 2, description="...")] = None

    class CellFile(ParameterFile):
        kind: ClassVar[str] = "cell"
        schema_name: Literal["spinpim-cell/1"] = Field(alias="schema")
        read_transistor: ReadTransistor

    def load_cell(name_or_path: str | os.PathLike[str]) -> CellFile:
        return load(CellFile, name_or_path)

Besides quantities a section may hold plain words, integers and booleans. A further kind of file is named in
``publish.py``, and ``python -m spinpim.params`` writes its JSON Schema and table after a change of keys.

Each number is then ``file.read_transistor.width.si``, already converted and checked. A check across several
keys is a pydantic ``model_validator(mode="after")`` that raises ``ValueError``; the text continues a sentence
whose subject is the section ("read_transistor ..."), or stands alone when raised by the file itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self, get_args

from pydantic import BaseModel, Field, PrivateAttr, model_validator

from spinpim.params.number import STRICT, BoundedQuantity, Expectation, Quantity, quantity

__all__ = [
    "BoundedQuantity",
    "ParameterFile",
    "ParameterRecord",
    "Quantity",
    "Section",
    "quantity",
    "schema_name_of",
]


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """One number of a parameter file as reports list it.

    Attributes
    ----------
    key : str
        Section and key, for example "free_layer.damping".
    value_si, sigma_si : float
        Value and standard deviation [unit_si].
    unit_si : str
        SI unit.
    text : str
        The number as written in the file, for example "1.1 MA/m".
    source, where : str
        Citation text out of ``[sources]`` (empty where none is named) and the place in it.
    status : str
        "measured", "fitted", "derived" or "assumed".
    low_si, high_si : float or None
        Bounds of the value [unit_si]; None where the kind of file has none.
    """

    key: str
    value_si: float
    unit_si: str
    sigma_si: float
    text: str
    source: str
    where: str
    status: str
    low_si: float | None = None
    high_si: float | None = None


class Section(BaseModel):
    """A table of a parameter file: quantities and, where needed, plain words; unknown keys are refused."""

    model_config = STRICT

    @classmethod
    def expectations(cls) -> dict[str, Expectation]:
        """Return what each quantity of the section expects, in file order."""
        return {
            key: marker
            for key, field in cls.model_fields.items()
            for marker in field.metadata
            if isinstance(marker, Expectation)
        }

    def quantities(self) -> Iterator[tuple[str, Quantity, str]]:
        """Yield key, quantity and SI unit of every number that the file gives."""
        for key, expected in type(self).expectations().items():
            given = getattr(self, key)
            if given is not None:
                yield key, given, expected.unit


class ParameterFile(BaseModel):
    """A whole parameter file: name, title, sources, and the sections that a subclass declares.

    Attributes
    ----------
    name, title : str
        Short name (the file's stem) and one line for people.
    sources : dict of str to str
        Citation text by key.
    """

    model_config = STRICT
    kind: ClassVar[str]

    schema_name: str = Field(alias="schema")
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80, description="The file's stem.")
    title: str = Field(min_length=1, max_length=200, description="One line for people.")
    sources: dict[str, str] = Field(default_factory=dict, description="Citation texts by key.")

    _path: Path = PrivateAttr(default=Path())
    _text: str = PrivateAttr(default="")

    @property
    def path(self) -> Path:
        """The file this was read from."""
        return self._path

    @property
    def text(self) -> str:
        """The file's whole text, kept beside results so that they stay self-describing."""
        return self._text

    @classmethod
    def expectations(cls) -> dict[str, Expectation]:
        """Return what each quantity of the file expects, by section and key."""
        return {
            f"{section}.{key}": expected
            for section, field in cls.model_fields.items()
            for kind in (field.annotation, *get_args(field.annotation))
            if isinstance(kind, type) and issubclass(kind, Section)
            for key, expected in kind.expectations().items()
        }

    @property
    def assumed_count(self) -> int:
        """How many of the numbers have the status "assumed"."""
        return sum(record.status == "assumed" for record in self.records())

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Yield name and content of every section that the file gives."""
        for key in type(self).model_fields:
            content = getattr(self, key)
            if isinstance(content, Section):
                yield key, content

    def records(self) -> tuple[ParameterRecord, ...]:
        """Return every number of the file with its source, in file order.

        Returns
        -------
        tuple of ParameterRecord
            One record per number given; absent optional keys have none.
        """
        return tuple(
            ParameterRecord(
                key=f"{section}.{key}",
                value_si=given.si,
                unit_si=unit,
                sigma_si=given.sigma_si,
                text=given.text,
                source=self.sources.get(given.source, ""),
                where=given.where,
                status=given.status,
                low_si=given.low_si if isinstance(given, BoundedQuantity) else None,
                high_si=given.high_si if isinstance(given, BoundedQuantity) else None,
            )
            for section, content in self.sections()
            for key, given, unit in content.quantities()
        )

    @model_validator(mode="after")
    def _every_source_is_listed(self) -> Self:
        unlisted = [
            f'{section}.{key} names the source "{given.source}", which is not a key of [sources]; '
            f"listed are: {', '.join(self.sources) or 'none'}."
            for section, content in self.sections()
            for key, given, _ in content.quantities()
            if given.source and given.source not in self.sources
        ]
        if unlisted:
            raise ValueError("\n".join(unlisted))
        return self


def schema_name_of(model: type[ParameterFile]) -> str:
    """Return the schema line of a kind of file.

    Parameters
    ----------
    model : type of ParameterFile
        The kind of file.

    Returns
    -------
    str
        For example "spinpim-device/1".
    """
    accepted = get_args(model.model_fields["schema_name"].annotation)
    return str(accepted[0]) if accepted else ""

"""A sound device file to spoil: every test of a sentence makes one mistake in it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from spinpim.errors import InputError
from spinpim.params import DeviceFile, parse

SOUND = Path(__file__).with_name("sound.toml").read_text(encoding="utf-8")


@pytest.fixture
def sound_text() -> str:
    return SOUND


@pytest.fixture
def spoilt() -> Callable[[str, str], str]:
    """Replace one line, found by its beginning, and return the sentence that the file then earns."""

    def refuse(line_start: str, replacement: str) -> str:
        text, count = re.subn(
            rf"^{re.escape(line_start)}.*$", lambda _: replacement, SOUND, count=1, flags=re.MULTILINE
        )
        assert count == 1, f"no line begins with {line_start!r}"
        with pytest.raises(InputError) as caught:
            parse(DeviceFile, text, "mine.toml")
        return str(caught.value)

    return refuse

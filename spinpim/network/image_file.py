"""One image file as bytes: read only if nothing of it is lost, every other file told in a sentence."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinpim.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
"""Formats that are tried, whatever the name of the file says; none of them runs a program."""
ENDINGS = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".pbm", ".pgm", ".ppm", ".tif", ".tiff", ".webp"}
)
MOST_PIXELS = 1 << 24
"""Pixels of the largest image that is unpacked, 4096 x 4096."""
PLAIN = {"1": "L", "L": "L", "LA": "L", "RGB": "RGB", "RGBA": "RGB", "P": "RGB", "PA": "RGB"}
"""Modes that are read, and the mode of bytes that holds each without its transparency."""
DEEP = re.compile(r"(?!BGR).*;16")
"""How decoders name 16 bits per channel; BGR;16 are 16 bits of a whole pixel."""
BITS_PER_SAMPLE = 258
"""The tag of TIFF."""
REMEDY = "Copy it again, or take it out of the folder."


def read_image(path: Path, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Bytes of one image, as stored: a rotation or a colour profile noted in the file is not applied.

    Parameters
    ----------
    path : Path
        A regular file: PNG, JPEG, BMP, GIF, PBM, PGM, PPM, TIFF or WebP.
    size : (height, width), optional
        What the image is resized to, by the bilinear filter of Pillow, which averages when it makes smaller.

    Returns
    -------
    array of uint8, shape (height, width, channels)
        One channel of a grey image, three of one in colours or with a palette.

    Raises
    ------
    InputError
        If the file is no image, damaged, cut off, larger than 4096 x 4096 pixels, or holds more than bytes in
        one or three channels can: 16 bits per channel, transparent pixels, other colours, several pictures.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # Remarks of the decoder on what does not reach the pixels: odd notes, many pixels in the head.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as opened:
                _check_kind(path, opened)
                opened.load()
                plain = _without_transparency(path, opened)
    except InputError:
        raise
    except Image.DecompressionBombError:
        raise InputError(f"{path}: {_too_large('its size')}") from None
    except Exception as error:
        # The decoders raise whatever a damaged file makes them stumble over.
        raise InputError(f"{path}: not a readable image ({_reason(path, error)}). {REMEDY}") from None
    if size is not None:
        plain = plain.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    pixels = np.array(plain, dtype=np.uint8)
    return pixels.reshape(plain.height, plain.width, len(plain.getbands()))


def _check_kind(path: Path, image: Image) -> None:
    """Refuse, by the head alone, what bytes in one or three channels cannot hold."""
    if image.width * image.height > MOST_PIXELS:
        raise InputError(f"{path}: {_too_large(f'{image.height} x {image.width}')}")
    pictures = getattr(image, "n_frames", 1)
    if pictures != 1:
        raise InputError(f"{path}: holds {pictures} pictures; save one of them alone.")
    if image.mode not in PLAIN:
        kind = "16 bit grey or finer" if image.mode[0] in "IF" else f"colours of the kind {image.mode}"
        raise InputError(f"{path}: holds {kind}; save it as 8 bit grey or RGB.")
    if _is_deep(image):
        raise InputError(f"{path}: holds more than 8 bits per channel, which would be lost; save it with 8.")


def _is_deep(image: Image) -> bool:
    """Whether pixels are stored with more than 8 bits per channel, although their mode is one of bytes."""
    bits = getattr(image, "tag_v2", {}).get(BITS_PER_SAMPLE, ())
    if any(number > 8 for number in bits):
        return True
    for decoder, _, _, arguments in getattr(image, "tile", ()):
        name, *more = arguments if isinstance(arguments, tuple) and arguments else (arguments,)
        if DEEP.match(str(name)) or (decoder.startswith("ppm") and more and more[0] > 255):
            return True
    return False


def _without_transparency(path: Path, image: Image) -> Image:
    """Grey or RGB of the same pixels; refused if some of them are transparent."""
    if image.has_transparency_data:
        least, _ = image.convert("RGBA").getchannel("A").getextrema()
        if least != 255:
            raise InputError(f"{path}: has transparent pixels; save it on a background.")
    return image.convert(PLAIN[image.mode])


def _too_large(size: str) -> str:
    return f"{size} is more than the {MOST_PIXELS} pixels that are unpacked; save it smaller."


def _reason(path: Path, error: Exception) -> str:
    """What a decoder said, without the name of the file, in one line."""
    if type(error).__name__ == "UnidentifiedImageError":
        return "of no known format, or damaged from its first bytes on"
    told = str(error).replace(str(path), "").strip() or type(error).__name__
    return " ".join(told.split())[:120]

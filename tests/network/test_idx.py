"""IDX files, good and bad."""

import gzip
import struct

import numpy as np
import pytest

from spinpim.errors import InputError
from spinpim.network.idx import read_idx

SHAPE = (3, 4, 5)
CONTENT = np.arange(60, dtype=np.uint8).reshape(SHAPE)
HEAD = struct.pack(">4I", 0x0803, *SHAPE)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "images"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_bytes_come_back_plain_or_gzipped(path, pack):
    path.write_bytes(pack(HEAD + CONTENT.tobytes()))
    assert np.array_equal(read_idx(path, SHAPE), CONTENT)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes are too few"),
        (HEAD[:-1], "15 bytes are too few"),
        (
            struct.pack(">4I", 0x0801, *SHAPE) + CONTENT.tobytes(),
            "starts with 0x00000801 instead of 0x00000803",
        ),
        (struct.pack(">4I", 0x0D03, *SHAPE) + CONTENT.tobytes(), "starts with 0x00000d03"),
        (
            struct.pack(">4I", 0x0803, 4, 4, 5) + CONTENT.tobytes(),
            "declares the shape 4 x 4 x 5; expected 3 x 4 x 5",
        ),
        (struct.pack(">4I", 0x0803, *[2**32 - 1] * 3), "declares the shape 4294967295"),
        (HEAD + CONTENT.tobytes()[:-1], "60 bytes must follow the head; there are only 59"),
        (HEAD + CONTENT.tobytes() + b"x", "there are more"),
    ],
)
def test_a_file_of_another_kind_or_length_is_refused(path, pack, content, message):
    path.write_bytes(pack(content))
    with pytest.raises(InputError, match=f"images: .*{message}"):
        read_idx(path, SHAPE)


def test_damaged_gzip_data_is_refused(path):
    packed = gzip.compress(HEAD + np.random.default_rng(1).bytes(60))
    for content in (
        packed[:40],
        packed[:3],
        packed[:30] + b"\x00" * 10 + packed[40:],
        packed[:-8] + bytes(8),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match="damaged or cut off"):
            read_idx(path, SHAPE)


def test_a_gzip_bomb_is_unpacked_only_to_the_expected_size(path, monkeypatch):
    path.write_bytes(gzip.compress(HEAD + bytes(200 << 20), compresslevel=1))
    taken = []
    read = gzip.GzipFile.read

    def counted(self, size=-1):
        content = read(self, size)
        taken.append(len(content))
        return content

    monkeypatch.setattr(gzip.GzipFile, "read", counted)
    with pytest.raises(InputError, match="there are more"):
        read_idx(path, SHAPE)
    assert sum(taken) == len(HEAD) + 61


def test_an_absent_file_and_a_folder_are_refused(path, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_idx(path, SHAPE)
    with pytest.raises(InputError, match="cannot be read"):
        read_idx(tmp_path, SHAPE)

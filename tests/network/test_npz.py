"""Archives of arrays from anyone."""

import io
import struct
import zipfile

import numpy as np
import pytest

from spinpim.errors import InputError
from spinpim.network.npz import read_arrays

LIMIT = 1 << 20


def archive_of(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def npy(array, **options):
    content = io.BytesIO()
    np.lib.format.write_array(content, array, **options)
    return content.getvalue()


def raw_npy(header):
    text = header.encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.npz"


def test_arrays_of_every_shape_and_order_come_back(path):
    arrays = {
        "scalar": np.array(3.5),
        "empty": np.zeros((0, 3)),
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "flags": np.array([True, False]),
    }
    np.savez(path, **arrays)
    back = read_arrays(path, maximum_bytes=LIMIT)
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        assert np.array_equal(back[name], array)


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(path):
    archive_of(path, {"bomb.npy": bytes(30 << 20)})
    assert path.stat().st_size < LIMIT
    with pytest.raises(InputError, match="unpacks to 30 MiB; at most 1 MiB"):
        read_arrays(path, maximum_bytes=LIMIT)


def test_a_member_that_lies_about_its_size_is_refused(path):
    archive_of(path, {"bomb.npy": bytes(30 << 20)})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 30 << 20), struct.pack("<I", 1000)))
    with pytest.raises(InputError, match=r"file\.npz"):
        read_arrays(path, maximum_bytes=LIMIT)


def test_a_declared_shape_takes_no_memory_before_it_is_checked(path):
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (109951162777, 1024), }\n"
    archive_of(path, {"huge.npy": raw_npy(header)})
    with pytest.raises(InputError, match=r"declares shape .* but 0 bytes follow"):
        read_arrays(path, maximum_bytes=LIMIT)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a.npy": npy(np.array([{}], dtype=object), allow_pickle=True)}, "Object arrays can run code"),
        ({"a.npy": npy(np.array(["text"]))}, "instead of numbers"),
        ({"a.npy": npy(np.zeros(2, dtype=[("x", "f8")]))}, "not a plain array"),
        ({"a.npy": npy(np.zeros(2))[:-1]}, "15 bytes follow"),
        ({"a.npy": npy(np.zeros(2)) + b"x"}, "17 bytes follow"),
        ({"a.npy": npy(np.zeros(2), version=(2, 0))}, "NPY format 1.0"),
        ({"a.npy": b"not an array"}, "not a plain array"),
        ({"a.npy": b""}, "not a plain array"),
        ({"a.npy": raw_npy("{" * 3000)}, "not a plain array"),
        ({"a.npy": raw_npy("{'descr': '|u1', 'shape': (1,)}" + " " * 5000)}, "not a plain array"),
        (
            {"a.npy": raw_npy("{'descr': '|u1', 'fortran_order': False, 'shape': (10L,)}\n")},
            "not a plain array",
        ),
        (
            {"a.npy": raw_npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 0), }\n")},
            "not a plain array",
        ),
        (
            {"a.npy": raw_npy("{'descr': '<f3', 'fortran_order': False, 'shape': (), }\n")},
            "instead of numbers",
        ),
        ({"a.txt": b"text"}, "not an array"),
        ({f"{i}.npy": b"" for i in range(3000)}, "holds 3000 arrays"),
    ],
)
def test_members_that_are_not_plain_arrays_are_refused(path, members, message):
    archive_of(path, members)
    with pytest.raises(InputError, match=rf"file\.npz: .*{message}"):
        read_arrays(path, maximum_bytes=LIMIT)


def test_unusual_packing_and_doubled_names_are_refused(path):
    archive_of(path, {"a.npy": npy(np.zeros(2))}, method=zipfile.ZIP_BZIP2)
    with pytest.raises(InputError, match="unusual method"):
        read_arrays(path, maximum_bytes=LIMIT)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", npy(np.zeros(2)))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.npy", npy(np.ones(2)))
    with pytest.raises(InputError, match="occurs twice"):
        read_arrays(path, maximum_bytes=LIMIT)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"PK\x03\x04" + bytes(40)])
def test_a_file_that_is_no_archive_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"file\.npz: not a readable \.npz file"):
        read_arrays(path, maximum_bytes=LIMIT)


def test_a_folder_and_a_large_file_are_refused(path, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_arrays(tmp_path, maximum_bytes=LIMIT)
    path.write_bytes(bytes(LIMIT + 1))
    with pytest.raises(InputError, match="larger than the 1 MiB"):
        read_arrays(path, maximum_bytes=LIMIT)

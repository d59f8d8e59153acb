"""Result files stay whole whatever happens while they are written."""

from __future__ import annotations

import os
import subprocess
import sys

import h5py
import pytest

from spinpim.checks import finite
from spinpim.errors import InputError
from spinpim.storage import open_result, replace_file, replace_path


def test_a_failure_while_writing_leaves_the_old_file_and_no_litter(tmp_path):
    target = tmp_path / "result.txt"
    target.write_text("old")

    def write_half():
        with replace_path(target) as path:
            path.write_text("new, but")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_half()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_complete_file_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "result.h5"
    target.write_text("old")
    with replace_file(target) as file:
        file.attrs["schema"] = "test/1"
    with open_result(target, "test/1") as file:
        assert isinstance(file, h5py.File)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("content", [b"", b"not HDF5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100])
def test_a_damaged_file_is_told_in_a_sentence(tmp_path, content):
    path = tmp_path / "broken.h5"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"), open_result(path, "test/1"):
        pass


def test_another_schema_is_refused_by_name(tmp_path):
    with replace_file(tmp_path / "a.h5") as file:
        file.attrs["schema"] = "other/1"
    with pytest.raises(InputError, match="other/1"), open_result(tmp_path / "a.h5", "test/1"):
        pass


def test_a_missing_folder_is_told_in_a_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be written"), replace_path(tmp_path / "no" / "a.txt"):
        pass


def test_a_mistake_of_the_program_is_not_blamed_on_the_disk(tmp_path):
    def fail():
        with replace_path(tmp_path / "a.txt"):
            raise ConnectionResetError("not a matter of storage")

    with pytest.raises(ConnectionResetError):
        fail()


def test_a_disk_that_fills_up_under_hdf5_is_told_and_leaves_the_old_file(tmp_path):
    """In a process of its own, since the limit is the process's and HDF5 has ended processes over it."""
    target = tmp_path / "result.h5"
    target.write_text("old")
    code = f"""
import resource, signal, numpy as np
from spinpim.errors import InputError
from spinpim.storage import replace_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    with replace_file({str(target)!r}) as file:
        file.create_dataset("a", data=np.random.default_rng(1).random(100_000))
except InputError as told:
    print(told)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "cannot be written" in done.stdout
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(InputError, match="cannot be read"), open_result(tmp_path / "pipe.h5", "test/1"):
        pass


def test_a_name_too_long_for_the_disk_is_told_and_nothing_is_left(tmp_path):
    with pytest.raises(InputError, match=r"too long|cannot be written"), replace_path(tmp_path / ("x" * 300)):
        raise AssertionError("nothing is written")
    assert list(tmp_path.iterdir()) == []


def test_a_whole_number_beyond_any_float_is_told():
    with pytest.raises(InputError, match="width_s must be a number"):
        finite("width_s", 10**400)

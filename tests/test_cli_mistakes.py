"""Every mistake of a user on the command line: one sentence on stderr, status 2, nothing written."""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spinpim.cli import main
from spinpim.params.load import parameter_folder

MEMORY = (parameter_folder() / "perpendicular_memory_60nm.toml").read_text()
REPOSITORY = Path(__file__).resolve().parents[1]


def _changed(pattern: str, replacement: str) -> str:
    text, count = re.subn(pattern, replacement, MEMORY, count=1, flags=re.MULTILINE)
    assert count == 1, pattern
    return text


def _toml(text: str | bytes):
    def prepare(folder: Path) -> list[str]:
        path = folder / "mine.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return ["run", "--device", str(path)]

    return prepare


def _network(content: bytes):
    def prepare(folder: Path) -> list[str]:
        path = folder / "net.npz"
        path.write_bytes(content)
        return ["run", "--network", str(path)]

    return prepare


def _idx(images: bytes, labels: bytes):
    def prepare(folder: Path) -> list[str]:
        with gzip.open(folder / "t10k-images-idx3-ubyte.gz", "wb") as file:
            file.write(images)
        with gzip.open(folder / "t10k-labels-idx1-ubyte.gz", "wb") as file:
            file.write(labels)
        return ["run", "--dataset", "mnist", "--data-dir", str(folder)]

    return prepare


def _arguments(*arguments: str):
    return lambda folder: [part.replace("FOLDER", str(folder)) for part in arguments]


def _out_is_a_file(folder: Path) -> list[str]:
    (folder / "taken").write_text("mine")
    return ["run", "--out", str(folder / "taken")]


def _out_holds_something_else(folder: Path) -> list[str]:
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter.tex").write_text("mine")
    return ["run", "--out", str(folder / "thesis")]


def _out_below_a_file(folder: Path) -> list[str]:
    (folder / "taken").write_text("mine")
    return ["run", "--out", str(folder / "taken" / "result")]


def _pickled_network() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array([{"a": 1}], dtype=object))
    return buffer.getvalue()


def _header_only_network() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, header=np.frombuffer(b'{"schema": "spinpim-network/9"}', dtype=np.uint8))
    return buffer.getvalue()


def _zip_of_lies() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999,), }\n"
        archive.writestr("header.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    return buffer.getvalue()


def _image_folder(classes: int, *options: str):
    def prepare(folder: Path) -> list[str]:
        for number in range(classes):
            (folder / "set" / f"{number:02}").mkdir(parents=True)
            Image.new("L", (28, 28)).save(folder / "set" / f"{number:02}" / "a.png")
        return ["run", "--dataset", "folder", "--data-dir", str(folder / "set"), *options]

    return prepare


def _image_folder_with_a_note(folder: Path) -> list[str]:
    arguments = _image_folder(10, "--network", "mnist_w1a4")(folder)
    (folder / "set" / "03" / "note.txt").write_text("mine")
    return arguments


IMAGES = struct.pack(">IIII", 0x803, 10_000, 28, 28)
LABELS = struct.pack(">II", 0x801, 10_000) + bytes(10_000)

MISTAKES = {
    "device that nobody ships": (_arguments("run", "--device", "perpendicular_memory_60"), "Did you mean"),
    "cell that nobody ships": (_arguments("run", "--cell", "3t2r"), "3t2r"),
    "amplifier that nobody ships": (_arguments("run", "--amplifier", "strongarm"), "strongarm_45nm"),
    "device file that is not there": (_arguments("run", "--device", "FOLDER/none.toml"), "none.toml"),
    "device file that is a folder": (_arguments("run", "--device", "FOLDER/"), "not a regular file"),
    "cell file given as a device": (
        _arguments("run", "--device", str(parameter_folder() / "2t1r_45nm.toml")),
        "cell",
    ),
    "empty file": (_toml(""), "empty|missing"),
    "binary file": (_toml(bytes(range(256)) * 4), "mine.toml"),
    "file in another encoding": (_toml("# Stärke\n".encode("latin-1") + MEMORY.encode()), "UTF-8"),
    "truncated file": (_toml(MEMORY[: len(MEMORY) // 2] + "{ value"), "line"),
    "deep nesting": (_toml("a = " + "[" * 5000), "mine.toml"),
    "enormous file": (_toml("#" * 3_000_000), "mine.toml"),
    "unknown key": (_toml(_changed(r"^damping ", "dampng ")), "damping"),
    "missing section": (_toml(_changed(r"^\[channel\]$", "[chanel]")), "channel"),
    "wrong dimension": (_toml(_changed(r'(^thickness.*unit = )"nm"', r'\1"mT"')), "free_layer.thickness"),
    "slip of a million": (_toml(_changed(r'"MA/m"', '"A/m"')), "MA/m"),
    "percent without its sign": (_toml(_changed(r'"%", sigma = 7.5', '"1", sigma = 7.5')), "%"),
    "not a number": (_toml(_changed(r"(^damping.*value = )[0-9.]+", r"\1nan")), "damping"),
    "negative length": (_toml(_changed(r"(^diameter_x.*value = )60", r"\g<1>-60")), "diameter_x"),
    "text for a number": (_toml(_changed(r"(^damping.*value = )[0-9.]+", r'\1"low"')), "damping"),
    "source that is not listed": (_toml(_changed(r'source = "wu2021"', 'source = "me"')), "me"),
    "in-plane film called perpendicular": (
        _toml(_changed(r"(^interfacial_anisotropy.*value = )[0-9.]+", r"\g<1>0.2")),
        "not easy|effective_anisotropy_field",
    ),
    "stability that contradicts the rest": (
        _toml(f'{MEMORY}\n[stated]\nthermal_stability = {{ value = 40, unit = "1", status = "assumed" }}\n'),
        "thermal_stability",
    ),
    "network that nobody ships": (_arguments("run", "--network", "lenet"), "lenet"),
    "empty network file": (_network(b""), "net.npz"),
    "truncated network file": (_network(_header_only_network()[:-40]), "net.npz"),
    "network file with objects": (_network(_pickled_network()), "net.npz"),
    "network file of another schema": (_network(_header_only_network()), "spinpim-network"),
    "network file that claims a terabyte": (_network(_zip_of_lies()), "net.npz"),
    "network for other images": (_arguments("run", "--network", "mnist_w1a4"), "28, 28"),
    "unknown data set": (_arguments("run", "--dataset", "imagenet"), "digits"),
    "MNIST without a folder": (_arguments("run", "--dataset", "mnist"), "data fetch mnist|data_dir|data-dir"),
    "MNIST in an empty folder": (_arguments("run", "--dataset", "mnist", "--data-dir", "FOLDER"), "t10k"),
    "truncated MNIST": (_idx(IMAGES + bytes(1000), LABELS), "t10k-images"),
    "MNIST with the wrong magic": (_idx(LABELS, LABELS), "t10k-images"),
    "CIFAR-10 without network or folder": (
        _arguments("run", "--dataset", "cifar10"),
        "no network is shipped for the data set cifar10|no data_dir was given",
    ),
    "SVHN in an empty folder": (
        _arguments("run", "--dataset", "svhn", "--network", "mnist_w1a4", "--data-dir", "FOLDER"),
        "holds no test part of SVHN",
    ),
    "images without a network": (_image_folder(2), "name one with network"),
    "images without a folder": (
        _arguments("run", "--dataset", "folder", "--network", "mnist_w1a4"),
        "one sub-folder of images per class",
    ),
    "more classes than the network has": (
        _image_folder(11, "--network", "mnist_w1a4"),
        "10 classes apart but .* has 11",
    ),
    "fewer classes than the network has": (
        _image_folder(1, "--network", "mnist_w1a4"),
        "10 classes apart but .* has 1;",
    ),
    "images for another network": (_image_folder(10, "--network", "digits_w1a4"), "28, 28"),
    "no image among images": (_image_folder_with_a_note, "note.txt: no image by its name"),
    "no images": (_arguments("run", "--images", "0"), "images must be"),
    "more images than there are": (_arguments("run", "--images", "360"), "images must be .* 1 to 359"),
    "unknown protection": (_arguments("run", "--protection", "ecc"), "none, majority, parity, single"),
    "words without a protection": (_arguments("run", "--word", "8"), "word belongs to"),
    "words of a majority": (_arguments("run", "--word", "8", "--protection", "majority"), "word belongs to"),
    "words of one column": (_arguments("run", "--word", "1", "--protection", "parity"), "word must be"),
    "share in per cent": (_arguments("run", "--stuck-at-0", "5"), "stuck_at_0 must be a share"),
    "negative share": (_arguments("run", "--stuck-at-1", "-1e-4"), "stuck_at_1 must be a share"),
    "share that is no number": (_arguments("run", "--stuck-at-1", "nan"), "stuck_at_1 must be a share"),
    "more cells than there are": (
        _arguments("run", "--stuck-at-0", "0.7", "--stuck-at-1", "0.7"),
        "at most 1 together",
    ),
    "images before all time": (_arguments("run", "--images-before", "-1"), "images_before must be"),
    "no chips": (_arguments("run", "--chips", "0"), "chips"),
    "negative trials": (_arguments("run", "--trials", "-5"), "trials"),
    "negative seed": (_arguments("run", "--seed", "-1"), "seed"),
    "seed in words": (_arguments("run", "--seed", "lucky"), "seed"),
    "no workers": (_arguments("run", "--workers", "0"), "workers"),
    "unknown option": (_arguments("run", "--chip", "3"), "--chip"),
    "result in the place of a file": (_out_is_a_file, "not a folder"),
    "result over a thesis": (_out_holds_something_else, "chapter.tex"),
    "result with an endless name": (_arguments("run", "--out", "FOLDER/" + "a" * 300), "too long"),
    "result below a file": (_out_below_a_file, "cannot be written"),
    "check of nothing": (_arguments("check", "FOLDER/none.toml"), "none.toml"),
    "fetch of an unknown set": (_arguments("data", "fetch", "imagenet", "--data-dir", "FOLDER"), "mnist"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence_and_status_two(name, tmp_path, monkeypatch, capsys):
    prepare, words = MISTAKES[name]
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    arguments = prepare(inputs)
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "argv", ["spinpim", *arguments])
    before = {path: path.read_bytes() for path in inputs.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert re.search(words, told.err), told.err
    assert "Traceback" not in told.err + told.out
    assert not list(place.iterdir()), "something was written"
    assert {path: path.read_bytes() for path in inputs.rglob("*") if path.is_file()} == before


def _fake_result(folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    for name in ("summary.json", "results.h5", "report.html"):
        (folder / name).write_text(f"old {name}")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_failed_run_leaves_an_existing_result_untouched(tmp_path, monkeypatch, capsys):
    old = _fake_result(tmp_path / "result")
    monkeypatch.setattr(
        sys, "argv", ["spinpim", "run", "--out", str(tmp_path / "result"), "--device", "nobody"]
    )
    with pytest.raises(SystemExit):
        main()
    assert {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()} == old
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


@pytest.mark.parametrize(
    ("number", "status", "sentence"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "")]
)
def test_ctrl_c_and_being_terminated_leave_nothing_half_made(tmp_path, number, status, sentence):
    old = _fake_result(tmp_path / "result")
    command = [
        sys.executable,
        "-m",
        "spinpim",
        "run",
        "--trials",
        "100000000",
        "--out",
        str(tmp_path / "result"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        deadline = time.monotonic() + 60
        while not any(path.name.startswith(".result") for path in tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # Modules that are written in C may say something else while they are loaded.
        time.sleep(4.0)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == status
    assert sentence in told
    assert "Traceback" not in told
    assert {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()} == old
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_in_a_sentence(tmp_path):
    from spinpim.errors import InputError
    from spinpim.report.folder import replace_folder

    def write_to_a_full_disk():
        with replace_folder(tmp_path / "result"), open("/dev/full", "w") as file:
            file.write("x" * 100_000)

    with pytest.raises(InputError, match="space left"):
        write_to_a_full_disk()
    assert not list(tmp_path.iterdir())


def test_a_new_result_replaces_an_old_one_as_a_whole(tmp_path):
    from spinpim.report.folder import replace_folder

    _fake_result(tmp_path / "result")
    with replace_folder(tmp_path / "result") as staging:
        (staging / "summary.json").write_text("new")
    assert [path.name for path in (tmp_path / "result").iterdir()] == ["summary.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["result"]
    shutil.rmtree(tmp_path / "result")

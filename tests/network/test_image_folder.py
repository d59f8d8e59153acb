"""Folders of images: read back as written, and every other content answered by a sentence with a name."""

import contextlib
import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from spinpim.errors import InputError
from spinpim.network import image_folder
from spinpim.network.datasets import load_dataset, load_image_folder
from spinpim.network.image_file import read_image

NAMES = st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8
)
CLASSES = NAMES.filter(lambda name: name[0] != "." and name.lower() not in {"train", "test", "thumbs.db"})


def grey(value=0, size=(4, 5)):
    return Image.fromarray(np.full(size, value, np.uint8))


def put(path, image=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    (grey() if image is None else image).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    """Two classes of two grey images each, 4 x 5."""
    for number, name in enumerate(("cat/b.png", "cat/a.png", "dog/x.png", "dog/y.bmp")):
        put(tmp_path / "set" / name, grey(number))
    return tmp_path / "set"


def refused(folder, words, **options):
    with pytest.raises(InputError, match=words) as told:
        load_dataset("folder", folder, **options)
    assert "\n" not in str(told.value)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_written_as_png_is_read_back_class_by_class(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    shape = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3])))
    written = {}
    for name in data.draw(st.lists(CLASSES, min_size=1, max_size=3, unique_by=str.casefold)):
        for number in range(data.draw(st.integers(1, 3))):
            pixels = data.draw(arrays(np.uint8, shape))
            put(
                folder / name / f"{number}.png",
                Image.fromarray(pixels.squeeze(2) if shape[2] == 1 else pixels),
            )
            written[name, number] = pixels
    found = load_image_folder(folder)
    order = sorted(written)
    assert found.classes == tuple(sorted({name for name, _ in order}))
    assert np.array_equal(found.images, [written[key] for key in order])
    assert [found.classes[label] for label in found.labels] == [name for name, _ in order]
    assert found.images.dtype == found.labels.dtype == np.uint8


def test_the_parts_have_the_classes_of_the_training_part(folder):
    for split in ("train", "test"):
        put(folder.parent / "parts" / split / "cat" / "a.png", grey(7))
        put(folder.parent / "parts" / split / "dog" / f"{split}.png", grey(8))
    for split in ("train", "test"):
        found = load_dataset("folder", folder.parent / "parts", split)
        assert found.labels.tolist() == [0, 1]
        assert found.split == split
    put(folder.parent / "parts" / "train" / "bird" / "a.png")
    refused(folder.parent / "parts", "bird.*no such class")


def test_the_folder_is_named_with_the_result(folder):
    found = load_dataset("folder", folder)
    assert found.name == "folder set"
    assert str(folder) in found.attribution
    assert found.maximum == 255


def test_litter_and_hidden_files_are_passed_over(folder):
    for name in (
        ".DS_Store",
        "Thumbs.db",
        ".ipynb_checkpoints/a.png",
        "cat/._a.png",
        "dog/Thumbs.db",
        "LICENSE",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"litter")
    assert load_dataset("folder", folder).labels.tolist() == [0, 0, 1, 1]


def test_a_resize_makes_images_of_different_sizes_one(folder):
    put(folder / "dog" / "z.png", grey(9, (8, 10)))
    refused(folder, r"z\.png: is 8 x 10 x 1, but .*a\.png is 4 x 5 x 1")
    found = load_image_folder(folder, size=(2, 3))
    assert found.images.shape == (5, 2, 3, 1)
    assert found.images[-1].tolist() == np.full((2, 3, 1), 9).tolist()


@pytest.mark.parametrize("size", [3, (3,), (0, 3), (3, 5000), [3, 3], (3.0, 3)])
def test_an_impossible_size_is_refused(folder, size):
    with pytest.raises(InputError, match="size must be"):
        load_image_folder(folder, size=size)


def test_more_than_256_classes_have_wider_labels(tmp_path):
    for number in range(300):
        put(tmp_path / f"{number:03}" / "a.png", grey(0, (1, 1)))
    found = load_dataset("folder", tmp_path)
    assert found.labels.tolist() == list(range(300))


def test_links_are_followed_and_broken_ones_told(folder):
    outside = folder.parent / "outside"
    folder.rename(outside)
    folder.mkdir()
    for name in ("cat", "dog"):
        (folder / name).symlink_to(outside / name)
    assert len(load_dataset("folder", folder).images) == 4
    (outside / "cat" / "c.png").symlink_to(outside / "cat" / "nowhere.png")
    refused(folder, r"c\.png: leads nowhere")
    (outside / "cat" / "c.png").unlink()
    (outside / "cat" / "c.png").symlink_to(outside / "cat" / "c.png")
    refused(folder, r"c\.png: leads nowhere")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(folder):
    os.mkfifo(folder / "cat" / "pipe.png")
    refused(folder, r"pipe\.png: no regular file")


def test_what_belongs_to_no_class_is_told(folder):
    put(folder / "stray.png")
    refused(folder, r"stray\.png: an image beside")
    (folder / "stray.png").rename(folder / "cat" / "stray.txt")
    refused(folder, r"stray\.txt: no image by its name")
    (folder / "cat" / "stray.txt").unlink()
    put(folder / "cat" / "young" / "a.png")
    refused(folder, r"young: a folder within a class")


def test_empty_and_absent_folders_are_told(folder, tmp_path):
    (folder / "emu").mkdir()
    refused(folder, "emu: holds no image")
    (tmp_path / "void").mkdir()
    refused(tmp_path / "void", "void: holds no folder of a class")
    refused(tmp_path / "none", "none: there is no such folder")
    refused(None, "one sub-folder of images per class")
    refused(3, "data_dir must be a path")
    refused("a" * 5000, "there is no such folder")
    refused(folder, "has no folder train", split="train")
    put(tmp_path / "half" / "train" / "cat" / "a.png")
    refused(tmp_path / "half", "has a folder train but none named test")


def test_a_set_larger_than_is_read_is_refused_before_memory_is_taken(folder, monkeypatch):
    monkeypatch.setattr(image_folder, "LARGEST_SET", 79)
    refused(folder, "4 images of 4 x 5 x 1")


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "tif", "ppm"])
def test_colours_have_three_channels(tmp_path, ending):
    path = put(tmp_path / f"a.{ending}", Image.new("RGB", (3, 2), (200, 100, 50)))
    found = read_image(path)
    assert found.shape == (2, 3, 3)
    assert np.abs(found.astype(int) - [200, 100, 50]).max() < 40


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA"])
def test_a_mode_that_bytes_hold_without_loss_is_converted(tmp_path, mode):
    original = Image.fromarray(np.arange(0, 240, 10, np.uint8).reshape(4, 6)).convert(mode)
    found = read_image(put(tmp_path / "a.png", original))
    plain = "L" if mode in ("1", "LA") else "RGB"
    assert np.array_equal(found.squeeze(), np.array(original.convert(plain)))


def transparent(mode):
    image = Image.new("RGBA", (3, 2), (1, 2, 3, 254))
    return image.convert(mode) if mode != "P" else Image.new("P", (3, 2))


LOSSY = {
    "transparency": (lambda path: put(path, transparent("RGBA")), "transparent pixels"),
    "grey with transparency": (lambda path: put(path, transparent("LA")), "transparent pixels"),
    "a transparent palette": (lambda path: put(path, transparent("P"), transparency=0), "transparent pixels"),
    "one transparent grey": (lambda path: put(path, grey(), transparency=0), "transparent pixels"),
    "16 bit grey": (lambda path: put(path, Image.fromarray(np.ones((2, 3), np.uint16))), "16 bit grey"),
    "16 bit RGB": (lambda path: path.write_bytes(deep_png()), "more than 8 bits per channel"),
    "16 bit PPM": (lambda path: path.write_bytes(b"P6 1 1 65535 " + bytes(6)), "more than 8 bits"),
    "plain PPM of 1023": (lambda path: path.write_bytes(b"P3 1 1 1023 1 2 3 "), "more than 8 bits"),
    "16 bit RGB of TIFF": (lambda path: path.write_bytes(deep_tiff(1)), "more than 8 bits per channel"),
    "16 bit planes": (lambda path: path.write_bytes(deep_tiff(3)), "more than 8 bits per channel"),
    "inks": (lambda path: put(path, Image.new("CMYK", (3, 2)), format="JPEG"), "colours of the kind CMYK"),
    "numbers": (lambda path: put(path, Image.new("F", (3, 2)), format="TIFF"), "16 bit grey or finer"),
    "an animation": (
        lambda path: put(path, format="GIF", save_all=True, append_images=[grey(9), grey(99)]),
        "holds 3 pictures",
    ),
    "nothing": (lambda path: path.write_bytes(b""), "not a readable image"),
    "text": (lambda path: path.write_text("a cat"), "of no known format"),
    "a program for printers": (
        lambda path: path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 5\n%%EndComments\n"),
        "of no known format",
    ),
    "a bomb": (lambda path: path.write_bytes(png(60_000, 60_000, 0, bytes(9))), "more than the 16777216"),
    "a smaller bomb": (lambda path: path.write_bytes(png(5_000, 5_000, 0, bytes(9))), "5000 x 5000"),
    "too few pixels": (lambda path: path.write_bytes(png(50, 50, 0, bytes(9))), "not a readable image"),
}


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, colours, pixels, bits=8):
    head = struct.pack(">2I5B", width, height, bits, colours, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + packed + chunk(b"IEND", b"")


def deep_png():
    return png(1, 1, 2, bytes(7), bits=16)


def deep_tiff(planes):
    """One pixel of 16 bits per channel, channels side by side or in three planes; TIFF 6.0."""
    size = 6 // planes
    lists = {258: [16] * 3, 273: [200 + size * plane for plane in range(planes)], 279: [size] * planes}
    single = {256: 1, 257: 1, 259: 1, 262: 2, 277: 3, 278: 1, 284: 1 if planes == 1 else 2}
    fields = lists | {tag: [value] for tag, value in single.items()}
    entries, behind = [], b""
    for tag in sorted(fields):
        values = struct.pack(f"<{len(fields[tag])}H", *fields[tag])
        inside = len(values) <= 4
        place = values.ljust(4, b"\0") if inside else struct.pack("<I", 150 + len(behind))
        behind += b"" if inside else values
        entries.append(struct.pack("<HHI", tag, 3, len(fields[tag])) + place)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + bytes(4)
    return (head.ljust(150, b"\0") + behind).ljust(200, b"\0") + bytes(6)


@pytest.mark.parametrize("name", LOSSY)
def test_what_bytes_cannot_hold_is_refused_by_name(folder, name):
    make, words = LOSSY[name]
    make(folder / "cat" / "odd.png")
    refused(folder, rf"odd\.png: .*{words}")


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "tif", "ppm"])
def test_an_image_cut_off_or_changed_anywhere_is_read_or_refused(tmp_path, ending):
    rng = np.random.default_rng(5)
    whole = put(
        tmp_path / f"a.{ending}", Image.fromarray(rng.integers(0, 256, (9, 11, 3), np.uint8))
    ).read_bytes()
    contents = [whole[:cut] for cut in range(0, len(whole), max(1, len(whole) // 60))]
    for _ in range(150):
        changed = bytearray(whole)
        changed[rng.integers(len(whole))] = rng.integers(256)
        contents.append(bytes(changed))
    path = tmp_path / "damaged.png"
    for content in contents:
        path.write_bytes(content)
        with contextlib.suppress(InputError):
            assert read_image(path).ndim == 3

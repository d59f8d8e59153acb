"""``spinpim network tolerance``: what is printed, written and drawn."""

import json

import pytest
from typer.testing import CliRunner

from spinpim.cli import app
from spinpim.errors import InputError

FEW = ["--images", "40", "--chips", "1", "--rate", "1e-4", "--rate", "0.3"]


def asked(*options):
    return CliRunner().invoke(app, ["network", "tolerance", *options])


def test_figures_are_printed_written_and_drawn_with_what_delivers_errors(tmp_path):
    paths = tmp_path / "t.json", tmp_path / "t.svg"
    done = asked("digits_w1a4", *FEW, "--json", str(paths[0]), "--plot", str(paths[1]))
    assert done.exit_code == 0, done.output
    document = json.loads(paths[0].read_text())
    (one,) = document["networks"]
    assert one["images"] == 40
    assert one["rates"] == [1e-4, 0.3]
    assert one["ideal_accuracy"] > 0.9 > 0.5 > one["static_accuracy"][1][0]
    assert [cause["name"] for cause in document["delivered"]] == [
        "strongarm_45nm",
        "strongarm_minimum_45nm",
        "writes of perpendicular_memory_60nm",
    ]
    assert [cause["of"] for cause in document["delivered"]].count("written bits") == 1
    assert f"{one['ideal_accuracy']:.4f} without errors, 40 images" in done.output
    assert all(entry["source"].startswith("arXiv:") for entry in document["published"])
    assert paths[1].read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["absent"], "no network named"),
        (["mnist_w1a4", "--dataset", "digits"], "shape"),
        (["mnist_w1a4"], "data set mnist is not embedded"),
        (["digits_w1a4", "--images", "0"], "images must be"),
        (["digits_w1a4", "--chips", "0"], "chips must be"),
        (["digits_w1a4", "--rate", "0.9"], "rates must"),
        (["digits_w1a4", "--json", "absent/folder/t.json"], "no such folder"),
        (["digits_w1a4", "--plot", "."], "is a folder"),
        (["digits_w1a4", "--workers", "0"], "workers must be"),
        (["digits_w1a4", "--chips", "10001"], "chips must be"),
        (["digits_w1a4", "--json", "same", "--plot", "same"], "files of their own"),
        (["digits_w1a4", "--json", "/dev/null"], "no ordinary file"),
        (["digits_w1a4", "mnist_w1a4"], "shape"),
        (["digits_w1a4", "--dataset", "letters"], "no data set named"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(options, sentence):
    done = asked(*options)
    assert isinstance(done.exception, InputError)
    assert sentence in str(done.exception)

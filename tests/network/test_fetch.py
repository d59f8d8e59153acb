"""Downloads from a server on this machine."""

import functools
import hashlib
import http.server
import threading

import pytest

from spinpim.errors import InputError
from spinpim.network import fetch as module
from spinpim.network.fetch import MNIST_SHA256, fetch

FILES = {name: f"content of {name}".encode() for name in MNIST_SHA256}


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Folder served at an address of this machine, with checksums to match."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(module, "MNIST_SHA256", digests)
    folder = tmp_path / "served"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def present(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_all_files_arrive_and_are_not_fetched_again(server, tmp_path):
    folder, url = server
    paths = fetch("mnist", tmp_path / "data", base_url=url)
    assert {path.name: path.read_bytes() for path in paths} == FILES
    for path in folder.iterdir():
        path.unlink()
    assert fetch("mnist", tmp_path / "data", base_url=url) == paths


def test_other_content_is_discarded(server, tmp_path):
    folder, url = server
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(InputError, match=r"not the published t10k-images-idx3-ubyte\.gz .*discarded"):
        fetch("mnist", tmp_path / "data", base_url=url)
    assert present(tmp_path / "data") == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]


def test_a_damaged_file_is_replaced(server, tmp_path):
    target = tmp_path / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"half")
    fetch("mnist", tmp_path / "data", base_url=server[1])
    assert target.read_bytes() == FILES[target.name]


def test_a_file_that_the_server_has_not_is_told(server, tmp_path):
    folder, url = server
    (folder / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(InputError, match=r"cannot be fetched .*404"):
        fetch("mnist", tmp_path / "data", base_url=url)
    assert present(tmp_path / "data") == []


def test_an_unreachable_server_is_told(server, tmp_path):
    with pytest.raises(InputError, match=r"cannot be fetched .*Check the connection"):
        fetch("mnist", tmp_path / "data", base_url="http://127.0.0.1:9/")
    assert present(tmp_path / "data") == []


def test_a_folder_that_cannot_be_made_is_told(server, tmp_path):
    (tmp_path / "data").write_text("a file in the way")
    with pytest.raises(InputError, match="cannot be fetched into"):
        fetch("mnist", tmp_path / "data", base_url=server[1])


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/", "doi:10.1/x", "127.0.0.1"])
def test_only_http_addresses_are_tried(tmp_path, url):
    with pytest.raises(InputError, match="must start with http"):
        fetch("mnist", tmp_path, base_url=url)


def test_an_address_without_a_host_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be fetched"):
        fetch("mnist", tmp_path, base_url="http://")


def test_only_what_can_be_downloaded_is_downloaded(tmp_path):
    with pytest.raises(InputError, match="embedded"):
        fetch("digits", tmp_path)
    with pytest.raises(InputError, match="available: mnist"):
        fetch("letters", tmp_path)

"""Downloads a data set and keeps it only if it is exactly the published one."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from spinpim.errors import InputError

MNIST_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MNIST_SHA256 = MappingProxyType(
    {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    }
)
TIMEOUT_S = 30.0


def fetch(name: str, data_dir: str | Path, *, base_url: str = MNIST_URL) -> tuple[Path, ...]:
    """Download the files of a data set into the folder ``data_dir / name``.

    A file that is already there and correct is not downloaded again. A file appears under its name only
    when it is complete and its SHA-256 is the published one.

    Parameters
    ----------
    name : str
        "mnist"; the digits are embedded.
    data_dir : path
        Folder to be given to `load_dataset`; made if absent.
    base_url : str
        Where the files are, by http or https.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    InputError
        If the name is unknown, the server cannot be reached or has not the file, the folder cannot be
        written, or the content is not the published one.
    """
    if name == "digits":
        raise InputError("the data set digits is embedded and needs no download.")
    if name != "mnist":
        raise InputError(f"there is no data set named {name!r} to download; available: mnist.")
    if not base_url.startswith(("http://", "https://")):
        raise InputError(f"base_url must start with http:// or https://; got {base_url!r}.")
    folder = Path(data_dir) / name
    return tuple(
        _fetch_file(f"{base_url.rstrip('/')}/{file}", folder / file, digest)
        for file, digest in MNIST_SHA256.items()
    )


def _fetch_file(url: str, target: Path, digest: str) -> Path:
    import pooch

    downloader = pooch.HTTPDownloader(timeout=TIMEOUT_S)
    try:
        pooch.retrieve(
            url, known_hash=f"sha256:{digest}", fname=target.name, path=target.parent, downloader=downloader
        )
    except OSError as error:
        raise InputError(
            f"{url}: cannot be fetched into {target.parent} ({error}). Check the connection and the folder, "
            f"or put the four files there yourself."
        ) from None
    except ValueError:
        raise InputError(
            f"{url}: the content is not the published {target.name} (SHA-256 differs) and was discarded. "
            f"Try again, or name another source as base_url."
        ) from None
    return target

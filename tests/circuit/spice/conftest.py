import pytest

from spinpim.circuit.spice.cards import find_cards
from spinpim.circuit.spice.ngspice import ngspice_version
from spinpim.errors import InputError


@pytest.fixture(scope="session")
def ngspice():
    """Version of ngspice; the test is skipped without one."""
    version = ngspice_version()
    if version is None:
        pytest.skip("ngspice is not installed (Debian: apt-get install ngspice)")
    return version


@pytest.fixture(scope="session")
def cards():
    """FreePDK45 cards; the test is skipped without them."""
    try:
        return find_cards()
    except InputError as missing:
        pytest.skip(str(missing))

"""The layout is the architecture: who may import whom, and what is public."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import spinpim

PACKAGE = Path(spinpim.__file__).parent
BASE = {"checks", "constants", "errors", "estimate", "storage"}
ALLOWED = {
    "params": BASE,
    "device": BASE | {"params"},
    "circuit": BASE | {"params", "device"},
    "network": BASE | {"params"},
    "array": BASE | {"params", "device", "circuit", "network"},
    "study": BASE | {"params", "device", "circuit", "network", "array"},
    "report": BASE | {"params", "device", "circuit", "network", "array", "study"},
    "bench": BASE | {"params", "device", "circuit", "network", "array", "study", "report", "__version__"},
}

DEVICE_ORDER = ("dynamics", "density", "failure", "escape", "measure")
"""Folders of the device layer, each of which may import those before it and the modules beside them."""
DEVICE_SIDE_BY_SIDE = {"failure", "escape"}


def _imported_layers(path: Path) -> set[str]:
    layers = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        layers |= {name.split(".")[1] for name in names if name.startswith("spinpim.")}
    return layers


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_imports_point_one_way(layer):
    paths = list((PACKAGE / layer).rglob("*.py"))
    assert paths
    for path in paths:
        foreign = _imported_layers(path) - ALLOWED[layer] - {layer}
        assert not foreign, f"{path.relative_to(PACKAGE)} imports {sorted(foreign)}"


def test_imports_within_the_device_layer_point_one_way():
    device = PACKAGE / "device"
    assert {path.parent.name for path in device.glob("*/__init__.py")} == set(DEVICE_ORDER)
    for path in device.rglob("*.py"):
        if path == device / "__init__.py":
            continue
        own = path.parent.name
        allowed = set(DEVICE_ORDER[: DEVICE_ORDER.index(own)]) if own in DEVICE_ORDER else set()
        if own in DEVICE_SIDE_BY_SIDE:
            allowed -= DEVICE_SIDE_BY_SIDE
        text = path.read_text()
        used = {folder for folder in DEVICE_ORDER if f"spinpim.device.{folder}." in text}
        assert used <= allowed | {own}, (
            f"{path.relative_to(PACKAGE)} imports {sorted(used - allowed - {own})}"
        )


def test_base_modules_import_no_layer():
    for name in BASE:
        assert _imported_layers(PACKAGE / f"{name}.py") <= BASE


def test_every_public_name_is_documented_and_listed_in_order():
    assert spinpim.__all__ == sorted(spinpim.__all__)
    for name in spinpim.__all__:
        # A dataclass without a docstring is given its signature as one.
        documentation = getattr(spinpim, name).__doc__
        assert documentation, name
        assert not documentation.startswith(f"{name}("), name


def test_importing_the_package_alone_waits_for_no_compiler():
    code = "import sys, spinpim; print([name for name in ('numba', 'numpy', 'scipy') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_what_is_loaded_on_demand_is_what_is_listed():
    assert set(spinpim.__all__) <= set(dir(spinpim))
    with pytest.raises(AttributeError, match="no attribute"):
        spinpim.write_eror_rate  # noqa: B018


def test_importing_the_package_leaves_slow_libraries_alone():
    slow = ["matplotlib", "pint", "typer", "rich", "pooch", "scipy.stats", "torch", "h5py"]
    code = f"import sys; from spinpim import *; print([name for name in {slow!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_command_line_starts_without_compilers_and_drawing():
    slow = ["numba", "matplotlib", "pydantic", "scipy.optimize", "h5py"]
    code = f"import sys, spinpim.cli; print([name for name in {slow!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_device_layer_loads_no_part_of_scipy_that_it_seldom_uses():
    seldom = ["scipy.optimize", "scipy.stats", "scipy.integrate", "scipy.interpolate", "scipy.sparse"]
    code = f"import sys, spinpim.device; print([name for name in {seldom!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_folder_is_a_layer_with_rules():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(ALLOWED)


def test_module_names_say_something():
    for path in PACKAGE.rglob("*.py"):
        assert path.stem not in {"utils", "util", "helpers", "helper", "misc", "common"}

# One word per task; each assumes a virtual environment with `pip install -e '.[dev]'`.
.PHONY: test lint bench docs validate versions

test: ## every test and doctest
	python3 -m pytest

lint: ## style and types
	ruff check . && ruff format --check . && mypy

bench: ## speed, as ratios in one run
	python3 -m pytest tests/benchmarks --benchmark-only -o addopts="" -o testpaths=tests/benchmarks

docs: ## regenerate what is generated: parameter schemas and the table of keys
	python3 -m spinpim.params

validate: ## every validation script and the slow tests
	python3 -m pytest -m "slow or not slow" tests/test_validation.py
	python3 -m pytest -m slow tests/device tests/network

versions: ## the oldest versions that pyproject.toml allows, in an environment of their own
	.ci/versions

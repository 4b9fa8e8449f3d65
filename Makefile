# Two commands are enough: `make run` and `make test`. Both set up .venv from the lock files by themselves.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint notebooks bench fix lock clean help

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/run-ready ## set up, backtest both strategies on the bundled candles, then serve it all: one address to open
	$(BIN)/workbench demo

test: lint .venv/test-ready ## set up, then every check: style, types, import rules, tests, notebooks
	$(BIN)/python -m pytest -n 2 --ignore tests/browser
	$(BIN)/python -m pytest tests/browser  # alone: each of them runs a whole stack and Chromium
	$(MAKE) notebooks

lint: .venv/test-ready ## style, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

notebooks: .venv/test-ready ## re-run the notebooks and compare their outputs
	$(BIN)/python -m pytest -p tests.notebook_kernels --nbval --nbval-sanitize-with notebooks/sanitize.cfg notebooks -n 2 --dist loadfile

bench: .venv/test-ready ## compare with vectorbt, raptorbt and backtesting.py; rewrites the pages in tests/bench
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.feed
	$(BIN)/python -m tests.bench.api
	$(BIN)/python -m tests.bench.dashboards

fix: .venv/test-ready ## format, and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## pin every dependency with hashes (needs uv)
	uv pip compile pyproject.toml --group build --universal --generate-hashes --python-version 3.11 --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev -c requirements.lock --universal --generate-hashes --python-version 3.11 --no-header -q -o requirements-dev.lock

clean: ## remove the virtual environment, caches and the local home
	rm -rf .venv .workbench .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist

.venv/run-ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}; try: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/test-ready: .venv/run-ready requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# One command each: `make demo` runs the demo clinic, `make test` passes the tests.
# Both set up what they need first; nothing has to be installed by hand but Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: setup demo test check lint types layers docs bench bench-peers fuzz screenshots lock clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(BIN)/ccm demo $(ARGS)

test: lint types layers
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint types layers docs

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

docs: setup
	$(BIN)/pytest tests/docs

bench: setup
	$(BIN)/python -m bench $(ARGS)

# SpiffWorkflow (LGPL) in an environment of its own, to be measured beside; the product never uses it.
bench-peers:
	$(PYTHON) -m venv bench/.peers
	bench/.peers/bin/python -m pip install --quiet "SpiffWorkflow>=3.1,<4" \
	  || echo "SpiffWorkflow could not be installed; the bench then runs without it."

# Needs atheris (pip install atheris); ARGS=600 looks for ten minutes.
fuzz: setup
	$(BIN)/python tools/fuzz_playbooks.py $(ARGS)

# Needs Debian's chromium; ARGS="step board" takes only the pages named so.
screenshots: setup
	$(BIN)/python tools/screenshots.py $(ARGS)

# Needs uv (pip install uv). Written without an index address, so any mirror serves it.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

clean:
	rm -rf $(VENV) bench/.peers .ccm .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

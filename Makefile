# One command each: `make demo` runs the demo clinic, `make test` passes the tests.
# Both set up what they need first; nothing has to be installed by hand but Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: setup demo test check lint types layers docs bench bench-peers fuzz screenshots lock \
  dist licences sbom audit clean

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
# requirements.lock is for working on it; locks/ holds what is installed with it (run), what builds
# it (build), and the tools that look it over (tools).
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --quiet
lock:
	$(COMPILE) pyproject.toml --extra dev -o requirements.lock
	$(COMPILE) pyproject.toml --extra telemetry -c requirements.lock -o locks/run.lock
	echo "hatchling>=1.27" | $(COMPILE) - -c requirements.lock -o locks/build.lock
	printf "cyclonedx-bom>=7\npip-audit>=2.9\n" | $(COMPILE) - -o locks/tools.lock

# Wheel and source of a release, in dist/; the same bytes for the same commit.
dist: setup
	rm -rf dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m hatchling build -d dist

licences: setup
	$(BIN)/python tools/licences.py

.venv-tools: locks/tools.lock
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --require-hashes -r locks/tools.lock
	@touch $@

# The bill of materials (CycloneDX) of what is installed with the product: an environment with
# that alone is made, and asked.
sbom: .venv-tools
	rm -rf .venv-run && $(PYTHON) -m venv --without-pip .venv-run
	$(PYTHON) -m pip --python .venv-run install --quiet --require-hashes -r locks/run.lock
	mkdir -p dist
	.venv-tools/bin/cyclonedx-py environment .venv-run --pyproject pyproject.toml \
	  --output-reproducible --of JSON -o dist/ccm-flow.cdx.json
	@echo "Written: dist/ccm-flow.cdx.json"

# Known weaknesses of what is installed. --strict: a package that could not be looked up is no
# good news, so it ends with an error; without a way to the package index all of them are.
audit: .venv-tools
	.venv-tools/bin/pip-audit --strict --disable-pip --require-hashes -r locks/run.lock

clean:
	rm -rf $(VENV) .venv-run .venv-tools dist bench/.peers .ccm .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

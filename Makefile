# Needs nothing but Python 3.11 or newer with venv; PYTHON=python3.12 chooses one.
PYTHON ?= python3
# Test processes; a file's tests stay in one, which needs up to 5 GB.
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo install test test-all bench lint docs

# The main job on the demo world: trained models come with the package.
demo: $(STAMP)
	$(BIN)/adis-bench run --methods ours,cut,cyclegan

install: $(STAMP)

# Installed again only when pyproject.toml changes.
$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "adis-bench needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test,docs]'
	# An oracle of the tests. Its torchaudio doesn't fit beside every torch; the tests give its spectrogram a stand-in.
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps 'wav2clip==0.1.0'
	touch $(STAMP)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Threads that spin while they wait for each other keep the cores from the other process: training tests took three times as long.
test test-all: export OMP_WAIT_POLICY := passive

test: lint
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

test-all: lint
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m ''

# The documentation's site in site/; warnings are errors, as in the tests. The theme's notice about MkDocs 2 is switched off as it says
# itself: pyproject.toml has MkDocs 1.
docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(STAMP)
	$(BIN)/pytest tests/benchmarks --benchmark-only --benchmark-enable -m ''

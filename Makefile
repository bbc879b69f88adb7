# Everything runs in .venv, which is made on first use with the exact versions of requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: install demo test test-all check format bench-shots bench-clips bench-proxies bench-steps bench-sampling clean

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "eruv needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/eruv doctor
	touch $@

demo: install
	$(BIN)/eruv demo --to demo

test: install
	$(BIN)/pytest -m "not slow"

test-all: install
	$(BIN)/pytest

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src tests benchmarks

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Compares shot detectors; VIDEOS is a folder with the clips that benchmarks/shot_cameras.py names.
bench-shots: install
	$(BIN)/python benchmarks/shots.py --videos $(VIDEOS) --to bench-shots

# The next ones need the readers to compare with: pip install decord==0.6.0 torchcodec==0.12.0
bench-clips: install
	$(BIN)/python benchmarks/clips.py --videos $(VIDEOS) --to bench-clips

bench-proxies: install
	$(BIN)/python benchmarks/proxies.py --videos $(VIDEOS) --to bench-proxies

bench-steps: install
	$(BIN)/python benchmarks/steps.py

bench-sampling: install
	$(BIN)/python benchmarks/sampling.py --to bench-sampling

clean:
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache

# Everything runs in .venv, which is made on first use with the exact versions of requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: install smoke demo test test-all check format clean bench bench-readers bench-shots bench-clips \
	bench-proxies bench-steps bench-sampling bench-loader-memory bench-shortcut

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "eruv needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/eruv doctor
	touch $@

# Every table and figure of the paper, every code path, nothing learned: a few minutes.
smoke: install
	rm -rf build/smoke
	$(BIN)/eruv paper all --smoke --to build/smoke

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

# Benchmarks. VIDEOS is a folder with the clips that benchmarks/shot_cameras.py names, RUN a run to
# read clips of (make demo makes it). The other readers are installed for them alone.
RUN ?= demo/run-seed-0

bench-readers: install
	$(BIN)/pip install --quiet decord==0.6.0 torchcodec==0.12.0

bench: bench-clips bench-proxies bench-steps bench-sampling bench-loader-memory bench-shortcut
	$(BIN)/python benchmarks/performance.py

bench-shots: install
	$(BIN)/python benchmarks/shots.py --videos $(VIDEOS) --to bench-shots

bench-clips: bench-readers
	$(BIN)/python benchmarks/clips.py --videos $(VIDEOS) --to bench-films

bench-proxies: install
	$(BIN)/python benchmarks/proxies.py --videos $(VIDEOS) --to bench-films

bench-steps: install
	$(BIN)/python benchmarks/steps.py --widths 0.25
	$(BIN)/python benchmarks/steps.py --widths 1.0 --batch 2 --rounds 2 --ways "plain loop" "pages kept, one batch" ours

bench-sampling: install
	$(BIN)/python benchmarks/sampling.py --to bench-sampling

bench-loader-memory: install
	$(BIN)/python benchmarks/loader_memory.py $(RUN)

bench-shortcut: install
	$(BIN)/python benchmarks/proxy_shortcut.py $(RUN)

clean:
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache

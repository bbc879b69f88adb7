# Everything runs in .venv, which is made on first use with the exact versions of requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# Tests run side by side, those of a file in one process, which makes what they share once. On two cores, too, in four
# processes: many tests wait for others that they start.
SIDE_BY_SIDE := -n 4 --dist loadfile

.PHONY: install smoke demo test test-fast test-all wheel-test check docs format tree clean bench bench-readers bench-shots bench-clips \
	bench-proxies bench-steps bench-sampling bench-loader-memory bench-shortcut gpu gpu-smoke

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "eruv needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/eruv doctor
	touch $@

# Every table and figure of the paper, every code path, nothing learned: a few minutes.
smoke: install
	rm -rf build/smoke
	$(BIN)/eruv paper all --smoke --to build/smoke

demo: install
	$(BIN)/eruv demo --to demo

test: install
	$(BIN)/pytest $(SIDE_BY_SIDE) -m "not slow"

# The inner loop: whatever encodes no video, starts no process and trains nothing.
test-fast: install
	$(BIN)/pytest $(SIDE_BY_SIDE) -m "not slow" --fast -r fE --durations 5

test-all: install
	$(BIN)/pytest $(SIDE_BY_SIDE)

# The wheel, installed in an environment of its own, where no sources are.
wheel-test: install
	$(BIN)/python scripts/wheel_test.py

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src tests benchmarks scripts
	$(BIN)/lint-imports --no-logo

# The documentation as a site in build/site; a link that leads nowhere is an error.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The tree of docs/design.md, from the packages and the first lines of their modules.
tree: install
	$(BIN)/python scripts/design_tree.py

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
	$(BIN)/python benchmarks/shot_speed.py --videos $(VIDEOS) --to bench-shots/speed

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

# What needs a CUDA device, in about eight minutes; GPU is a folder that gpu_library.py makes, with
# clips of your own beside the built-in films if you like: make gpu LABELLED=DIR RAW=DIR
GPU ?= build/gpu-library

$(GPU)/contents.json: | install
	$(BIN)/python benchmarks/gpu_library.py --to $(GPU) --labelled $(LABELLED) --raw $(RAW)

gpu: install $(GPU)/contents.json
	$(BIN)/python benchmarks/gpu.py --with $(GPU)

# The same script at toy sizes on a processor, to find its mistakes where minutes cost nothing.
gpu-smoke: install $(GPU)/contents.json
	$(BIN)/python benchmarks/gpu.py --with $(GPU) --device cpu --smoke --minutes 0.1 --to build/gpu-smoke

clean:
	rm -rf $(VENV) build demo .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

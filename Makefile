# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOVECOT := build/dovecot/.ready

.PHONY: demo test pure lint types contracts format lock bench faults mutations fuzz nightly clean

demo: $(READY)
	$(BIN)/watcher demo

test: $(READY) $(DOVECOT)
	$(BIN)/pytest

# The tests of the pure domain alone, on the CPython that PYTHON names; in a folder of its own.
pure:
	$(PYTHON) -m venv build/pure/$(notdir $(PYTHON))
	build/pure/$(notdir $(PYTHON))/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	build/pure/$(notdir $(PYTHON))/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	build/pure/$(notdir $(PYTHON))/bin/python -m pytest tests/domain -q

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .

bench: $(READY) $(DOVECOT)
	$(BIN)/python bench/first_pass.py
	$(BIN)/python bench/reading.py

# The long runs: `make test` takes a sample of each.
nightly: test faults mutations fuzz bench

faults: $(READY) $(DOVECOT)
	FAULTS=all $(BIN)/pytest -q tests/faults/test_faults.py tests/faults/test_service.py
	$(BIN)/python tests/faults/killing.py --points 2000 --jobs 2

mutations: $(READY)
	$(BIN)/python tests/fuzz/mutations.py --count 300000 --jobs 2

FUZZ_SECONDS ?= 600
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet atheris
	$(BIN)/python tests/fuzz/fuzz_reading.py -max_total_time=$(FUZZ_SECONDS) build/fuzz/corpus

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# Debian's Dovecot, unpacked and not installed: tests on a real server run it, no system service is touched.
$(DOVECOT): tests/servers/unpack-dovecot.sh
	rm -rf build/dovecot
	tests/servers/unpack-dovecot.sh build/dovecot
	touch $@

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-annotate \
		--no-header --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist

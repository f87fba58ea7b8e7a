# Everything a person does with this repository; `make` lists it. Needs Python 3.11 or newer and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := $(shell sed -n 's/^uv==//p' requirements.txt)
export PYTHONPATH :=
unexport VIRTUAL_ENV CONDA_PREFIX

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: install ## Start everything and keep it running until Ctrl-C
	@exec $(BIN)/python -m vibekanban up

.PHONY: test
test: install-dev browser ## Run all tests: unit, integration and browser
	@$(BIN)/pytest $(ARGS)

.PHONY: test-n8n
test-n8n: install-dev ## Hold the n8n contract and automations against the real n8n (about 2 GB, kept in ~/.cache)
	@$(BIN)/python -m tests.n8n.launch -- $(BIN)/pytest tests/n8n tests/domains/automations $(ARGS)

.PHONY: test-interop
test-interop: install-dev ## Hold MCP against its conformance suite, the Inspector and the TypeScript SDK
	@$(BIN)/python -m tests.interop.launch -- $(BIN)/pytest tests/interop $(ARGS)

.PHONY: test-day
test-day: install-dev ## Live a whole day of ten accounts on Meta's smallest tier (ten minutes on a quiet machine of two cores, more on a busy one)
	@WHOLE_DAY=1 $(BIN)/pytest tests/day $(ARGS)

.PHONY: check
check: lint test ## Everything CI checks: linters and tests

.PHONY: lint
lint: install-dev ## Format check, ruff, types and import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@PYTHONPATH=. $(BIN)/lint-imports

.PHONY: format
format: install-dev ## Rewrite the sources in the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: bench
bench: install-dev ## Run the benchmarks
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: lock
lock: $(BIN)/uv ## Pin what pyproject.toml asks for; the newest versions with ARGS=--upgrade
	@$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate $(ARGS) pyproject.toml -o requirements.txt
	@echo 'uv==$(UV_VERSION)' >> requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate $(ARGS) --group dev -c requirements.txt -o requirements-dev.txt

.PHONY: clean
clean: ## Remove what can be made again (the virtual environment and the built pages), never data
	@rm -rf $(VENV) .web .states .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- the virtual environment: made once, touched again only when a pin changes ----------------------

.PHONY: install
install: $(BIN)/uv
	@$(call installed,requirements.txt)

.PHONY: install-dev
install-dev: install
	@$(call installed,requirements-dev.txt)

# $(call installed,FILE): install the pins of FILE unless a stamp says that exactly these are installed
define installed
	want="$$($(BIN)/python -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), sys.version_info[:3])' $(1))"; \
	stamp="$(VENV)/$(1).installed"; \
	if [ "$$(cat "$$stamp" 2>/dev/null || true)" != "$$want" ]; then \
	  echo "Installing $(1)"; \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python -r $(1); \
	  echo "$$want" > "$$stamp"; \
	fi
endef

$(BIN)/uv:
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2> /dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: install its venv package (on Debian: apt-get install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'

.PHONY: browser
browser:
	@if ! command -v chromium > /dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    echo "Installing chromium for the browser tests"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null; \
	  else \
	    echo "The browser tests need Chromium: install the package chromium, then run make test again."; exit 1; \
	  fi; \
	fi

# SER on one machine: make demo, make test. Nothing but Python 3.11 (with venv) is needed beforehand.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The interpreter of .venv; blank: setup.sh chooses.
PYTHON ?=
BIN := .venv/bin
STAMP := .venv/.installed
LOCKS := requirements.lock requirements-dev.lock
EXAMPLES ?= 10000
SEEDS ?= 100000
# How many processes run the tests: they wait for servers half of the time.
TOGETHER ?= 2

.PHONY: help setup demo state test simulate faults fuzz bench check up down status documents lock vendor clean

help: ## Say what there is to make.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## Install everything into .venv, from the lock files.

$(STAMP): $(LOCKS) pyproject.toml deploy/local/setup.sh
	@PYTHON=$(PYTHON) bash deploy/local/setup.sh
	@touch $@

demo: setup ## Send the histories of 5,384 students through the system and compare the child count (two minutes).
	@$(BIN)/ser demo

state: setup ## The same for all 84,473 children of the published file, each up to the first IEP.
	@$(BIN)/ser demo --all --first-year

up: setup ## Start the whole system and leave it running.
	@$(BIN)/ser up

down: setup ## Stop it; nothing is left running.
	@$(BIN)/ser down

status: setup ## Show what is running.
	@$(BIN)/ser status

documents: setup ## Write schemas, examples, code lists, AsyncAPI and OpenAPI documents to .ser/documents.
	@$(BIN)/python -m deploy.documents

test: check ## All checks, then all tests.
	@echo "── tests ──────────────────────────────────────────"
	@$(BIN)/python -m pytest -n $(TOGETHER) --no-loadscope-reorder

simulate: setup ## Live SEEDS=100000 simulated histories on all cores, and shrink what breaks a promise.
	@$(BIN)/python -m tests.simulation $(SEEDS)

faults: setup ## Try every family of faults: kills, outages, poison, races, floods (about an hour).
	@$(BIN)/python -m pytest tests/faults -m "" -v -s

fuzz: setup ## Try anything at random, EXAMPLES=10000 of each: messages, histories, requests, bytes (hours).
	@SER_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/fuzz --timeout=0 -q $(FUZZ)

bench: setup ## Measure SER beside what this machine can do, PARTS="commands rebuild latency" or all (a quiet three quarters of an hour).
	@$(BIN)/python -m benchmarks $(PARTS) $(SIZES)

check: setup ## Lint, format, types and import rules.
	@echo "── lint (ruff check) ──────────────────────────────"
	@$(BIN)/ruff check .
	@echo "── format (ruff format) ───────────────────────────"
	@$(BIN)/ruff format --check .
	@echo "── types (mypy --strict) ──────────────────────────"
	@$(BIN)/mypy
	@echo "── imports go one way (import-linter) ─────────────"
	@$(BIN)/lint-imports --no-logo

lock: setup ## Choose the newest packages again and pin them.
	@for file in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" $$file.in --output-file $$file.lock || exit 1; \
	done

vendor: setup ## Copy the console's scripts and the fonts of PDF from their npm packages again, as their lock files name them.
	@$(BIN)/python -m deploy.vendor

clean: ## Stop the system and remove everything that make and ser have made here.
	@if [ -x $(BIN)/ser ]; then $(BIN)/ser down || true; fi
	@rm -rf .venv .ser .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# Everything a person runs here. `make help` lists it.

PORT ?= 8080
SEEDS ?= 200
FIRST ?= 0
WORLD ?= all
STEPS ?= 200
KILLS ?= 50
SEED ?= 1
SECONDS ?= 30
PYTEST_ARGS ?=
VENV ?= .venv
PY := $(VENV)/bin/python
# What is compiled is kept, whatever the surroundings say: tests start some hundred processes.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help venv demo serve test deployment check audit bench simulate endure fuzz load features pictures format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

venv: ## .venv with the pinned packages (made again only when the pins change)
	@VENV=$(VENV) .ci/venv

demo: venv ## Tandem, a simulated Google and a demo CRM on one address (PORT=8080)
	$(PY) main.py demo --port $(PORT)

serve: venv ## Tandem alone on this machine, for real Google accounts (PORT=8080)
	$(PY) main.py serve --port $(PORT)

test: venv ## every test; finds or installs what they need (PYTEST_ARGS="-k claim")
	$(PY) -m tests.bootstrap
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

deployment: venv ## every scenario on a deployment: a process a function, on Firestore's emulator
	$(PY) -m tests.bootstrap
	TANDEM_TEST_WHERE=deployment $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests/scenarios $(PYTEST_ARGS)

check: venv ## format, lint, types, import rules: what changes nothing and takes seconds
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m bandit --quiet --recursive --configfile pyproject.toml functions infra shared main.py
	$(PY) -m pytest -q tests/unit/test_import_rules.py

audit: venv ## the pinned packages against today's advisories (ADVISORIES=/path/to/a/clone without the network)
	$(PY) -m tests.audit $(if $(ADVISORIES),--database $(ADVISORIES))

bench: venv ## the measurements of tests/bench
	$(PY) -m tests.bench

simulate: venv ## the random simulation over many seeds (SEEDS=200 FIRST=0 STEPS=200 WORLD=all, calm, series, mixed, contact, held, dense)
	$(PY) -m tests.simulation --world $(WORLD) --seeds $(SEEDS) --first $(FIRST) --steps $(STEPS)

endure: venv ## kill -9 under load, on SQLite and on Firestore's emulator (KILLS=50 SEED=1)
	$(PY) -m tests.endure kill --kills $(KILLS) --seed $(SEED)

fuzz: venv ## every parser of foreign bytes under atheris (SECONDS=30 each), then the API for as long as all of them
	$(PY) -m tests.fuzz parsers --seconds $(SECONDS)
	$(PY) -m tests.fuzz api --seconds $$((10 * $(SECONDS)))

load: venv ## 200 connections, 50 changes a second for two minutes, from both sides
	$(PY) -m tests.endure load

features: venv ## docs/features.md from the names of the scenarios
	$(PY) -m tests.docs.features

pictures: venv ## docs/images anew: the demo played once and looked at, light, dark and on a phone
	$(PY) -m tests.browser.pictures

format: venv ## rewrite the sources as `check` wants them
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

clean: ## remove .venv and caches; the data folder .tandem stays
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

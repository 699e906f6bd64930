# Everything lives in this folder. Files in .venv/.done say what is done, until a lock file changes.
PYTHON ?= python3
BIN := .venv/bin
DONE := .venv/.done
SYNC := $(BIN)/uv pip install -q --python $(BIN)/python --no-deps
COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --custom-compile-command "make lock"
MORE_engine := --cov=pointbook.engine --cov-branch --cov-fail-under=99 --cov-report=term-missing:skip-covered
PARTS := test-rooms test-analytics test-interfaces test-engine test-pages test-house
.PHONY: install demo test $(PARTS) check bench docs golden run lock

install: $(DONE)/packages

$(DONE)/venv:
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("Pointbook needs Python 3.11 to 3.13: make PYTHON=...")'
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -qy python3-venv; \
	else echo "Python cannot make virtual environments here. Run: sudo apt-get install python3-venv"; exit 1; fi
	$(PYTHON) -m venv .venv && mkdir -p $(DONE) && touch $@

# With uv if it can be had, else with pip: the same packages by the same hashes.
$(DONE)/packages: $(DONE)/venv requirements.lock pyproject.toml
	@if command -v uv >/dev/null || $(BIN)/python -m pip install -q uv; then \
	  PATH="$(BIN):$$PATH" uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock; \
	else $(BIN)/python -m pip install -q --require-hashes -r requirements.lock; fi
	$(SYNC) --no-build-isolation -e .
	rm -f $(DONE)/data && touch $@

$(DONE)/data: $(DONE)/packages requirements-demo.lock
	$(SYNC) --require-hashes -r requirements-demo.lock && touch $@

$(DONE)/judges: | $(DONE)/venv
	@if which chromium hledger ledger >/dev/null; then :; elif [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -qy --no-install-recommends chromium fonts-dejavu-core hledger ledger; \
	else echo "The tests need a browser and two judges. Run: sudo apt-get install chromium fonts-dejavu-core hledger ledger"; exit 1; fi
	touch $@

demo: $(DONE)/data
	POINTBOOK_HOME=$(CURDIR)/.demo $(BIN)/python demo/run.py

# Two parts at a time, the longest first; each is told when it is done.
test: $(DONE)/data $(DONE)/judges
	@$(MAKE) --no-print-directory -k -O -j2 $(PARTS)
$(PARTS): test-%:
	$(BIN)/python -m pytest -q tests/$* $(MORE_$*)

check: $(DONE)/packages
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/lint-imports

bench: $(DONE)/data
	$(BIN)/python bench/run.py && $(BIN)/python bench/closing.py --lots 100000 1000000 --facts 50000
docs: $(DONE)/packages
	$(BIN)/zensical build --clean --strict
golden: $(DONE)/data $(DONE)/judges
	$(BIN)/python -m pytest -q --golden-update
run: $(DONE)/packages
	$(BIN)/pointbook init && $(BIN)/pointbook run

lock:
	$(COMPILE) pyproject.toml --group dev -o requirements.lock
	$(COMPILE) --no-deps --group demo -o requirements-demo.lock

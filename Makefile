# `make demo` and `make test` install what they need into .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check snippets bench clean

$(VENV)/demo.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[engine]"
	touch $@

$(VENV)/dev.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $(VENV)/demo.installed $@

demo: $(VENV)/demo.installed
	rm -rf shoeroot-demo
	$(BIN)/shoeroot demo shoeroot-demo

test: $(VENV)/dev.installed
	$(BIN)/pytest -n auto

check: $(VENV)/dev.installed snippets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

snippets: $(VENV)/dev.installed
	$(BIN)/pytest tests/test_readme.py

bench: $(VENV)/dev.installed
	for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) shoeroot-demo

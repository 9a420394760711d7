# `make check` is the loop: format, lint, types, contracts, fast tests, generated files.
PY ?= .venv/bin/python
export PYTHONPATH := cli:lib

.PHONY: setup check format lint types contracts test test-all golden generated lock

setup:
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --upgrade pip
	.venv/bin/python -m pip install --quiet --editable '.[dev]'

check: lint types contracts test

format:
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lint:
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

types:
	.venv/bin/pyright

contracts:
	.venv/bin/lint-imports

test:
	$(PY) -m pytest -n 2 -m "not slow and not real"

test-all:
	$(PY) -m pytest -n 2

golden:
	REWRITE_TRANSCRIPTS=1 $(PY) -m pytest -q tests/golden/test_transcripts.py

generated:
	$(PY) -m quintet_cli.reference .

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate pyproject.toml --output-file requirements.lock

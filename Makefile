# Each target does its own set-up on a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo test check fuzz soak fanout mutants lock dev browser

install: $(BIN)/cors-proxy  ## .venv with the cors-proxy command

$(BIN)/cors-proxy: pyproject.toml requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cors-proxy needs Python 3.11 or later; name one by PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

dev: $(VENV)/.dev

$(VENV)/.dev: $(BIN)/cors-proxy
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

browser:  ## Debian's Chromium, for the browser tests
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || .ci/install-chromium

demo: install  ## a sample API, the proxy and two pages that call it
	$(BIN)/cors-proxy demo

test: dev browser  ## all tests
	$(BIN)/python -m pytest

check: test  ## lint, types, the properties at length, and a minute of fuzzing from new seeds
	$(BIN)/ruff check .
	$(BIN)/mypy
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest $$(grep -rl '^from hypothesis' tests --include='test_*.py')
	$(BIN)/python -m tests.fuzz 60

fuzz: dev  ## half an hour of it, or SECONDS=…
	$(BIN)/python -m tests.fuzz $(or $(SECONDS),1800)

soak: dev  ## an hour of mixed traffic through the real process, or SECONDS=… (and WORKERS=2): nothing that it holds may grow
	$(BIN)/python -m tests.soak $(or $(SECONDS),3600) --workers $(or $(WORKERS),1)

fanout: $(VENV)/.fanout  ## what goes upstream, read by other servers (nginx, node and java too, where they are installed)
	$(BIN)/python -m tests.fanout

$(VENV)/.fanout: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fanout]'
	touch $@

mutants: dev  ## each named rule removed in turn: a test has to fail
	$(BIN)/python -m tests.mutants

lock: dev  ## requirements.txt anew: the newest versions that pyproject.toml allows, with hashes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --upgrade --output-file requirements.txt pyproject.toml

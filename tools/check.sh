#!/bin/sh
# Lint, types and tests, in this order; all of them run, and one that fails fails the whole. pytest's closing line is the last.
bin=.venv/bin
status=0
$bin/python -m ruff check . || status=1
$bin/python -m ruff format --check --quiet . || { status=1; echo "Some files are not formatted: run .venv/bin/ruff format ."; }
$bin/python -m mypy || status=1
[ $status -eq 0 ] || echo "Lint or types failed; see above. The tests run all the same."
# The queue's SQL on PostgreSQL; then everything on SQLite, the tests in a browser last.
SYNSET_TEST_POSTGRES=1 $bin/python -m pytest -q -m "not browser and not faults" tests/webapp/jobs || status=1
$bin/python -m pytest -q || status=1
exit $status

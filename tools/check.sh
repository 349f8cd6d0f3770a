#!/bin/sh
# Lint, types and tests, in this order; all of them run, and one that fails fails the whole. pytest's closing line is the last.
bin=.venv/bin
status=0
$bin/python -m ruff check . || status=1
$bin/python -m ruff format --check --quiet . || { status=1; echo "Some files are not formatted: run .venv/bin/ruff format ."; }
$bin/python -m mypy || status=1
[ $status -eq 0 ] || echo "Lint or types failed; see above. The tests run all the same."
# Two of these processes run side by side: torch with a thread a core in each would wait for itself, at more than twice the time.
export OMP_NUM_THREADS=1
# What locks, orders and searches on PostgreSQL too; then everything on SQLite. What starts whole servers comes last, a file at a
# time in each process: tests that kill processes, three at once, for they mostly wait; then the browser's.
web=tests/webapp
whole="browser or faults"
SYNSET_TEST_POSTGRES=1 $bin/python -m pytest -q -n 2 -m "not ($whole)" $web/jobs $web/reports \
  $web/accounts/test_races.py $web/accounts/test_members.py $web/accounts/test_invitations.py $web/accounts/test_audit_log.py \
  $web/ops/test_trash.py $web/ops/test_trash_races.py $web/ops/test_purging.py $web/ops/test_home.py $web/ops/test_home_tables.py \
  $web/ops/test_search.py $web/datasets/test_removing.py $web/datasets/drafts $web/datasets/labelling $web/datasets/test_quality.py \
  $web/experiments/test_removing.py $web/experiments/test_double_launch.py \
  -k "not many_rows_cost_little and not found_at_any_address" || status=1
$bin/python -m pytest -q -n 2 -m "not ($whole)" || status=1
$bin/python -m pytest -q -n 3 --dist loadfile -m faults || status=1
$bin/python -m pytest -q -n 2 --dist loadfile -m "browser and not faults" || status=1
exit $status

"""Public ids."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from webapp.core import ids


def test_ids_of_one_process_rise_within_a_millisecond(monkeypatch):
    monkeypatch.setattr(ids, "newest", 0)  # given back at the end, lest other tests live in the future
    monkeypatch.setattr(time, "time_ns", lambda: 1_900_000_000_000_000_000)
    made = [ids.new_id() for _ in range(1000)]
    assert made == sorted(set(made))


def test_ids_rise_when_the_clock_goes_back(monkeypatch):
    before = ids.new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 1_500_000_000_000_000_000)
    assert ids.new_id() > before


def test_threads_never_draw_the_same():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new_id(), range(4000)))
    assert len(set(made)) == 4000 and all(map(ids.is_id, made))


def test_ids_tell_when_they_were_made():
    before = ids.encode(time.time_ns() // 1_000_000 - 1, 10)
    assert before <= ids.new_id()[:10]

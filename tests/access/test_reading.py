"""Who only reads writes nothing, so that no page waits for a lock that another process holds."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.access.audited import RECORDED
from tests.access.routes import CALLS, PAGES
from tests.access.test_pages_and_calls import address

COUNTED = {"/shared/<str:code>/", "/shared/<str:code>/report.html"}  # how often a link was opened
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "SAVEPOINT")  # the last of what would be a transaction outside of a test
READS = [name for name, route in {**PAGES, **CALLS}.items() if route.method == "get" and name not in RECORDED and name not in COUNTED]


@pytest.mark.parametrize("name", READS)
def test_who_only_reads_writes_nothing(name, sides, browser_of, token_of):
    route = {**PAGES, **CALLS}[name]
    token = token_of("owner", "read") if " " in name else ""
    client = browser_of("nobody" if token else "owner")
    where, headers = address(name, route, sides["own"]), {"Authorization": f"Bearer {token}"} if token else {}
    client.get(where, headers=headers)  # when token and session were last used stands there now
    with CaptureQueriesContext(connection) as asked:
        client.get(where, headers=headers)
    assert [query["sql"] for query in asked if query["sql"].lstrip().upper().startswith(WRITES)] == []

"""Tickets for sockets, and the catalogue of models."""

from __future__ import annotations

import pytest

from webapp.accounts.actions import use_ticket


def test_a_ticket_is_good_once(call):
    ticket = call("POST", "/tickets", {}).body["ticket"]
    assert use_ticket(ticket).user.username == "owner" and use_ticket(ticket) is None


def test_a_read_token_may_have_a_ticket(call):
    assert use_ticket(call("POST", "/tickets", {}, by="reader").body["ticket"]).scope == "read"


@pytest.mark.parametrize("body", ["", "{}", "null"])
def test_a_ticket_needs_no_body(body, call):
    assert call("POST", "/tickets", body).status == 201


def test_the_catalogue_lists_each_model_with_its_parameters(call):
    items = call("GET", "/models").body["items"]
    assert len(items) >= 80 and all(item["parameters"] > 0 for item in items)

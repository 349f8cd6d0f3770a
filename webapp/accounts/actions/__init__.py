"""Every write to accounts: people, teams, invitations, passwords, sessions, tokens, tickets, and the first owner."""

from __future__ import annotations

from webapp.accounts.actions.invitations import invite, join, join_as_new, revoke_invitation
from webapp.accounts.actions.members import change_role, create_team, leave_team, remove_member, rename_team, still_may
from webapp.accounts.actions.people import change_password, create_user, end_other_sessions, end_session, set_email, set_password
from webapp.accounts.actions.resets import mailed_reset_link, make_reset_link, open_reset_link, printed_reset_link, reset_password
from webapp.accounts.actions.setup import create_owner, setup_code, setup_file, setup_open
from webapp.accounts.actions.tokens import (
    create_token,
    issue_ticket,
    living_tokens,
    revoke_token,
    ticket_actor,
    token_actor,
    token_user,
    use_ticket,
)
from webapp.accounts.digests import digest

__all__ = [
    "change_password",
    "change_role",
    "create_owner",
    "create_team",
    "create_token",
    "create_user",
    "digest",
    "end_other_sessions",
    "end_session",
    "invite",
    "issue_ticket",
    "join",
    "join_as_new",
    "leave_team",
    "living_tokens",
    "mailed_reset_link",
    "make_reset_link",
    "open_reset_link",
    "printed_reset_link",
    "remove_member",
    "rename_team",
    "reset_password",
    "revoke_invitation",
    "revoke_token",
    "set_email",
    "set_password",
    "setup_code",
    "setup_file",
    "setup_open",
    "still_may",
    "ticket_actor",
    "token_actor",
    "token_user",
    "use_ticket",
]

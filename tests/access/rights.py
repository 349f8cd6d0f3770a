"""Who may do what, as the product promises it: written by hand, apart from the table that the code reads."""

from __future__ import annotations

from typing import NamedTuple


class Right(NamedTuple):
    """The roles that may, by letter (O owner, E editor, V viewer), and the least scope of a token that may ("" for none)."""

    roles: str
    token: str = ""
    hidden: bool = False  # members who may not get 404 in place of 403


DATASET_READ = Right("OEV", "read")
DATASET_EDIT = Right("OE", "write")
DATASET_DELETE = Right("O", "write")
JOB_READ = Right("OEV", "read")
JOB_EDIT = Right("OE", "write")
EXPERIMENT_READ = Right("OEV", "read")
EXPERIMENT_CREATE = Right("OE", "write")
MODEL_DOWNLOAD = Right("OEV", "read")
CLASSIFY = Right("OEV", "write")
REPORT_READ = Right("OEV", "read")
REPORT_EDIT = Right("OE", "write")
REPORT_COMMENT = Right("OEV", "write")
TRASH = Right("OE", "read")
PURGE = Right("O", "write")
TEAM = Right("O", hidden=True)
OWN = Right("OEV")  # one's own account, whatever the role
ANYBODY = Right("OEVXA")  # open without a login
LINK = Right("OEVXA", "read")  # open to whoever has the code, and about nothing else

ROLES = {"owner": "O", "editor": "E", "viewer": "V"}


def may_session(right: Right, role: str) -> bool:
    """Whether a signed-in member of that role may."""
    return ROLES[role] in right.roles


def may_token(right: Right, role: str, scope: str) -> bool:
    """Whether a token of that scope of a member of that role may: never more than its owner."""
    return right.token != "" and may_session(right, role) and (scope == "write" or right.token == "read")

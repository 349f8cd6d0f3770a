"""Pages of accounts: signing in, one's own account, the team, invitations, lost passwords, the audit log."""

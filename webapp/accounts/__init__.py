"""Users, teams, roles, permissions, tokens."""

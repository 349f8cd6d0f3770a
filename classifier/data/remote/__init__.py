"""Archives that lie on other servers: which of them are asked, and how one is downloaded."""

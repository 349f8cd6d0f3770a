"""Commands that need every app: up, demo."""

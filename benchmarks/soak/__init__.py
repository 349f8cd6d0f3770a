"""Random faults thrown at random jobs of a real house, and what must hold at the end."""

"""Which validation images excite a filter of a network the most, on the page of its layers."""

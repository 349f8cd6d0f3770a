"""The images of an evaluation: which of them, in which order, what was said of each, and what is changed of them in the draft."""

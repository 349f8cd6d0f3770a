"""A training that was done again on a later version, beside the one before: on the test images of both, by the labels of the later."""

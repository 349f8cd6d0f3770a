"""The networks that were measured on one dataset version's test split, the best first.

One version at a time: what was measured on other images is no rank of these. A network that learnt from some of them, as one that was
trained on another version of the dataset may have, is shown and has no rank.
"""

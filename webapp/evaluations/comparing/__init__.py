"""Two to twenty experiments beside each other: what differs in how they were made, in what they cost and in what they get right.

What two networks did on the same images is asked of their stored predictions, joined by position: a position is the same image in
every version of a dataset, so that also runs on different versions meet on the images that both judged.
"""

"""The confusion matrix to work with: classes in several orders and groups, what is mixed up most, and the images of any part of it."""

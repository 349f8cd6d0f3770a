"""Why a network said what it said of one image of an evaluation: maps over the image, another class, another network beside it."""

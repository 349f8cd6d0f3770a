"""Where an evaluation's images lie in the network's own space: the map, what is chosen on it, and the nearest training images."""

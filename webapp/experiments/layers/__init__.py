"""What is inside of a trained network: every layer's weights and activations on one image, and what a filter looks for."""

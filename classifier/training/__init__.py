"""Training: one loop for every device, checkpoints that survive a kill, and the measurements behind both."""

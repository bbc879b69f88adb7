"""Training: data, the one loop, checkpoints, and what is trained with them."""

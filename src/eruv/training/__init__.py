"""One trainer for pre-training and fine-tuning, with its settings, loaders and checkpoints."""

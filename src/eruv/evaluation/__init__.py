"""What a trained encoder is worth: relations, retrieval."""

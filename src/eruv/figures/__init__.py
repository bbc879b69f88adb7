"""The paper's figures, drawn from runs and videos: embeddings (Fig. 5) and attention (Fig. 6)."""

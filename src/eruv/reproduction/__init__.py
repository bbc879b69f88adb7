"""The paper's tables and figures as runs, with measured values beside the published ones."""

"""Built-in films: moving figures over photographs, rendered at first use, every cut known."""

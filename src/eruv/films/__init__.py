"""Built-in films: moving figures over photographs, with every cut known."""

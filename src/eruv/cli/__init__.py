"""The command line: `cli/main.py` has the table of commands, every command a file of its own."""

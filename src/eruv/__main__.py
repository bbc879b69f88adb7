"""`python -m eruv` is the command `eruv`."""

from eruv.cli.main import main

if __name__ == "__main__":
    main()

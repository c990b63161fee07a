"""``python -m algattn`` is the command line."""

from algattn.cli import main

if __name__ == "__main__":
    main()

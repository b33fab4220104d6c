"""So that ``python -m assay`` is the command."""

from assay.commands import main

if __name__ == "__main__":
    main()

"""How fast a large file goes up and comes down, and what memory that takes."""

"""Models as things one can find and cite."""

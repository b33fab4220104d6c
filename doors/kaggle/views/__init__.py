"""Views of the Kaggle door."""

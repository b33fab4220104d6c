"""The two open models that the example competitions start from."""

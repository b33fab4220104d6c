"""The part of the Hugging Face Hub's API that its own clients need here.

``HF_ENDPOINT=<address>/hub`` points ``hf``, ``huggingface_hub``, ``transformers``,
``peft`` and ``datasets`` at this door. What may be seen and fetched is decided by the
same selectors as everywhere.
"""

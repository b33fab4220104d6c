"""What need not be sent of a fine-tune, by four ways to cut files."""

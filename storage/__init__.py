"""Content-addressed blobs and resumable uploads."""

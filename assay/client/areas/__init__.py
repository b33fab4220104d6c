"""What the client can do, one module an area of the API."""

"""Django helpers without a business word in them."""

"""What goes over the wire: one module an area; requests refuse unknown fields."""

"""Administrative commands that concern the whole house."""

"""Servers that play the outside services behind the same URLs; the product cannot tell."""

"""Keeps reports fresh from the servers of other systems."""

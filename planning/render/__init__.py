"""Draws results for people outside the site: standalone pages and pictures."""

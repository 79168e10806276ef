"""The roof: the site itself."""

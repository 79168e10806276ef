"""The ground: places and maps."""

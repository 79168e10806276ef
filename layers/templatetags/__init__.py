"""Template tags of layers."""

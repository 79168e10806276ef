"""Planners' questions and their answers."""

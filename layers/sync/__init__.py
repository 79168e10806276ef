"""Keeps data sets fresh from other servers and folders, as files of sources say.

Faces call `runs.run`. It reads a source (`schedule`), lets its kind (`kinds`) bring what is new,
and records what came, what changed and what vanished. Clients of other servers go through
`client`, which reaches no address inside the city's own network unless that was allowed.
"""

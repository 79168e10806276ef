"""Pages for people: the citizen's and the crew's."""

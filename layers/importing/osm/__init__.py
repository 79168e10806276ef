"""OpenStreetMap's ``.osm.pbf``: streets, areas, addresses, points of interest and assets.

`tags` says what the words of its mappers mean, `extract` reads a file once into columns beside it,
`importing` stores them.
"""

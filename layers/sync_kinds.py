"""The kinds of sources that bring places."""

from layers.sync.files import read_folder
from layers.sync.kinds import register
from layers.sync.servers import read_collection, read_feature_server

register("featureserver", read_feature_server)
register("ogc-features", read_collection)
register("folder", read_folder)

"""Pictures and measurements on a grid: GeoTIFF in, Cloud-Optimised GeoTIFF out."""

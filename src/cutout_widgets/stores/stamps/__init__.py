"""Stamp files: many triplets in one file, as Parquet or zarr."""

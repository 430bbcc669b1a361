"""Catalogues in HATS: Parquet files by HEALPix pixel, as LSDB writes and reads them."""

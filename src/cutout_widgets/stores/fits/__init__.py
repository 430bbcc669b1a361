"""FITS files: exposures, stamps, indexes of them."""

"""`Explorer`: a grid with a scatter, a map of detectors and a light curve, brushed together."""
